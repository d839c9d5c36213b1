// The fast tier: answers that are plain numbers, "1,234", "-3.50", "7/3", compared without a tree or an allocation.
//
// Pure. Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace assay::math {

// numerator / denominator with denominator > 0, not reduced; at most 18 digits each.
struct PlainNumber {
  std::int64_t numerator = 0;
  std::int64_t denominator = 1;
  bool point = false;   // written with a decimal point
  bool stroke = false;  // written as a fraction
};

// Nothing where the text is anything else than a sign, digits (perhaps in thousands), a point and digits or a
// stroke and digits, or \frac of two whole numbers; a dollar sign in front is passed over.
std::optional<PlainNumber> plain_number(std::string_view text);
// Equal, unequal, or nothing where a rule about rounding has a say.
std::optional<bool> plain_equal(const PlainNumber& a, const PlainNumber& b);

}  // namespace assay::math
