#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include "scorers/answer/ascii.h"
#include "scorers/answer/py_atom.h"
#include "scorers/answer/py_literal.h"

namespace assay::answer {
namespace {

int digit_value(char c) {
  if (is_digit(c)) return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : 99;
}

// Digits of a base with single underscores between them; appends them without.
bool digits(std::string_view text, std::size_t& at, int base, std::string& out,
            bool underscore_first = false) {
  const std::size_t begin = at;
  bool after_digit = underscore_first;
  while (at < text.size()) {
    if (digit_value(text[at]) < base) {
      out += text[at++];
      after_digit = true;
    } else if (text[at] == '_' && after_digit && at + 1 < text.size() && digit_value(text[at + 1]) < base) {
      ++at;
      after_digit = false;
    } else {
      break;
    }
  }
  return at > begin;
}

std::string without_leading_zeros(const std::string& all) {
  const std::size_t first = all.find_first_not_of('0');
  return first == std::string::npos ? "0" : all.substr(first);
}

// Digits of a base in decimal. Quadratic, for at most kMaxDigits digits.
std::string to_decimal(const std::string& all, int base) {
  std::string out = "0";  // least significant first
  for (const char c : all) {
    int carry = digit_value(c);
    for (char& d : out) {
      carry += (d - '0') * base;
      d = static_cast<char>('0' + carry % 10);
      carry /= 10;
    }
    for (; carry > 0; carry /= 10) out += static_cast<char>('0' + carry % 10);
  }
  return without_leading_zeros({out.rbegin(), out.rend()});
}

std::optional<PyNumber> based_integer(std::string_view text, std::size_t& at) {
  const char letter = lower(text[at + 1]);
  const int base = letter == 'x' ? 16 : letter == 'o' ? 8 : 2;
  at += 2;
  std::string all;
  if (!digits(text, at, base, all, true) || all.size() > kMaxDigits) return std::nullopt;
  PyNumber n;
  n.digits = to_decimal(all, base);
  return n;
}

// std::from_chars leaves the value alone when it is out of range; which end it left by follows from
// where the first significant digit stands.
double out_of_range(std::string_view number) {
  const std::size_t e = number.find_first_of("eE");
  const std::string_view mantissa = number.substr(0, e);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t first = mantissa.find_first_of("123456789");
  if (first == std::string_view::npos) return 0;
  double magnitude = static_cast<double>(point) - static_cast<double>(first);
  if (e != std::string_view::npos) {
    const bool negative = number[e + 1] == '-';
    std::string_view power = number.substr(e + 1);
    if (power[0] == '-' || power[0] == '+') power.remove_prefix(1);
    double value = 0;
    for (const char c : power) value = std::min(value * 10 + (c - '0'), 1e15);
    magnitude += negative ? -value : value;
  }
  return magnitude > 0 ? std::numeric_limits<double>::infinity() : 0;
}

double to_double(const std::string& number) {
  double value = 0;
  const auto result = std::from_chars(number.data(), number.data() + number.size(), value);
  return result.ec == std::errc::result_out_of_range ? out_of_range(number) : value;
}

// ".5", "e-3" behind the whole digits. False for a malformed one.
bool fraction_and_exponent(std::string_view text, std::size_t& at, std::string& all, bool& real) {
  if (at < text.size() && text[at] == '.') {
    real = true;
    if (all.empty()) all.push_back('0');
    all += '.';
    ++at;
    std::string fraction;
    digits(text, at, 10, fraction);
    all += fraction.empty() ? "0" : fraction;
  }
  if (at >= text.size() || lower(text[at]) != 'e') return true;
  std::size_t next = at + 1;
  std::string power = "e";
  if (next < text.size() && (text[next] == '-' || text[next] == '+')) {
    if (text[next] == '-') power += '-';
    ++next;
  }
  if (!digits(text, next, 10, power)) return false;
  all += power;
  at = next;
  real = true;
  return true;
}

}  // namespace

std::optional<PyNumber> read_py_number(std::string_view text, std::size_t& at) {
  const std::size_t begin = at;
  if (at + 1 < text.size() && text[at] == '0' &&
      std::string_view("xXoObB").find(text[at + 1]) != std::string_view::npos) {
    return based_integer(text, at);
  }
  std::string all;
  digits(text, at, 10, all);
  if (all.empty() && (at + 1 >= text.size() || text[at] != '.' || !is_digit(text[at + 1])))
    return std::nullopt;
  const std::string whole = all;
  bool real = false;
  if (!fraction_and_exponent(text, at, all, real)) return std::nullopt;
  PyNumber n;
  if (at < text.size() && lower(text[at]) == 'j') {
    ++at;
    n.kind = PyNumber::Kind::imaginary;
    n.real = to_double(all);
  } else if (real) {
    n.kind = PyNumber::Kind::real;
    n.real = to_double(all);
  } else {
    n.digits = without_leading_zeros(whole);
    if (whole.size() > kMaxDigits || (whole[0] == '0' && n.digits != "0")) return std::nullopt;  // "007"
  }
  // "12abc" and "1__0" are no numbers.
  if (at < text.size() && (is_letter(text[at]) || is_digit(text[at]) || text[at] == '_' || text[at] == '.')) {
    at = begin;
    return std::nullopt;
  }
  return n;
}

std::string canonical_float(double value) {
  if (value == 0) return "0.0";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
  return {buffer, end.ptr};
}

}  // namespace assay::answer
