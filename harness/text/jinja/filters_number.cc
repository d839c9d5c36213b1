// Filters about numbers, and default.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "harness/base/format.h"
#include "harness/text/jinja/characters.h"
#include "harness/text/jinja/operators.h"
#include "harness/text/jinja/tables.h"

namespace assay::jinja {
namespace {

// "1_000" is a number in Python, "_1" and "1__0" are not.
std::optional<std::string> without_underscores(std::string_view text) {
  std::string out;
  const auto digit = [&](std::size_t i) {
    return i < text.size() && std::isalnum(static_cast<unsigned char>(text[i])) != 0;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_')
      out += text[i];
    else if (i == 0 || !digit(i - 1) || !digit(i + 1))
      return std::nullopt;
  }
  return out;
}

std::optional<double> real_from(std::string_view text) {
  const auto plain = without_underscores(strip_left(strip_right(text)));
  if (!plain || plain->empty()) return std::nullopt;
  std::string_view digits = *plain;
  if (digits[0] == '+') digits.remove_prefix(1);
  if (digits.empty() || digits[0] == '+') return std::nullopt;
  double value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (read.ptr != digits.data() + digits.size() || read.ec != std::errc()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> integer_from(std::string_view text, int base) {
  const auto plain = without_underscores(strip_left(strip_right(text)));
  if (!plain) return std::nullopt;
  const std::string lowered = lower(*plain);
  std::string_view digits = lowered;
  const bool negative = digits.substr(0, 1) == "-";
  if (negative || digits.substr(0, 1) == "+") digits.remove_prefix(1);
  const std::string_view prefix = base == 16 ? "0x" : base == 8 ? "0o" : base == 2 ? "0b" : "no prefix";
  if (digits.substr(0, 2) == prefix) digits.remove_prefix(2);
  if (digits.empty() || digits[0] == '-') return std::nullopt;
  std::uint64_t size = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), size, base);
  if (read.ptr != digits.data() + digits.size() || read.ec != std::errc()) return std::nullopt;
  if (size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
  return negative ? -static_cast<std::int64_t>(size) : static_cast<std::int64_t>(size);
}

Value truncated(Machine& m, double value, const Value& otherwise) {
  if (!std::isfinite(value)) return otherwise;
  if (std::abs(value) >= 9.2e18) return m.fail("an integer does not fit in 64 bits");
  return Value::integer(static_cast<std::int64_t>(value));
}

Value to_int(Machine& m, const Value& self, const Bound& given) {
  const Value otherwise = given.has(0) ? given.at(0) : Value::integer(0);
  const std::int64_t base = given.integer(m, 1, 10);
  if (base != 2 && base != 8 && base != 10 && base != 16)
    return m.fail("int: the base must be 2, 8, 10 or 16");
  if (!self.is_defined()) return m.fail(self.what());
  if (self.is(Kind::real)) return truncated(m, self.real(), otherwise);
  if (self.is_number()) return Value::integer(self.integer());
  if (!self.is(Kind::string)) return otherwise;
  if (const auto whole = integer_from(self.text(), static_cast<int>(base))) return Value::integer(*whole);
  if (const auto real = real_from(self.text())) return truncated(m, *real, otherwise);
  return otherwise;
}

Value to_float(Machine& m, const Value& self, const Bound& given) {
  const Value otherwise = given.has(0) ? given.at(0) : Value::real(0);
  if (!self.is_defined()) return m.fail(self.what());
  if (self.is_number()) return Value::real(self.number());
  if (!self.is(Kind::string)) return otherwise;
  const auto real = real_from(self.text());
  return real ? Value::real(*real) : otherwise;
}

Value absolute(Machine& m, const Value& self, const Bound&) {
  if (!self.is_number())
    return m.fail(self.is_defined() ? format("abs needs a number, not {}", name(self.kind())) : self.what());
  if (self.is(Kind::real)) return Value::real(std::abs(self.real()));
  return self.integer() < 0 ? negate(m, self) : Value::integer(self.integer());
}

Value rounded(Machine& m, const Value& self, const Bound& given) {
  const std::int64_t digits = given.integer(m, 0, 0);
  const std::string_view method = given.text(m, 1, "common");
  if (!self.is_number())
    return m.fail(self.is_defined() ? format("round needs a number, not {}", name(self.kind()))
                                    : self.what());
  if (digits < 0 || digits > 300) return m.fail("round: the precision must be from 0 to 300");
  if (method == "common") {
    if (!self.is(Kind::real)) return Value::integer(self.integer());
    if (!std::isfinite(self.real())) return self;
    // As Python: the decimal that is nearest to the exact value.
    const std::string text = format("{:.{}f}", self.real(), digits);
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return Value::real(value);
  }
  if (method != "ceil" && method != "floor") return m.fail("round: the method must be common, ceil or floor");
  const double scale = std::pow(10.0, static_cast<double>(digits));
  const double scaled = self.number() * scale;
  return Value::real((method == "ceil" ? std::ceil(scaled) : std::floor(scaled)) / scale);
}

Value or_default(Machine&, const Value& self, const Bound& given) {
  const bool missing = !self.is_defined() || (given.truth(1, false) && !truth(self));
  if (!missing) return self;
  return given.has(0) ? given.at(0) : Value::string("");
}

constexpr Filter kFilters[] = {
    {"int", "default base", to_int},
    {"float", "default", to_float},
    {"abs", "", absolute},
    {"round", "precision method", rounded},
    {"default", "default_value boolean", or_default},
    {"d", "default_value boolean", or_default},
};

}  // namespace

std::span<const Filter> number_filters() { return kFilters; }

}  // namespace assay::jinja
