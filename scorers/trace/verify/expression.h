// Arithmetic expressions with one-letter variables, exact.
//
// + - * / with the usual precedence, unary signs, ( ) [ ] { }, × · ÷ and the Unicode minus, "(2)(3)" as a
// product. Threads: pure functions. Bounds: linear, no recursion; at most kMaxExpressionTokens tokens.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/puzzle/rational.h"

namespace assay::verify {

inline constexpr std::size_t kMaxExpressionTokens = 4096;

using Variables = std::array<std::optional<puzzle::Rational>, 26>;  // 'A'..'Z'

struct Expression {
  std::optional<puzzle::Rational>
      value;               // nullopt: not well formed, a variable without a value, or too large
  bool numbers = false;    // holds a number
  bool variables = false;  // holds a variable
  bool operators = false;  // holds + - * / between operands
};

Expression evaluate_expression(std::string_view text, const Variables& variables);

// The end of the longest text from `begin` on that can be (part of) an expression: digits, operators,
// brackets, blanks, and capitals that stand alone.
std::size_t expression_end(std::string_view text, std::size_t begin);

// Maximal texts that can be expressions, those joined by "=" in one chain.
struct Member {
  std::string_view text;
  std::size_t begin = 0;  // bytes
  std::size_t end = 0;
};
std::vector<std::vector<Member>> equation_chains(std::string_view text);

}  // namespace assay::verify
