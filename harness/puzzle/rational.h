// Exact rational numbers in 64 bits, with overflow as an error and never as a wrong value.
//
// A Rational is always in lowest terms with a positive denominator, so that equality is equality
// of the fields. Every operation computes in 128 bits and fails only when the reduced result does
// not fit. Threads: plain values.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace assay::puzzle {

class Rational {
 public:
  Rational() = default;
  explicit Rational(std::int64_t integer) : numerator_(integer) {}
  // nullopt when `denominator` is 0 or the reduced fraction does not fit.
  static std::optional<Rational> make(std::int64_t numerator, std::int64_t denominator);

  std::int64_t numerator() const { return numerator_; }
  std::int64_t denominator() const { return denominator_; }
  bool is_integer() const { return denominator_ == 1; }
  bool is_zero() const { return numerator_ == 0; }
  bool operator==(const Rational&) const = default;
  std::strong_ordering operator<=>(const Rational& other) const;  // by value

  std::string text() const;  // "7", "-3/4"

  // nullopt: the result does not fit (or, for divide, the divisor is 0).
  static std::optional<Rational> add(const Rational& a, const Rational& b);
  static std::optional<Rational> subtract(const Rational& a, const Rational& b);
  static std::optional<Rational> multiply(const Rational& a, const Rational& b);
  static std::optional<Rational> divide(const Rational& a, const Rational& b);
  static std::optional<Rational> negate(const Rational& a);

 private:
  std::int64_t numerator_ = 0;
  std::int64_t denominator_ = 1;
};

}  // namespace assay::puzzle
