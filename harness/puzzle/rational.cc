#include "harness/puzzle/rational.h"

#include <numeric>

namespace assay::puzzle {
namespace {

__extension__ typedef __int128 Wide;

Wide wide_gcd(Wide a, Wide b) {
  while (b != 0) {
    const Wide rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

// REQUIRES: both below 2^127 in magnitude.
std::optional<std::pair<std::int64_t, std::int64_t>> reduce(Wide numerator, Wide denominator) {
  if (denominator == 0) return std::nullopt;
  if (denominator < 0) {
    numerator = -numerator;
    denominator = -denominator;
  }
  const Wide divisor = wide_gcd(numerator < 0 ? -numerator : numerator, denominator);
  numerator /= divisor;
  denominator /= divisor;
  constexpr Wide kLimit = INT64_MAX;
  if (numerator < INT64_MIN || numerator > kLimit || denominator > kLimit) return std::nullopt;
  return std::pair{static_cast<std::int64_t>(numerator), static_cast<std::int64_t>(denominator)};
}

}  // namespace

std::optional<Rational> Rational::make(std::int64_t numerator, std::int64_t denominator) {
  const auto reduced = reduce(numerator, denominator);
  if (!reduced) return std::nullopt;
  Rational out;
  out.numerator_ = reduced->first;
  out.denominator_ = reduced->second;
  return out;
}

// |numerator| <= 2^63 and denominator < 2^63, so each product below is under 2^126 and the sum of
// two is under 2^127.
std::optional<Rational> Rational::add(const Rational& a, const Rational& b) {
  const auto reduced = reduce(Wide{a.numerator_} * b.denominator_ + Wide{b.numerator_} * a.denominator_,
                              Wide{a.denominator_} * b.denominator_);
  return reduced ? make(reduced->first, reduced->second) : std::nullopt;
}

std::optional<Rational> Rational::subtract(const Rational& a, const Rational& b) {
  const auto reduced = reduce(Wide{a.numerator_} * b.denominator_ - Wide{b.numerator_} * a.denominator_,
                              Wide{a.denominator_} * b.denominator_);
  return reduced ? make(reduced->first, reduced->second) : std::nullopt;
}

std::optional<Rational> Rational::multiply(const Rational& a, const Rational& b) {
  const auto reduced = reduce(Wide{a.numerator_} * b.numerator_, Wide{a.denominator_} * b.denominator_);
  return reduced ? make(reduced->first, reduced->second) : std::nullopt;
}

std::optional<Rational> Rational::divide(const Rational& a, const Rational& b) {
  const auto reduced = reduce(Wide{a.numerator_} * b.denominator_, Wide{a.denominator_} * b.numerator_);
  return reduced ? make(reduced->first, reduced->second) : std::nullopt;
}

std::optional<Rational> Rational::negate(const Rational& a) { return subtract(Rational(0), a); }

std::strong_ordering Rational::operator<=>(const Rational& other) const {
  const Wide left = Wide{numerator_} * other.denominator_;
  const Wide right = Wide{other.numerator_} * denominator_;
  return left < right ? std::strong_ordering::less
                      : (left > right ? std::strong_ordering::greater : std::strong_ordering::equal);
}

std::string Rational::text() const {
  return is_integer() ? std::to_string(numerator_)
                      : std::to_string(numerator_) + "/" + std::to_string(denominator_);
}

}  // namespace assay::puzzle
