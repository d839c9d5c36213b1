#include "harness/run/prices/price.h"

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

}  // namespace

Result<std::int64_t> parse_price(std::string_view decimal) {
  // Micro-dollars a million tokens are pico-dollars a token.
  return millionths(decimal, "USD per million tokens as a plain decimal such as 0.15");
}

Result<std::int64_t> parse_machine_price(std::string_view decimal) {
  return millionths(decimal, "USD an hour as a plain decimal such as 2.49");
}

}  // namespace assay
