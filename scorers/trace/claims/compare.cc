#include "scorers/trace/claims/compare.h"

#include <cmath>

namespace assay::trace {
namespace {

// Ratios of units: percent, metric prefixes, time, inches, ounces, quarts, money.
constexpr double kRatios[] = {100, 1000, 60, 3600, 12, 24, 7, 365, 52, 30, 36, 16, 5280, 1e6, 1440, 2000};

double relative(const Value& a, const Value& b) {
  const double most = std::max(std::abs(a.approx), std::abs(b.approx));
  return most == 0 ? 0 : std::abs(a.approx - b.approx) / most;
}

// One unit in the last place of a literal; 0 for what is no literal.
double last_place(const Parsed& side, bool hundredth) {
  if (!side.literal) return 0;
  return std::pow(10.0, -side.decimals) * (hundredth && side.percent ? 0.01 : 1.0);
}

// Is `literal` the other value with fewer digits, rounded either way?
bool rounds_to(const Parsed& value, const Parsed& literal, bool hundredth) {
  const double ulp = last_place(literal, hundredth);
  if (ulp == 0) return false;
  const double diff = std::abs(value.value.approx - literal.value.approx);
  if (literal.decimals == 0 && !literal.percent) {
    if (value.value.is_integer()) return false;
    // Up or down to a whole one only where things were shared out: "17 / 5 = 3".
    const bool shared = value.dividend && value.dividend->is_integer() && value.divisor->is_integer();
    if (!shared && value.value.exact) return diff <= 0.5;
  }
  return diff < ulp * (1 + 1e-9);
}

bool rounded(const Parsed& l, const Parsed& r, bool hundredth, Tok relation) {
  if (rounds_to(l, r, hundredth) || rounds_to(r, l, hundredth)) return true;
  const double diff = std::abs(l.value.approx - r.value.approx);
  const double slack = l.value.slack + r.value.slack;
  if (slack > 0 && diff <= slack + (l.literal || r.literal ? last_place(r.literal ? r : l, hundredth) : 0))
    return true;
  const double rel = relative(l.value, r.value);
  if (relation == Tok::approx && rel <= 0.02) return true;
  if ((l.has_pi || r.has_pi) && rel <= 0.004) return true;
  const bool irrational = !l.value.exact || !r.value.exact;
  return (l.any_decimals || r.any_decimals) && rel <= (irrational ? 0.005 : 0.0005);
}

bool by_unit(const Parsed& l, const Parsed& r, bool named, bool convertible) {
  if (l.value.approx == 0 || r.value.approx == 0) return false;
  const double ratio = std::abs(l.value.approx / r.value.approx);
  const auto is = [&](double k) { return std::abs(ratio / k - 1) < 1e-3 || std::abs(ratio * k - 1) < 1e-3; };
  if (is(100) && (named || l.any_decimals || r.any_decimals)) return true;
  if (!convertible) return false;
  for (const double k : kRatios) {
    if (is(k)) return true;
  }
  return false;
}

}  // namespace

std::optional<ClaimVerdict> compare_sides(const Side& left, const Side& right, Tok relation) {
  const auto& l = left.readings;
  const auto& r = right.readings;
  const auto each = [&](auto&& test) {
    for (std::size_t i = 0; i < 2; ++i) {
      if (l[i] && r[i] && test(*l[i], *r[i], i == 0)) return true;
    }
    return false;
  };
  if (each([](const Parsed& a, const Parsed& b, bool) { return same(a.value, b.value); }))
    return ClaimVerdict::right;
  if (each([&](const Parsed& a, const Parsed& b, bool h) { return rounded(a, b, h, relation); })) {
    return ClaimVerdict::rounded;
  }
  const Parsed& a = *l[0];
  const Parsed& b = *r[0];
  for (std::size_t i = 0; i < 2; ++i) {  // a percentage against its fraction
    const auto& x = l[i];
    const auto& y = r[1 - i];
    if (x && y && (same(x->value, y->value) || rounded(*x, *y, i == 1, relation))) return ClaimVerdict::unit;
  }
  // "5 * 3 = 15 + 2 = 17", "3/4 = 25% of": the next step starts from the value.
  if (b.operations > 0 && (same(a.value, b.first) || relative(a.value, b.first) < 1e-3)) return std::nullopt;
  if (a.value.approx != 0 && relative(a.value, subtract(integer(0), b.value)) < 1e-9)
    return ClaimVerdict::sign;
  const bool named = left.units || right.units || left.money || right.money || a.percent || b.percent;
  if (by_unit(a, b, named, left.convertible || right.convertible)) return ClaimVerdict::unit;
  if (a.ambiguous || b.ambiguous || left.mixed || right.mixed) return std::nullopt;
  if (a.literal && b.operations > 0) return std::nullopt;  // an equation that is set up rather than a result
  if (relation == Tok::approx && relative(a.value, b.value) <= 0.1) return std::nullopt;
  return ClaimVerdict::wrong;
}

}  // namespace assay::trace
