// Are two expressions equal? Numbers exactly, expressions in symbols as functions.
//
// Numbers: exact rationals; balls of 64 and 128 bits, which prove inequality; Calcium, which proves equality; balls of
// 256 and 1024 bits, and where those overlap "equal to 1024 bits". In symbols: values at fixed rational points prove
// inequality, polynomial identity over Q proves equality, and agreement at five or more points is "probable".
#pragma once

#include "scorers/math/grade.h"
#include "scorers/math/program.h"
#include "scorers/math/tree.h"

namespace assay::math {

struct Compared {
  Equal equal = Equal::undecided;
  const char* reason = "";  // a literal
};

// `same` compares parts of what is no arithmetic (Symbols).
Compared compare_values(const Tree& tree, NodeId a, NodeId b, const Policy& policy, const Symbols::Same& same);
// -1, 0 or 1; nothing when that cannot be told.
std::optional<int> order_values(const Tree& tree, NodeId a, NodeId b, const Policy& policy);
// Is `lhs - rhs` a constant times `lhs2 - rhs2`? The constant's sign in `sign`.
Compared compare_proportional(const Tree& tree, NodeId lhs, NodeId rhs, NodeId lhs2, NodeId rhs2, const Policy& policy,
                              const Symbols::Same& same, int& sign);
// Where lhs - rhs, linear in one symbol, is zero: the sign of its slope, and the place as a new node.
struct LinearRoot {
  int sign = 1;
  NodeId place = 0;
};
std::optional<LinearRoot> root_of_linear(Tree& tree, NodeId lhs, NodeId rhs, const Policy& policy);
// Has it a symbol in it, or anything that is no number?
bool is_numeric(const Tree& tree, NodeId id);

}  // namespace assay::math
