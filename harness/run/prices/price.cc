#include "harness/run/prices/price.h"

#include <algorithm>
#include <optional>

#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

constexpr int kDecimals = 6;                     // of a dollar
constexpr std::int64_t kMaxDollars = 1'000'000;  // above it a unit was mistaken

Result<std::int64_t> millionths(std::string_view decimal, const char* expected) {
  const auto wrong = [&](const char* what) {
    return invalid(format("a price is {}; '{}' {}", expected, printable(decimal.substr(0, 40)), what));
  };
  std::int64_t value = 0;
  int decimals = -1;  // -1: no point yet
  bool digits = false;
  for (const char c : decimal) {
    if (c == '.' && decimals < 0) {
      decimals = 0;
      continue;
    }
    if (c < '0' || c > '9') return wrong("is none");
    digits = true;
    if (decimals == kDecimals) {
      if (c != '0') return wrong("has more than six decimals");
      continue;
    }
    if (decimals >= 0) ++decimals;
    value = value * 10 + (c - '0');
    if (value > kMaxDollars * 1'000'000) return wrong("is too large");
  }
  if (!digits) return wrong("is none");
  for (int i = decimals < 0 ? 0 : decimals; i < kDecimals; ++i) value *= 10;
  if (value > kMaxDollars * 1'000'000) return wrong("is too large");
  return value;
}

constexpr std::int64_t kPicoDigits = 12;
constexpr std::int64_t kMostPicoDigits = 15;    // under 1,000 dollars a token
constexpr std::int64_t kLargestExponent = 400;  // of a double

// digits * 10^exponent; the digits without zeros at either end, empty for zero.
struct Scientific {
  std::string digits;
  std::int64_t exponent = 0;
  bool negative = false;
};

std::optional<Scientific> scientific(std::string_view text) {
  Scientific out;
  std::size_t i = 0;
  if (i < text.size() && text[i] == '-') {
    out.negative = true;
    ++i;
  }
  bool any = false, point = false;
  for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
    if (text[i] == '.' && !point) {
      point = true;
      continue;
    }
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    any = true;
    out.digits += text[i];
    if (point) --out.exponent;
  }
  if (!any) return std::nullopt;
  if (i < text.size()) {
    ++i;
    const bool minus = i < text.size() && text[i] == '-';
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (i == text.size()) return std::nullopt;
    std::int64_t exponent = 0;
    for (; i < text.size(); ++i) {
      if (text[i] < '0' || text[i] > '9') return std::nullopt;
      exponent = exponent * 10 + (text[i] - '0');
      if (exponent > kLargestExponent) return std::nullopt;
    }
    out.exponent += minus ? -exponent : exponent;
  }
  out.digits.erase(0, std::min(out.digits.find_first_not_of('0'), out.digits.size()));
  while (!out.digits.empty() && out.digits.back() == '0') {
    out.digits.pop_back();
    ++out.exponent;
  }
  return out;
}

}  // namespace

Result<std::int64_t> parse_price(std::string_view decimal) {
  // Micro-dollars a million tokens are pico-dollars a token.
  return millionths(decimal, "USD per million tokens as a plain decimal such as 0.15");
}

std::string price_text(std::int64_t pico_per_token) {
  std::string text = format("{}.{:06}", pico_per_token / 1'000'000, pico_per_token % 1'000'000);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

Result<std::int64_t> parse_machine_price(std::string_view decimal) {
  return millionths(decimal, "USD an hour as a plain decimal such as 2.49");
}

Result<std::int64_t> parse_share(std::string_view decimal) {
  auto share = millionths(decimal, "a share from 0 to 1 such as 0.5");
  if (share && *share > 1'000'000) return invalid("a share is a plain decimal from 0 to 1 such as 0.5");
  return share;
}

Result<std::int64_t> parse_token_price(std::string_view number) {
  const auto wrong = [&](const char* what) {
    return invalid(format("'{}' {}", printable(number.substr(0, 40)), what));
  };
  const auto parts = scientific(number);
  if (!parts) return wrong("is no number of dollars a token");
  if (parts->digits.empty()) return std::int64_t{0};
  if (parts->negative) return wrong("is negative");
  const std::int64_t zeros = parts->exponent + kPicoDigits;  // behind the digits
  if (zeros < 0) return wrong("is finer than a pico-dollar");
  if (static_cast<std::int64_t>(parts->digits.size()) + zeros > kMostPicoDigits) return wrong("is too large");
  std::int64_t value = 0;
  for (const char c : parts->digits) value = value * 10 + (c - '0');
  for (std::int64_t i = 0; i < zeros; ++i) value *= 10;
  return value;
}

}  // namespace assay
