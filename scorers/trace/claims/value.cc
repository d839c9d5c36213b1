#include "scorers/trace/claims/value.h"

#include <cmath>

namespace assay::trace {
namespace {

using puzzle::Rational;

double as_double(const Rational& r) {
  return static_cast<double>(r.numerator()) / static_cast<double>(r.denominator());
}

Value of(std::optional<Rational> exact, double approx, double slack) {
  if (exact) approx = as_double(*exact);
  return {exact, approx, slack};
}

template <typename Operation>
std::optional<Rational> exactly(const Value& a, const Value& b, Operation operation) {
  if (!a.exact || !b.exact) return std::nullopt;
  return operation(*a.exact, *b.exact);
}

// The integer whose `degree`th power is n, if there is one.
std::optional<std::int64_t> integer_root(std::int64_t n, int degree) {
  if (n < 0) return std::nullopt;
  const double guess = std::round(std::pow(static_cast<double>(n), 1.0 / degree));
  if (guess > 3e9) return std::nullopt;
  const auto whole = static_cast<std::int64_t>(guess);
  std::int64_t product = 1;
  for (int i = 0; i < degree; ++i) {
    if (whole != 0 && product > n / whole) return std::nullopt;
    product *= whole;
  }
  return product == n ? std::optional(whole) : std::nullopt;
}

}  // namespace

Value integer(std::int64_t n) { return of(Rational(n), 0, 0); }
Value real(double approx, double slack) { return {std::nullopt, approx, slack}; }

Value add(const Value& a, const Value& b) {
  return of(exactly(a, b, Rational::add), a.approx + b.approx, a.slack + b.slack);
}

Value subtract(const Value& a, const Value& b) {
  return of(exactly(a, b, Rational::subtract), a.approx - b.approx, a.slack + b.slack);
}

Value multiply(const Value& a, const Value& b) {
  return of(exactly(a, b, Rational::multiply), a.approx * b.approx,
            std::abs(a.approx) * b.slack + std::abs(b.approx) * a.slack + a.slack * b.slack);
}

std::optional<Value> divide(const Value& a, const Value& b) {
  const double least = std::abs(b.approx) - b.slack;
  if (b.approx == 0 || least <= 0) return std::nullopt;
  const double q = a.approx / b.approx;
  return of(exactly(a, b, Rational::divide), q, (a.slack + std::abs(q) * b.slack) / least);
}

std::optional<Value> power(const Value& base, const Value& exponent) {
  if (!exponent.exact) return std::nullopt;
  if (!exponent.is_integer()) {
    const Rational& e = *exponent.exact;
    if (e.denominator() > 12 || e.numerator() > 64 || e.numerator() < -64) return std::nullopt;
    const auto rooted = root(base, integer(e.denominator()));
    return rooted ? power(*rooted, integer(e.numerator())) : std::nullopt;
  }
  const std::int64_t n = exponent.exact->numerator();
  if (n > 1000 || n < -1000) return std::nullopt;
  Value out = integer(1);
  for (std::int64_t i = 0; i < std::abs(n); ++i) out = multiply(out, base);
  if (!std::isfinite(out.approx)) return std::nullopt;
  return n < 0 ? divide(integer(1), out) : std::optional(out);
}

std::optional<Value> root(const Value& a, const Value& degree) {
  if (!degree.is_integer() || degree.exact->numerator() < 2 || degree.exact->numerator() > 12)
    return std::nullopt;
  const int n = static_cast<int>(degree.exact->numerator());
  if (a.approx < 0) {
    if (n % 2 == 0) return std::nullopt;
    const auto positive = root(subtract(integer(0), a), degree);
    return positive ? std::optional(subtract(integer(0), *positive)) : std::nullopt;
  }
  const double value = std::pow(a.approx, 1.0 / n);
  const double slack = a.slack == 0 ? 0 : value - std::pow(std::max(0.0, a.approx - a.slack), 1.0 / n);
  if (a.exact) {
    const auto top = integer_root(a.exact->numerator(), n);
    const auto bottom = integer_root(a.exact->denominator(), n);
    if (top && bottom) return of(Rational::make(*top, *bottom), value, slack);
  }
  return real(value, slack);
}

std::optional<Value> factorial(const Value& n) {
  if (!n.is_integer() || n.exact->numerator() < 0 || n.exact->numerator() > 100) return std::nullopt;
  Value out = integer(1);
  for (std::int64_t i = 2; i <= n.exact->numerator(); ++i) out = multiply(out, integer(i));
  return out;
}

std::optional<Value> binomial(const Value& n, const Value& k) {
  if (!n.is_integer() || !k.is_integer()) return std::nullopt;
  const std::int64_t top = n.exact->numerator();
  std::int64_t down = k.exact->numerator();
  if (top < 0 || down < 0 || down > top || top > 100000) return std::nullopt;
  down = std::min(down, top - down);
  if (down > 1000) return std::nullopt;
  Value out = integer(1);
  for (std::int64_t i = 1; i <= down; ++i) {
    const auto next = divide(multiply(out, integer(top - down + i)), integer(i));
    if (!next) return std::nullopt;
    out = *next;
  }
  return out;
}

bool same(const Value& a, const Value& b) {
  if (a.exact && b.exact) return *a.exact == *b.exact;
  const double most = std::max(std::abs(a.approx), std::abs(b.approx));
  return std::abs(a.approx - b.approx) <= 1e-9 * most;
}

}  // namespace assay::trace
