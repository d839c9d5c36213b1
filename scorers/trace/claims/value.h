// Numbers of arithmetic claims: exact where 64 bits hold them, with a bound on what roundings before did to
// them.
//
// Plain values. Threads: any.
#pragma once

#include <optional>

#include "harness/puzzle/rational.h"

namespace assay::trace {

struct Value {
  std::optional<puzzle::Rational> exact;  // nullopt: irrational or too long
  double approx = 0;
  double slack = 0;  // how far it may be off for operands that were rounded

  bool is_integer() const { return exact && exact->is_integer(); }
};

Value integer(std::int64_t n);
Value real(double approx, double slack = 0);

Value add(const Value& a, const Value& b);
Value subtract(const Value& a, const Value& b);
Value multiply(const Value& a, const Value& b);
// nullopt: no real value, or more than is computed here.
std::optional<Value> divide(const Value& a, const Value& b);
std::optional<Value> power(const Value& base, const Value& exponent);
std::optional<Value> root(const Value& a, const Value& degree);
std::optional<Value> factorial(const Value& n);
std::optional<Value> binomial(const Value& n, const Value& k);

bool same(const Value& a, const Value& b);

}  // namespace assay::trace
