#include "tasks/procedural/terms.h"

#include "harness/base/format.h"

namespace assay::procedural {
namespace {

std::string bracketed(const Term& term, bool needed) { return needed ? format("({})", term.text) : term.text; }

std::optional<puzzle::Rational> value_of(const puzzle::Rational& left, char op, const puzzle::Rational& right) {
  switch (op) {
    case '+': return puzzle::Rational::add(left, right);
    case '-': return puzzle::Rational::subtract(left, right);
    case '*': return puzzle::Rational::multiply(left, right);
    default: return puzzle::Rational::divide(left, right);
  }
}

}  // namespace

std::optional<Term> join(const Term& left, char op, const Term& right) {
  const auto value = value_of(left.value, op, right.value);
  if (!value) return std::nullopt;
  Term out;
  out.value = *value;
  out.precedence = op == '+' || op == '-' ? 1 : 2;
  // A right operand of equal precedence keeps its brackets: a - (b + c), a * (b / c).
  out.text = format("{} {} {}", bracketed(left, left.precedence < out.precedence), op,
                    bracketed(right, right.precedence <= out.precedence));
  return out;
}

}  // namespace assay::procedural
