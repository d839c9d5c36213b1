// The value of a run of items, "3 * (4 + 5)": read as a whole or not at all.
//
// Pure; linear; nesting is bounded. Threads: any.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "scorers/trace/claims/token.h"
#include "scorers/trace/claims/value.h"

namespace assay::trace {

enum class PercentIs : std::uint8_t { hundredth = 1, number = 2 };

struct Parsed {
  Value value;
  Value first;  // its first operand: "15 + 2" after "5 * 3 ="
  Value last;
  int operations = 0;
  bool literal = false;  // one number, perhaps with a sign before it
  int decimals = 0;      // of that number
  bool percent = false;
  bool ambiguous = false;  // could be read otherwise: its falsehood proves nothing
  bool has_pi = false;
  bool any_decimals = false;
  std::optional<Value> dividend;  // of a single division
  std::optional<Value> divisor;
};

// How far a number with these decimals may be off because it was rounded before.
using SlackOf = std::function<double(double value, int decimals, bool rough)>;

// nullopt: not arithmetic from end to end, or no real value.
std::optional<Parsed> parse_run(std::string_view text, std::span<const Token> run, PercentIs percent,
                                const SlackOf& slack);

}  // namespace assay::trace
