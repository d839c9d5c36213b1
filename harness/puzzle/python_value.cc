#include <algorithm>

#include "harness/base/format.h"
#include "harness/puzzle/python.h"

namespace assay::puzzle::python {
namespace {

std::string repr_text(const std::string& text) {
  const bool has_single = text.find('\'') != std::string::npos;
  const char quote = has_single && text.find('"') == std::string::npos ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == quote || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (byte < 0x20 || byte >= 0x7F) {
      out += format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out + quote;
}

// Booleans are the integers 0 and 1 wherever numbers are compared.
const std::int64_t* number(const Value& value, std::int64_t& store) {
  if (const bool* b = std::get_if<bool>(&value.is)) {
    store = *b ? 1 : 0;
    return &store;
  }
  return value.integer();
}

}  // namespace

std::string repr(const Value& value) {
  if (const bool* b = std::get_if<bool>(&value.is)) return *b ? "True" : "False";
  if (const auto* n = value.integer()) return std::to_string(*n);
  if (const auto* s = value.text()) return repr_text(*s);
  const List* items = value.list();
  if (items == nullptr) return "None";
  std::string out = "[";
  for (std::size_t i = 0; i < items->size(); ++i) {
    if (i > 0) out += ", ";
    out += repr((*items)[i]);
  }
  return out + "]";
}

bool equal(const Value& a, const Value& b) {
  std::int64_t store_a = 0;
  std::int64_t store_b = 0;
  const std::int64_t* number_a = number(a, store_a);
  const std::int64_t* number_b = number(b, store_b);
  if (number_a && number_b) return *number_a == *number_b;
  const List* items_a = a.list();
  const List* items_b = b.list();
  if (items_a && items_b) return std::equal(items_a->begin(), items_a->end(), items_b->begin(), items_b->end(), equal);
  if (a.text() && b.text()) return *a.text() == *b.text();
  return a.is.index() == 0 && b.is.index() == 0;
}

bool truthy(const Value& value) {
  if (const bool* b = std::get_if<bool>(&value.is)) return *b;
  if (const auto* n = value.integer()) return *n != 0;
  if (const auto* s = value.text()) return !s->empty();
  const List* items = value.list();
  return items != nullptr && !items->empty();
}

Value deep_copy(const Value& value) {
  const List* items = value.list();
  if (items == nullptr) return value;
  List copy;
  for (const Value& item : *items) copy.push_back(deep_copy(item));
  return Value::of(std::move(copy));
}

}  // namespace assay::puzzle::python
