#include "scorers/answer/decimal.h"

#include <algorithm>
#include <numeric>

#include "harness/base/format.h"

namespace assay::answer {
namespace {

constexpr std::int64_t kMaxExponent = 1'000'000'000;
constexpr std::int64_t kPlainDigits = 40;

// digits x 10^zeros as an integer; nullopt beyond 64 bits.
std::optional<std::uint64_t> whole_number(const std::string& digits, std::int64_t zeros) {
  if (zeros < 0 || zeros > 19) return std::nullopt;
  std::uint64_t value = 0;
  const auto push = [&value](std::uint64_t digit) {
    return !__builtin_mul_overflow(value, std::uint64_t{10}, &value) &&
           !__builtin_add_overflow(value, digit, &value);
  };
  for (const char c : digits) {
    if (!push(static_cast<std::uint64_t>(c - '0'))) return std::nullopt;
  }
  for (; zeros > 0; --zeros) {
    if (!push(0)) return std::nullopt;
  }
  return value;
}

struct Fraction {
  std::uint64_t top;
  std::uint64_t bottom;
};

std::optional<Fraction> to_fraction(const Decimal& a, const Decimal& b) {
  const std::int64_t shift = std::min(a.exponent, b.exponent);
  const auto top = whole_number(a.digits, a.exponent - shift);
  const auto bottom = whole_number(b.digits, b.exponent - shift);
  if (!top || !bottom || *bottom == 0) return std::nullopt;
  const std::uint64_t g = std::gcd(*top, *bottom);
  return Fraction{*top / g, *bottom / g};
}

std::string canonical_fraction(bool negative, Fraction f) {
  // Long division ends when the denominator has no primes but 2 and 5.
  std::int64_t twos = 0;
  std::int64_t fives = 0;
  std::uint64_t rest = f.bottom;
  for (; rest % 2 == 0; rest /= 2) ++twos;
  for (; rest % 5 == 0; rest /= 5) ++fives;
  std::uint64_t scaled = f.top;
  bool fits = rest == 1;
  for (std::int64_t i = twos; i < fives; ++i)
    fits = fits && !__builtin_mul_overflow(scaled, std::uint64_t{2}, &scaled);
  for (std::int64_t i = fives; i < twos; ++i)
    fits = fits && !__builtin_mul_overflow(scaled, std::uint64_t{5}, &scaled);
  if (fits) return canonical(make_decimal(negative, std::to_string(scaled), "", -std::max(twos, fives)));
  return format("{}{}/{}", negative ? "-" : "", f.top, f.bottom);
}

}  // namespace

Decimal make_decimal(bool negative, std::string_view whole, std::string_view fraction,
                     std::int64_t exponent) {
  Decimal d;
  d.digits = std::string(whole) + std::string(fraction);
  d.exponent = exponent - static_cast<std::int64_t>(fraction.size());
  const std::size_t first = d.digits.find_first_not_of('0');
  if (first == std::string::npos) return {};
  const std::size_t last = d.digits.find_last_not_of('0');
  d.exponent += static_cast<std::int64_t>(d.digits.size() - 1 - last);
  d.exponent = std::clamp(d.exponent, -kMaxExponent, kMaxExponent);
  d.digits = d.digits.substr(first, last + 1 - first);
  d.negative = negative;
  return d;
}

std::string canonical(const Decimal& value) {
  const auto size = static_cast<std::int64_t>(value.digits.size());
  const char* sign = value.negative ? "-" : "";
  if (value.exponent >= 0 && value.exponent <= kPlainDigits) {
    return format("{}{}{}", sign, value.digits, std::string(static_cast<std::size_t>(value.exponent), '0'));
  }
  const std::int64_t point = size + value.exponent;  // digits in front of the point
  if (value.exponent < 0 && point > 0) {
    const auto split = static_cast<std::size_t>(point);
    return format("{}{}.{}", sign, value.digits.substr(0, split), value.digits.substr(split));
  }
  if (value.exponent < 0 && point > -kPlainDigits) {
    return format("{}0.{}{}", sign, std::string(static_cast<std::size_t>(-point), '0'), value.digits);
  }
  return format("{}{}{}{}e{}", sign, value.digits[0], size > 1 ? "." : "", value.digits.substr(1), point - 1);
}

std::optional<std::string> canonical_quotient(const Decimal& a, const Decimal& b) {
  if (b.digits == "0") return std::nullopt;
  if (a.digits == "0") return "0";
  const bool negative = a.negative != b.negative;
  if (const auto f = to_fraction(a, b)) return canonical_fraction(negative, *f);
  Decimal top = a;
  Decimal bottom = b;
  top.negative = negative;
  bottom.negative = false;
  return format("{}/{}", canonical(top), canonical(bottom));
}

std::optional<std::string> canonical_mixed(bool negative, std::string_view whole, const Decimal& a,
                                           const Decimal& b) {
  const auto f = to_fraction(a, b);
  const Decimal w = make_decimal(false, whole, "", 0);
  const auto n = whole_number(w.digits, w.exponent);
  if (!f || !n) return std::nullopt;
  std::uint64_t top = 0;
  if (__builtin_mul_overflow(*n, f->bottom, &top) || __builtin_add_overflow(top, f->top, &top))
    return std::nullopt;
  if (top == 0) return "0";
  const std::uint64_t g = std::gcd(top, f->bottom);
  return canonical_fraction(negative, {top / g, f->bottom / g});
}

}  // namespace assay::answer
