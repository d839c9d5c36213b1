// Building blocks of arithmetic expressions: text with the precedence of its outermost operator
// and its exact value, so that joining two gives brackets only where they are needed.
#pragma once

#include <optional>
#include <string>

#include "harness/base/rng.h"
#include "harness/puzzle/rational.h"

namespace assay::procedural {

struct Term {
  std::string text;
  puzzle::Rational value;
  int precedence = 3;  // 3: a number, 2: a product or quotient, 1: a sum or difference
};

inline Term number_term(std::int64_t n) { return {std::to_string(n), puzzle::Rational(n), 3}; }

// nullopt: a division by 0, or a value beyond 64 bits. `op` is one of + - * /.
std::optional<Term> join(const Term& left, char op, const Term& right);

}  // namespace assay::procedural
