#include "scorers/math/plain.h"

namespace assay::math {
namespace {

__extension__ using Wide = __int128;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Digits from `at`, commas only in full groups of three. False when they are more than 18 or none.
bool integer(std::string_view s, std::size_t& at, std::int64_t& value, int& digits) {
  const std::size_t first = at;
  bool grouped = false;
  while (at < s.size()) {
    const char c = s[at];
    if (is_digit(c)) {
      if (++digits > 18) return false;
      value = value * 10 + (c - '0');
      ++at;
    } else if (c == ',' && at > first && at - first <= 3 && !grouped && s[first] != '0') {
      grouped = true;
    } else if (c == ',' && grouped) {
    } else {
      break;
    }
    if (c != ',') continue;
    for (int k = 1; k <= 3; ++k) {
      if (at + static_cast<std::size_t>(k) >= s.size() || !is_digit(s[at + static_cast<std::size_t>(k)])) return false;
    }
    if (at + 4 < s.size() && is_digit(s[at + 4])) return false;
    digits += 3;
    if (digits > 18) return false;
    for (int k = 1; k <= 3; ++k) value = value * 10 + (s[at + static_cast<std::size_t>(k)] - '0');
    at += 4;
  }
  return at > first;
}

}  // namespace

namespace {

// Plain digits of `s`, all of it; negative where it is none.
std::int64_t digits_only(std::string_view s) {
  if (s.empty() || s.size() > 18) return -1;
  std::int64_t v = 0;
  for (const char c : s) {
    if (!is_digit(c)) return -1;
    v = v * 10 + (c - '0');
  }
  return v;
}

// \frac{7}{3} after its sign.
bool fraction(std::string_view s, PlainNumber& n) {
  const std::size_t name = s.substr(0, 6) == "\\frac{" ? 6 : s.substr(0, 7) == "\\dfrac{" || s.substr(0, 7) == "\\tfrac{" ? 7 : 0;
  if (name == 0 || s.back() != '}') return false;
  const std::size_t middle = s.find("}{", name);
  if (middle == std::string_view::npos) return false;
  n.numerator = digits_only(s.substr(name, middle - name));
  n.denominator = digits_only(s.substr(middle + 2, s.size() - middle - 3));
  n.stroke = true;
  return n.numerator >= 0 && n.denominator > 0;
}

}  // namespace

std::optional<PlainNumber> plain_number(std::string_view s) {
  PlainNumber n;
  std::size_t at = 0;
  bool negative = false;
  if (at < s.size() && (s[at] == '-' || s[at] == '+')) negative = s[at++] == '-';
  if (at < s.size() && s[at] == '\\') {
    if (!fraction(s.substr(at), n)) return std::nullopt;
    if (negative) n.numerator = -n.numerator;
    return n;
  }
  if (at < s.size() && s[at] == '$') ++at;
  int digits = 0;
  if (!integer(s, at, n.numerator, digits)) return std::nullopt;
  if (at < s.size() && s[at] == '.' && at + 1 < s.size()) {
    n.point = true;
    for (++at; at < s.size() && is_digit(s[at]); ++at) {
      if (++digits > 18) return std::nullopt;
      n.numerator = n.numerator * 10 + (s[at] - '0');
      n.denominator *= 10;
    }
  } else if (at + 1 < s.size() && s[at] == '/') {
    n.stroke = true;
    int below = 0;
    std::int64_t d = 0;
    ++at;
    while (at < s.size() && is_digit(s[at])) {
      if (++below > 18) return std::nullopt;
      d = d * 10 + (s[at++] - '0');
    }
    if (d == 0) return std::nullopt;
    n.denominator = d;
  }
  if (at != s.size()) return std::nullopt;
  if (negative) n.numerator = -n.numerator;
  return n;
}

std::optional<bool> plain_equal(const PlainNumber& a, const PlainNumber& b) {
  const bool equal = static_cast<Wide>(a.numerator) * b.denominator == static_cast<Wide>(b.numerator) * a.denominator;
  if (!equal && ((a.point && b.stroke) || (a.stroke && b.point))) return std::nullopt;
  return equal;
}

}  // namespace assay::math
