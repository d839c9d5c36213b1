// Exact decimals and fractions in canonical text. Part of number.h.
//
// Pure; threads: any. Errors: nullopt for a fraction over zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assay::answer {

// digits x 10^exponent, digits without leading and trailing zeros; "0" has exponent 0 and no sign.
struct Decimal {
  bool negative = false;
  std::string digits = "0";
  std::int64_t exponent = 0;
};

// REQUIRES: whole and fraction hold digits only, one of them not empty.
Decimal make_decimal(bool negative, std::string_view whole, std::string_view fraction, std::int64_t exponent);

// "18", "-0.05"; "1.5e300" where plain notation would be long.
std::string canonical(const Decimal& value);

// a / b in lowest terms, as a decimal where it ends: 3/4 is "0.75", 2/6 is "1/3". When the parts exceed
// 64 bits, the two decimals as they are with "/" between: equal only to the same spelling.
std::optional<std::string> canonical_quotient(const Decimal& a, const Decimal& b);

// whole + a/b for whole numbers; nullopt beyond 64 bits.
std::optional<std::string> canonical_mixed(bool negative, std::string_view whole, const Decimal& a,
                                           const Decimal& b);

}  // namespace assay::answer
