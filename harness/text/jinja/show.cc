#include "harness/text/jinja/show.h"

#include <array>
#include <charconv>
#include <cmath>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/text/jinja/limits.h"

namespace assay::jinja {
namespace {

void append_repr(Machine& machine, const Value& value, std::string& out);

void append_items(Machine& machine, const List& items, std::string& out) {
  for (std::size_t i = 0; i < items.size() && !machine.failed(); ++i) {
    if (i > 0) out += ", ";
    append_repr(machine, items[i], out);
  }
}

void append_repr(Machine& machine, const Value& value, std::string& out) {
  if (!machine.charge(1)) return;
  if (out.size() > kMaxTextBytes) {
    machine.fail(format("a string grows beyond {} bytes", kMaxTextBytes));
    return;
  }
  switch (value.kind()) {
    case Kind::string:
      out += repr_of_text(value.text());
      break;
    case Kind::undefined:
      out += "Undefined";
      break;
    case Kind::list:
      out += '[';
      append_items(machine, value.items(), out);
      out += ']';
      break;
    case Kind::tuple:
      out += '(';
      append_items(machine, value.items(), out);
      out += value.items().size() == 1 ? ",)" : ")";
      break;
    case Kind::dict: {
      out += '{';
      bool first = true;
      for (const auto& [key, item] : value.dict()) {
        if (machine.failed()) return;
        if (!first) out += ", ";
        first = false;
        append_repr(machine, key, out);
        out += ": ";
        append_repr(machine, item, out);
      }
      out += '}';
      break;
    }
    default:
      out += show(machine, value);
  }
}

bool shown_escaped(char32_t c) { return c < 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0xAD; }

}  // namespace

std::string repr_of_text(std::string_view text) {
  const char quote = text.find('\'') != text.npos && text.find('"') == text.npos ? '"' : '\'';
  std::string out(1, quote);
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint p = decode_utf8(text, i);
    const char32_t c = p.value;
    if (c == U'\n')
      out += "\\n";
    else if (c == U'\r')
      out += "\\r";
    else if (c == U'\t')
      out += "\\t";
    else if (c == U'\\' || c == static_cast<char32_t>(quote))
      (out += '\\') += static_cast<char>(c);
    else if (shown_escaped(c))
      out += format("\\x{:02x}", static_cast<unsigned>(c));
    else
      out += text.substr(i, p.size);
    i += p.size;
  }
  return out += quote;
}

// float.__repr__: the shortest digits that read back, with an exponent below 1e-4 and from 1e16 on.
std::string real_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::array<char, 64> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
  const std::string_view scientific(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const int exponent = std::atoi(std::string(scientific.substr(scientific.find('e') + 1)).c_str());
  if (exponent < -4 || exponent >= 16) return std::string(scientific);
  const auto fixed_end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed).ptr;
  std::string fixed(buffer.data(), fixed_end);
  if (fixed.find('.') == fixed.npos) fixed += ".0";
  return fixed;
}

std::string show(Machine& machine, const Value& value) {
  switch (value.kind()) {
    case Kind::undefined:
      return {};
    case Kind::none:
      return "None";
    case Kind::boolean:
      return value.boolean() ? "True" : "False";
    case Kind::integer:
      return format("{}", value.integer());
    case Kind::real:
      return real_text(value.real());
    case Kind::string:
      return value.text();
    case Kind::list:
    case Kind::tuple:
    case Kind::dict: {
      std::string out;
      append_repr(machine, value, out);
      return out;
    }
    default:
      machine.fail(format("a value of type {} cannot be shown as text", name(value.kind())));
      return {};
  }
}

}  // namespace assay::jinja
