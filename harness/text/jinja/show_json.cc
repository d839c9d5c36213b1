// json.dumps, and the way in: JSON to values.
#include <algorithm>
#include <limits>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/text/jinja/limits.h"
#include "harness/text/jinja/show.h"

namespace assay::jinja {
namespace {

std::string real_json(double value) {
  const std::string text = real_text(value);
  if (text == "nan") return "NaN";
  if (text == "inf") return "Infinity";
  return text == "-inf" ? "-Infinity" : text;
}

class Writer {
 public:
  Writer(Machine& machine, const JsonStyle& style) : machine_(machine), style_(style) {}

  void write(const Value& value, std::size_t level) {
    if (!machine_.charge(1)) return;
    if (out_.size() > kMaxTextBytes) {
      machine_.fail(format("a string grows beyond {} bytes", kMaxTextBytes));
      return;
    }
    switch (value.kind()) {
      case Kind::none:
        out_ += "null";
        break;
      case Kind::boolean:
        out_ += value.boolean() ? "true" : "false";
        break;
      case Kind::integer:
        out_ += format("{}", value.integer());
        break;
      case Kind::real:
        out_ += real_json(value.real());
        break;
      case Kind::string:
        string(value.text());
        break;
      case Kind::list:
      case Kind::tuple:
        array(value.items(), level);
        break;
      case Kind::dict:
        object(value.dict(), level);
        break;
      case Kind::undefined:
        machine_.fail(format("tojson: {}", value.what()));
        break;
      default:
        machine_.fail(format("a value of type {} cannot be written as JSON", name(value.kind())));
    }
  }
  std::string take() { return std::move(out_); }

 private:
  void line(std::size_t level) {
    if (!style_.pretty) return;
    out_ += '\n';
    for (std::size_t i = 0; i < level; ++i) out_ += style_.indent;
  }

  void array(const List& items, std::size_t level) {
    if (items.empty()) {
      out_ += "[]";
      return;
    }
    out_ += '[';
    for (std::size_t i = 0; i < items.size() && !machine_.failed(); ++i) {
      if (i > 0) out_ += style_.item_separator;
      line(level + 1);
      write(items[i], level + 1);
    }
    line(level);
    out_ += ']';
  }

  void object(const Dict& dict, std::size_t level) {
    if (dict.empty()) {
      out_ += "{}";
      return;
    }
    std::vector<const std::pair<Value, Value>*> order;
    for (const auto& item : dict) order.push_back(&item);
    if (style_.sort_keys) {
      std::stable_sort(order.begin(), order.end(),
                       [&](const auto* a, const auto* b) { return key(*a) < key(*b); });
    }
    out_ += '{';
    for (std::size_t i = 0; i < order.size() && !machine_.failed(); ++i) {
      if (i > 0) out_ += style_.item_separator;
      line(level + 1);
      string(key(*order[i]));
      out_ += style_.key_separator;
      write(order[i]->second, level + 1);
    }
    line(level);
    out_ += '}';
  }

  std::string key(const std::pair<Value, Value>& item) {
    const Value& key = item.first;
    if (key.is(Kind::string)) return key.text();
    if (key.is(Kind::none)) return "null";
    if (key.is(Kind::boolean)) return key.boolean() ? "true" : "false";
    if (key.is(Kind::integer)) return format("{}", key.integer());
    if (key.is(Kind::real)) return real_json(key.real());
    machine_.fail("tojson: a key is no string, number, truth value or none");
    return {};
  }

  void string(std::string_view text) {
    out_ += '"';
    for (std::size_t i = 0; i < text.size();) {
      const CodePoint p = decode_utf8(text, i);
      character(p.value, text.substr(i, p.size));
      i += p.size;
    }
    out_ += '"';
  }

  void character(char32_t c, std::string_view bytes) {
    switch (c) {
      case U'"':
        out_ += "\\\"";
        return;
      case U'\\':
        out_ += "\\\\";
        return;
      case U'\n':
        out_ += "\\n";
        return;
      case U'\r':
        out_ += "\\r";
        return;
      case U'\t':
        out_ += "\\t";
        return;
      case U'\b':
        out_ += "\\b";
        return;
      case U'\f':
        out_ += "\\f";
        return;
      default:
        break;
    }
    const auto unit = [&](std::uint32_t value) { out_ += format("\\u{:04x}", value); };
    const auto code = static_cast<std::uint32_t>(c);
    if (code < 0x20 || (style_.ascii_only && code >= 0x7F && code < 0x10000)) {
      if (code == 0x7F)
        out_ += bytes;
      else
        unit(code);
    } else if (style_.ascii_only && code >= 0x10000) {
      unit(0xD800 + ((code - 0x10000) >> 10));
      unit(0xDC00 + ((code - 0x10000) & 0x3FF));
    } else {
      out_ += bytes;
    }
  }

  Machine& machine_;
  const JsonStyle& style_;
  std::string out_;
};

Value convert(Machine& machine, const OrderedJson& json, std::uint32_t depth) {
  if (depth > kMaxValueDepth)
    return machine.fail(format("a value is nested deeper than {} levels", kMaxValueDepth));
  switch (json.type()) {
    case OrderedJson::value_t::null:
      return Value::none();
    case OrderedJson::value_t::boolean:
      return Value::boolean(json.get<bool>());
    case OrderedJson::value_t::number_integer:
      return Value::integer(json.get<std::int64_t>());
    case OrderedJson::value_t::number_unsigned: {
      const auto value = json.get<std::uint64_t>();
      if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return machine.fail(format("the integer {} does not fit in 64 bits", value));
      }
      return Value::integer(static_cast<std::int64_t>(value));
    }
    case OrderedJson::value_t::number_float:
      return Value::real(json.get<double>());
    case OrderedJson::value_t::string:
      return Value::string(repair_utf8(json.get_ref<const std::string&>()));
    case OrderedJson::value_t::array: {
      List items;
      for (const OrderedJson& item : json) items.push_back(convert(machine, item, depth + 1));
      return machine.list(std::move(items));
    }
    case OrderedJson::value_t::object: {
      Dict items;
      for (const auto& item : json.items()) {
        items.emplace_back(Value::string(repair_utf8(item.key())), convert(machine, item.value(), depth + 1));
      }
      return machine.dict(std::move(items));
    }
    default:
      return machine.fail("a variable holds a value that JSON has no word for");
  }
}

}  // namespace

std::string to_json(Machine& machine, const Value& value, const JsonStyle& style) {
  Writer writer(machine, style);
  writer.write(value, 0);
  return writer.take();
}

Value from_json(Machine& machine, const OrderedJson& json) { return convert(machine, json, 1); }

}  // namespace assay::jinja
