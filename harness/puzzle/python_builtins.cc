#include "harness/puzzle/python_builtins.h"

#include <algorithm>
#include <cctype>

namespace assay::puzzle::python {
namespace {

Error type_error() { return invalid("TypeError: operand types outside the subset"); }
Error overflow() { return invalid("OverflowError: an integer beyond 64 bits"); }

std::optional<std::int64_t> arithmetic(Op op, std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  switch (op) {
    case Op::add: return __builtin_add_overflow(a, b, &out) ? std::nullopt : std::optional(out);
    case Op::subtract: return __builtin_sub_overflow(a, b, &out) ? std::nullopt : std::optional(out);
    case Op::multiply: return __builtin_mul_overflow(a, b, &out) ? std::nullopt : std::optional(out);
    default: break;
  }
  if (b == -1) {  // INT64_MIN / -1 overflows
    if (op == Op::modulo) return 0;
    return __builtin_sub_overflow(std::int64_t{0}, a, &out) ? std::nullopt : std::optional(out);
  }
  // C++ truncates towards zero, Python rounds down and its remainder has the divisor's sign.
  const std::int64_t rest = a % b;
  const bool down = rest != 0 && (rest < 0) != (b < 0);
  return op == Op::modulo ? (down ? rest + b : rest) : a / b - (down ? 1 : 0);
}

Result<bool> less(const Value& a, const Value& b) {
  if (a.integer() && b.integer()) return *a.integer() < *b.integer();
  if (a.text() && b.text()) return *a.text() < *b.text();
  return type_error();
}

Result<Value> compare(Op op, const Value& a, const Value& b) {
  if (op == Op::eq || op == Op::ne) return Value::truth(equal(a, b) == (op == Op::eq));
  const bool mirrored = op == Op::gt || op == Op::le;
  const auto smaller = mirrored ? less(b, a) : less(a, b);
  if (!smaller) return smaller.error();
  const bool negated = op == Op::le || op == Op::ge;
  return Value::truth(*smaller != negated);
}

Result<Value> contains(const Value& needle, const Value& hay) {
  if (const List* items = hay.list()) {
    return Value::truth(std::any_of(items->begin(), items->end(), [&](const Value& v) { return equal(v, needle); }));
  }
  if (needle.text() && hay.text()) return Value::truth(hay.text()->find(*needle.text()) != std::string::npos);
  return type_error();
}

Result<std::size_t> checked_index(std::int64_t index, std::size_t size) {
  const auto n = static_cast<std::int64_t>(size);
  if (index < 0) index += n;
  if (index < 0 || index >= n) return invalid("IndexError: index out of range");
  return static_cast<std::size_t>(index);
}

Result<Value> extreme(const List& items, bool largest) {
  if (items.empty()) return invalid("ValueError: max() or min() of an empty list");
  const Value* best = &items[0];
  for (const Value& v : items) {
    const auto better = largest ? less(*best, v) : less(v, *best);
    if (!better) return better.error();
    if (*better) best = &v;
  }
  return *best;
}

Result<Value> sorted(const List& items) {
  for (const Value& v : items) {  // a mixed list cannot be ordered
    if (v.is.index() != items[0].is.index() || (!v.integer() && !v.text())) return type_error();
  }
  List copy = items;
  std::stable_sort(copy.begin(), copy.end(), [](const Value& a, const Value& b) { return *less(a, b); });
  return Value::of(std::move(copy));
}

Result<Value> sum(const List& items) {
  Value total = Value::of(0);
  for (const Value& v : items) {
    auto next = apply(Op::add, total, v);
    if (!next) return next;
    total = *std::move(next);
  }
  return total;
}

Result<Value> items_of(const Value& object) {
  List out;
  while (true) {
    auto item = item_of(object, out.size());
    if (!item) return item.error();
    if (!*item) return Value::of(std::move(out));
    out.push_back(**std::move(item));
  }
}

constexpr std::int64_t kLongestRange = 10000;

Result<Value> range(std::span<const Value> arguments) {
  std::int64_t bounds[3] = {0, 0, 1};
  for (std::size_t i = 0; i < arguments.size() && i < 3; ++i) {
    if (!arguments[i].integer()) return type_error();
    bounds[arguments.size() == 1 ? 1 : i] = *arguments[i].integer();
  }
  if (bounds[2] == 0) return invalid("ValueError: a step of 0");
  List out;
  for (std::int64_t i = bounds[0]; bounds[2] > 0 ? i < bounds[1] : i > bounds[1];) {
    if (out.size() >= kLongestRange) return Error{Code::exhausted, "range: too long"};
    out.push_back(Value::of(i));
    if (__builtin_add_overflow(i, bounds[2], &i)) break;
  }
  return Value::of(std::move(out));
}

std::int64_t count_text(const std::string& hay, const std::string& needle) {
  if (needle.empty()) return static_cast<std::int64_t>(hay.size()) + 1;
  std::int64_t n = 0;
  for (std::size_t at = hay.find(needle); at != std::string::npos; at = hay.find(needle, at + needle.size())) ++n;
  return n;
}

Result<Value> text_method(std::string_view method, const std::string& text, std::span<const Value> arguments) {
  if (method == "upper" || method == "lower") {
    std::string out = text;
    for (char& c : out) {
      if (method == "upper" && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
      else if (method == "lower" && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return Value::of(std::move(out));
  }
  if (method == "count" && arguments.size() == 1 && arguments[0].text()) {
    return Value::of(count_text(text, *arguments[0].text()));
  }
  if (method == "replace" && arguments.size() == 2 && arguments[0].text() && arguments[1].text() &&
      !arguments[0].text()->empty()) {
    const std::string& from = *arguments[0].text();
    std::string out = text;
    const std::string& to = *arguments[1].text();
    for (std::size_t at = out.find(from); at != std::string::npos; at = out.find(from, at + to.size())) {
      out.replace(at, from.size(), to);
    }
    return Value::of(std::move(out));
  }
  const List* parts = method == "join" && arguments.size() == 1 ? arguments[0].list() : nullptr;
  if (parts == nullptr) return type_error();
  std::string out;
  for (std::size_t i = 0; i < parts->size(); ++i) {
    if (!(*parts)[i].text()) return type_error();
    out += (i > 0 ? text : "") + *(*parts)[i].text();
  }
  return Value::of(std::move(out));
}

}  // namespace

Result<Value> apply(Op op, const Value& a, const Value& b) {
  if (op == Op::in) return contains(a, b);
  if (op >= Op::eq) return compare(op, a, b);
  if (a.integer() && b.integer()) {
    if ((op == Op::floor_divide || op == Op::modulo) && *b.integer() == 0) return invalid("ZeroDivisionError");
    const auto value = arithmetic(op, *a.integer(), *b.integer());
    return value ? Result<Value>(Value::of(*value)) : overflow();
  }
  if (op == Op::add && a.text() && b.text()) return Value::of(*a.text() + *b.text());
  if (op == Op::add && a.list() && b.list()) {
    List out = *a.list();
    out.insert(out.end(), b.list()->begin(), b.list()->end());
    return Value::of(std::move(out));
  }
  if (op == Op::multiply && a.text() && b.integer()) {
    if (*b.integer() > 1000) return Error{Code::exhausted, "a string too long"};
    std::string out;
    for (std::int64_t i = 0; i < *b.integer(); ++i) out += *a.text();
    return Value::of(std::move(out));
  }
  return type_error();
}

Result<Value> negate(const Value& value) {
  return value.integer() ? apply(Op::subtract, Value::of(0), value) : Result<Value>(type_error());
}

Result<Value> call(std::string_view function, std::span<const Value> arguments) {
  if (function == "range") return range(arguments);
  if (function == "max" || function == "min") {
    if (arguments.size() == 1 && !arguments[0].list()) return type_error();
    if (arguments.size() == 1) return extreme(*arguments[0].list(), function == "max");
    return extreme(List(arguments.begin(), arguments.end()), function == "max");
  }
  if (arguments.size() != 1) return type_error();
  const Value& only = arguments[0];
  if (function == "str") return only.text() ? only : Value::of(repr(only));
  if (function == "abs" && only.integer()) return *only.integer() < 0 ? negate(only) : Result<Value>(only);
  if (function == "len" && only.text()) return Value::of(static_cast<std::int64_t>(only.text()->size()));
  if (function == "len" && only.list()) return Value::of(static_cast<std::int64_t>(only.list()->size()));
  if (function == "sum" && only.list()) return sum(*only.list());
  if (function == "list" || function == "sorted") {
    auto items = items_of(only);
    return items && function == "sorted" ? sorted(*items->list()) : items;
  }
  return type_error();
}

Result<Value> call_method(std::string_view method, const Value& object, std::span<const Value> arguments) {
  if (object.text()) return text_method(method, *object.text(), arguments);
  const List* items = object.list();
  if (items == nullptr || method != "count" || arguments.size() != 1) return type_error();
  return Value::of(static_cast<std::int64_t>(std::count_if(
      items->begin(), items->end(), [&](const Value& v) { return equal(v, arguments[0]); })));
}

Result<Value> item_at(const Value& object, const Value& index) {
  if (!index.integer() || (!object.text() && !object.list())) return type_error();
  const std::size_t size = object.text() ? object.text()->size() : object.list()->size();
  const auto at = checked_index(*index.integer(), size);
  if (!at) return at.error();
  return object.text() ? Value::of(std::string(1, (*object.text())[*at])) : (*object.list())[*at];
}

Result<void> set_item(const Value& object, const Value& index, Value value) {
  if (!object.list() || !index.integer() || value.list()) return type_error();
  const auto at = checked_index(*index.integer(), object.list()->size());
  if (!at) return at.error();
  (*object.list())[*at] = std::move(value);
  return {};
}

// Python's rule: bounds from the end, then clamped to what the step's direction can reach.
Result<Value> slice(const Value& object, std::optional<std::int64_t> start, std::optional<std::int64_t> stop,
                    std::optional<std::int64_t> step) {
  if (!object.text() && !object.list()) return type_error();
  const auto size = static_cast<std::int64_t>(object.text() ? object.text()->size() : object.list()->size());
  if (step == 0) return invalid("ValueError: a slice step of 0");
  const std::int64_t by = std::clamp(step.value_or(1), -size - 1, size + 1);  // a longer step reaches no more
  const std::int64_t low = by > 0 ? 0 : -1;
  const std::int64_t high = by > 0 ? size : size - 1;
  const auto clamp = [&](std::optional<std::int64_t> bound, std::int64_t otherwise) {
    if (!bound) return otherwise;
    return std::clamp(*bound < 0 ? *bound + size : *bound, low, high);
  };
  const std::int64_t end = clamp(stop, by > 0 ? high : low);
  std::string text;
  List items;
  for (std::int64_t i = clamp(start, by > 0 ? low : high); by > 0 ? i < end : i > end; i += by) {
    if (object.text()) text += (*object.text())[static_cast<std::size_t>(i)];
    else items.push_back((*object.list())[static_cast<std::size_t>(i)]);
  }
  return object.text() ? Value::of(std::move(text)) : Value::of(std::move(items));
}

Result<std::optional<Value>> item_of(const Value& object, std::size_t i) {
  if (const auto* text = object.text()) {
    return i < text->size() ? std::optional(Value::of(std::string(1, (*text)[i]))) : std::optional<Value>();
  }
  const List* items = object.list();
  if (items == nullptr) return type_error();
  return i < items->size() ? std::optional((*items)[i]) : std::optional<Value>();
}

}  // namespace assay::puzzle::python
