// Draws typed Python expressions over the variables in reach.
#pragma once

#include <string>
#include <vector>

#include "harness/base/rng.h"
#include "harness/puzzle/python.h"

namespace assay::procedural {

enum class PyType { integer, list, text };  // lists are of integers

struct PyVariable {
  std::string name;
  PyType type = PyType::integer;
  bool fixed = false;    // not to be assigned: a parameter's or a loop's own variable
};

class ExpressionMaker {
 public:
  using Expr = puzzle::python::Expr;
  // `advanced` adds comprehensions, conditional expressions, and/or/not.
  ExpressionMaker(Rng& rng, bool advanced) : rng_(rng), advanced_(advanced) {}

  std::vector<PyVariable> variables;

  Expr integer(int depth);
  Expr list(int depth);
  Expr text(int depth);
  Expr condition(int depth);

  std::vector<const PyVariable*> of_type(PyType type, bool assignable) const;
  // A name from `pool` that no variable has. REQUIRES: the pool is larger than the nesting.
  std::string fresh(const std::vector<std::string>& pool) const;

 private:
  Expr any(PyType type);  // REQUIRES: there is a variable of this type
  bool has(PyType type) const { return !of_type(type, false).empty(); }
  std::int64_t roll(std::int64_t sides) { return rng_.uniform(0, sides - 1); }
  std::string letter();
  Expr integer_leaf();
  Expr other_than(const Expr& left);  // a leaf that is not the same variable
  Expr of_list(int depth);
  Expr of_text();
  Expr cut(Expr object);
  Expr comprehension(int depth);

  Rng& rng_;
  bool advanced_;
};

}  // namespace assay::procedural
