#include "harness/text/jinja/operators.h"

#include <cmath>

#include "harness/base/format.h"
#include "harness/text/jinja/access.h"
#include "harness/text/jinja/characters.h"
#include "harness/text/jinja/limits.h"

namespace assay::jinja {
namespace {

std::string_view sign(Operator op) {
  switch (op) {
    case Operator::add:
      return "+";
    case Operator::subtract:
      return "-";
    case Operator::multiply:
      return "*";
    case Operator::divide:
      return "/";
    case Operator::floor_divide:
      return "//";
    case Operator::modulo:
      return "%";
    case Operator::power:
      return "**";
    default:
      return "a comparison";
  }
}

Value refuse(Machine& machine, Operator op, const Value& a, const Value& b) {
  for (const Value* side : {&a, &b}) {
    if (!side->is_defined()) return machine.fail(side->what());
  }
  return machine.fail(format("{} does not work for {} and {}", sign(op), name(a.kind()), name(b.kind())));
}

Value too_large(Machine& machine) { return machine.fail("an integer does not fit in 64 bits"); }

// Of a string or a sequence; count is a number of any sign.
Value repeat(Machine& machine, const Value& what, std::int64_t count) {
  const std::size_t size = what.is(Kind::string) ? what.text().size() : what.items().size();
  if (count < 0 || size == 0) count = 0;
  const auto limit = what.is(Kind::string) ? kMaxTextBytes : static_cast<std::size_t>(kMaxSteps);
  if (size > 0 && static_cast<std::uint64_t>(count) > limit / size)
    return machine.fail("a repetition is too long");
  if (what.is(Kind::string)) {
    if (!machine.charge_text(size * static_cast<std::size_t>(count))) return {};
    std::string out;
    for (std::int64_t i = 0; i < count; ++i) out += what.text();
    return Value::string(std::move(out));
  }
  if (!machine.charge(size * static_cast<std::size_t>(count))) return {};
  List out;
  for (std::int64_t i = 0; i < count; ++i) out.insert(out.end(), what.items().begin(), what.items().end());
  return what.is(Kind::tuple) ? machine.tuple(std::move(out)) : machine.list(std::move(out));
}

Value join(Machine& machine, const Value& a, const Value& b) {
  if (a.is(Kind::string)) return machine.text(a.text() + b.text());
  List out = a.items();
  out.insert(out.end(), b.items().begin(), b.items().end());
  return a.is(Kind::tuple) ? machine.tuple(std::move(out)) : machine.list(std::move(out));
}

Value integer_power(Machine& machine, std::int64_t base, std::int64_t exponent) {
  if (exponent < 0) {
    if (base == 0) return machine.fail("zero to a negative power");
    return Value::real(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
  }
  if (base == 0 || base == 1) return Value::integer(exponent == 0 ? 1 : base);
  if (base == -1) return Value::integer(exponent % 2 == 0 ? 1 : -1);
  std::int64_t out = 1;
  for (std::int64_t i = 0; i < exponent; ++i) {
    if (__builtin_mul_overflow(out, base, &out)) return too_large(machine);
  }
  return Value::integer(out);
}

Value integer_arithmetic(Machine& machine, Operator op, std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  bool overflow = false;
  switch (op) {
    case Operator::add:
      overflow = __builtin_add_overflow(a, b, &out);
      break;
    case Operator::subtract:
      overflow = __builtin_sub_overflow(a, b, &out);
      break;
    case Operator::multiply:
      overflow = __builtin_mul_overflow(a, b, &out);
      break;
    case Operator::floor_divide:
    case Operator::modulo: {
      if (b == 0) return machine.fail("division by zero");
      if (b == -1) {  // the one quotient that may not fit
        if (op == Operator::modulo) return Value::integer(0);
        overflow = __builtin_sub_overflow(std::int64_t{0}, a, &out);
        break;
      }
      const bool down = a % b != 0 && (a < 0) != (b < 0);
      out = op == Operator::modulo ? a % b + (down ? b : 0) : a / b - (down ? 1 : 0);
      break;
    }
    default:
      return integer_power(machine, a, b);
  }
  return overflow ? too_large(machine) : Value::integer(out);
}

Value real_arithmetic(Machine& machine, Operator op, double a, double b) {
  const bool divides = op == Operator::divide || op == Operator::floor_divide || op == Operator::modulo;
  if (divides && b == 0) return machine.fail("division by zero");
  switch (op) {
    case Operator::add:
      return Value::real(a + b);
    case Operator::subtract:
      return Value::real(a - b);
    case Operator::multiply:
      return Value::real(a * b);
    case Operator::divide:
      return Value::real(a / b);
    case Operator::floor_divide:
      return Value::real(std::floor(a / b));
    case Operator::modulo: {
      const double rest = std::fmod(a, b);
      return Value::real(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
    }
    default:
      return Value::real(std::pow(a, b));
  }
}

bool equal_dicts(Machine& machine, const Dict& a, const Dict& b) {
  if (a.size() != b.size()) return false;
  for (const auto& [key, value] : a) {
    if (!machine.charge(1 + b.size() / 16)) return false;
    const Value* other = find(b, key);
    if (other == nullptr || !equal(machine, value, *other)) return false;
  }
  return true;
}

}  // namespace

bool truth(const Value& value) {
  switch (value.kind()) {
    case Kind::undefined:
    case Kind::none:
      return false;
    case Kind::boolean:
    case Kind::integer:
      return value.integer() != 0;
    case Kind::real:
      return value.real() != 0;
    case Kind::string:
      return !value.text().empty();
    case Kind::list:
      return value.lazy() || !value.items().empty();
    case Kind::tuple:
      return !value.items().empty();
    case Kind::dict:
      return !value.dict().empty();
    default:
      return true;
  }
}

bool equal(Machine& machine, const Value& a, const Value& b) {
  if (!machine.charge(1)) return false;
  if (a.is_number() && b.is_number()) {
    if (a.is(Kind::real) || b.is(Kind::real)) return a.number() == b.number();
    return a.integer() == b.integer();
  }
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::undefined:
    case Kind::none:
      return true;
    case Kind::string:
      return machine.charge(a.text().size() / 256) && a.text() == b.text();
    case Kind::list:
    case Kind::tuple: {
      if (a.items().size() != b.items().size()) return false;
      for (std::size_t i = 0; i < a.items().size(); ++i) {
        if (!equal(machine, a.items()[i], b.items()[i])) return false;
      }
      return true;
    }
    case Kind::dict:
      return equal_dicts(machine, a.dict(), b.dict());
    case Kind::name_space:
      return &a.name_space() == &b.name_space();
    case Kind::function:
      return &a.function() == &b.function();
    case Kind::macro:
      return a.macro() == b.macro();
    default:
      return false;
  }
}

bool less(Machine& machine, const Value& a, const Value& b) {
  if (!machine.charge(1)) return false;
  if (a.is_number() && b.is_number()) {
    if (a.is(Kind::real) || b.is(Kind::real)) return a.number() < b.number();
    return a.integer() < b.integer();
  }
  if (a.is(Kind::string) && b.is(Kind::string)) return a.text() < b.text();  // UTF-8 sorts as code points do
  if (a.is_sequence() && a.kind() == b.kind()) {
    for (std::size_t i = 0; i < a.items().size() && i < b.items().size(); ++i) {
      if (!equal(machine, a.items()[i], b.items()[i])) return less(machine, a.items()[i], b.items()[i]);
    }
    return a.items().size() < b.items().size();
  }
  refuse(machine, Operator::less, a, b);
  return false;
}

bool contains(Machine& machine, const Value& container, const Value& item) {
  switch (container.kind()) {
    case Kind::undefined:
      return false;
    case Kind::string:
      if (!item.is(Kind::string)) {
        machine.fail(format("'in' a string needs a string, not {}", name(item.kind())));
        return false;
      }
      return machine.charge_text(container.text().size()) &&
             find_text(container.text(), item.text()) != std::string_view::npos;
    case Kind::list:
    case Kind::tuple:
      for (const Value& each : container.items()) {
        if (machine.failed()) return false;
        if (equal(machine, each, item)) return true;
      }
      return false;
    case Kind::dict:
      return machine.charge(container.dict().size() / 16) && can_be_key(item) &&
             find(container.dict(), item) != nullptr;
    default:
      machine.fail(format("'in' does not work for {}", name(container.kind())));
      return false;
  }
}

bool compare(Machine& machine, Operator op, const Value& a, const Value& b) {
  switch (op) {
    case Operator::equal:
      return equal(machine, a, b);
    case Operator::not_equal:
      return !equal(machine, a, b);
    case Operator::less:
      return less(machine, a, b);
    case Operator::greater:
      return less(machine, b, a);
    case Operator::less_equal:
      return less(machine, a, b) || equal(machine, a, b);
    case Operator::greater_equal:
      return less(machine, b, a) || equal(machine, a, b);
    case Operator::in:
      return contains(machine, b, a);
    case Operator::not_in:
      return !contains(machine, b, a);
    default:
      return false;
  }
}

Value arithmetic(Machine& machine, Operator op, const Value& a, const Value& b) {
  if (machine.failed()) return {};
  if (a.is_number() && b.is_number()) {
    if (op == Operator::divide || a.is(Kind::real) || b.is(Kind::real)) {
      return real_arithmetic(machine, op, a.number(), b.number());
    }
    return integer_arithmetic(machine, op, a.integer(), b.integer());
  }
  const auto repeatable = [](const Value& v) { return v.is(Kind::string) || v.is_sequence(); };
  const auto whole = [](const Value& v) { return v.is(Kind::integer) || v.is(Kind::boolean); };
  if (op == Operator::add && a.kind() == b.kind() && repeatable(a)) return join(machine, a, b);
  if (op == Operator::multiply && repeatable(a) && whole(b)) return repeat(machine, a, b.integer());
  if (op == Operator::multiply && repeatable(b) && whole(a)) return repeat(machine, b, a.integer());
  return refuse(machine, op, a, b);
}

Value negate(Machine& machine, const Value& value) {
  if (value.is(Kind::real)) return Value::real(-value.real());
  if (value.is_number()) return integer_arithmetic(machine, Operator::subtract, 0, value.integer());
  return machine.fail(value.is_defined() ? format("- does not work for {}", name(value.kind()))
                                         : value.what());
}

std::int64_t length(Machine& machine, const Value& value) {
  switch (value.kind()) {
    case Kind::undefined:
      return 0;
    case Kind::string:
      return machine.charge_text(value.text().size())
                 ? static_cast<std::int64_t>(count_characters(value.text()))
                 : 0;
    case Kind::list:
    case Kind::tuple:
      return static_cast<std::int64_t>(value.items().size());
    case Kind::dict:
      return static_cast<std::int64_t>(value.dict().size());
    case Kind::loop:
      return static_cast<std::int64_t>(value.loop().items->size());
    default:
      machine.fail(format("a value of type {} has no length", name(value.kind())));
      return 0;
  }
}

}  // namespace assay::jinja
