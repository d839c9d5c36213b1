// Countdown: reach a target from given numbers with + - * / and parentheses.
//
// evaluate() reads an expression as a person or a model writes it and gives its exact value and
// the numbers it used; drawn_from() says whether those were there to use. An answer is right when
// its value equals the target and its numbers are drawn from the given ones:
//   auto e = puzzle::evaluate("(7 - 3) × 6");
//   bool right = e && e->value == puzzle::Rational(24) && puzzle::drawn_from(e->numbers, given);
//
// Grammar: integers without sign or separators, + - * / with the usual precedence, left to right;
//   unary + and -; ( ) and [ ]; × · ⋅ ∗ \times \cdot for *, ÷ \div for /, − and – for -; white space,
//   U+00A0 included, between tokens. No "=", no juxtaposition as product, no powers, no decimals.
// Threads: pure functions. Bounds: linear in the text, which may have at most kMaxExpressionBytes
//   bytes and kMaxExpressionDepth open brackets; no recursion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/puzzle/rational.h"

namespace assay::puzzle {

inline constexpr std::size_t kMaxExpressionBytes = 4096;
inline constexpr std::size_t kMaxExpressionDepth = 64;

struct Evaluation {
  Rational value;
  std::vector<std::int64_t> numbers;  // the literals in the order of writing; -7 counts as 7
};

// Error: Code::invalid with the byte offset and what was expected there, for text outside the
// grammar or its bounds, a division by zero, and a value (also a partial one) beyond 64 bits.
Result<Evaluation> evaluate(std::string_view expression);

// Is `used` a sub-multiset of `given`: every number used at most as often as it is given?
bool drawn_from(std::span<const std::int64_t> used, std::span<const std::int64_t> given);

}  // namespace assay::puzzle
