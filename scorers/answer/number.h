// Exact numbers as people and models write them.
//
// Pure; linear in the text. Threads: any. No floating point anywhere: a number is read into a
// canonical text, and two numbers are equal exactly when their canonical texts are.
//
// Read as a number: 18 -5 −5 +5 18.00 .5 1,234.50 1 234 1'234 1{,}234 1.5e3 1.5 × 10^3 3/4 1 3/4 3½
//   \frac{3}{4} \frac34 12% 5 million 2:00 (a time on the hour), any of them with a currency, a unit in words
//   ("18 dollars per day", "605 m/s", "30^\circ"), Markdown or LaTeX around it ("**18**", "$18$",
//   "\boxed{18}", "# 18"), and a full stop. A unit never changes the value; "percent" does when asked to.
// Not read: text with a second number in it ("4 blue and 6 red"), sums, variables ("5x"), roots, powers,
//   "12k" and "2 dozen", "1.234,50", "1,23". Such text gives nothing rather than a guess.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "harness/api/response.h"

namespace assay::answer {

struct NumberOptions {
  bool percent_divides = false;  // "50%" is 0.5 instead of 50
  // Stop at the end of a clause: "18. Because ..." and "18, not 20" are 18, while "18, 20" and
  // "18 or 20" are nothing still.
  bool clause = false;
};

inline constexpr std::size_t kMaxNumberText = 1024;  // longer texts are no number

// The canonical text: "18", "-0.5", "1/3" (lowest terms), "1.5e300".
std::optional<std::string> parse_number(std::string_view text, const NumberOptions& options = {});

// What stands behind the last "=" ("x = $18" is 18); nothing when there is none. "<=", ">=" and "!=" are
// no "=". In front of it stands a plain name or words, never a term ("2x = 6") or a second equation; a
// computation ("9 * 2 = 18") is accepted when `computed` says so.
std::optional<std::string> parse_equation(std::string_view text, bool computed,
                                          const NumberOptions& options = {});

// The number of a short sentence that has just one and does not compare, deny or count in words: "Janet
// makes $18 a day." is 18; "not 18", "18 or so", "at least 18", "18 groups of two" are nothing.
struct PlacedNumber {
  std::string value;
  Span span;
};
std::optional<PlacedNumber> only_number(std::string_view text, const NumberOptions& options = {});

// The last number anywhere in the text. For the rule `last_number` alone.
std::optional<PlacedNumber> last_number(std::string_view text, const NumberOptions& options = {});

}  // namespace assay::answer
