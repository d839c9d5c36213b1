// The typed tree of an answer: what was written, before any of it is evaluated.
//
//   Tree tree;
//   const NodeId half = tree.add(Kind::divide, {tree.number("1"), tree.number("2")});
//
// Both answers of a comparison share one Tree, so that a node of one can stand beside a node of the other.
// Nodes are made once and never changed; ids stay valid while the tree lives. Over the limit of nodes `add`
// returns the failed node 0 and over() is true: callers check over() at their end, not at each step.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scorers/math/limits.h"

namespace assay::math {

using NodeId = std::uint32_t;

enum class Kind : std::uint8_t {
  failed,     // node 0
  // Values
  number,     // text: digits, perhaps with a point; never a sign
  repeating,  // text: "0.1(6)"
  based,      // text: digits, "_", base: "52_8"
  pi, euler, imaginary, infinity,
  symbol,     // text: its name, with subscript and accents: "x_{1}", "bar(x)"
  add,        // kids: terms
  multiply,   // kids: factors
  divide,     // kids: numerator, denominator
  power,      // kids: base, exponent
  negate,
  plus_minus, // kids: one or two; text "+-" or "-+"
  call,       // op: which function; kids: arguments
  opaque,     // text: what it is ("integral", "limit", "f"); kids: its parts. Equal when the parts are
  percent,    // kids: one
  with_unit,  // kids: one; text: the unit
  mixed,      // kids: whole part, fraction
  ellipsis,
  // Aggregates
  tuple,      // in parentheses; of two it may be an open interval
  bracket,    // in square brackets; of two it may be a closed interval
  half_open,  // kids: two; text "(]" or "[)"
  list,       // items side by side, in no order
  set,
  set_union, set_meet, set_minus,
  empty_set, named_set,  // text: "R", "N", ...
  matrix,     // op: columns; kids: entries, row by row
  relation,   // kids: sides; text: one sign a gap: '=', '<', '>', 'l' (<=), 'g' (>=), '!', '~', 'e' (in)
  ratio,      // kids: two or more
  text,       // text: words, as written
};

enum class Function : std::uint8_t {
  none, sqrt, root, exp, ln, log10, log, sin, cos, tan, cot, sec, csc, asin, acos, atan, acot, sinh, cosh, tanh, coth,
  asinh, acosh, atanh, abs, floor, ceil, factorial, binomial, gcd, lcm, mod, min, max, re, im, conj, sign,
  sum, product,  // kids: variable, from, to, body
  permutations, sech, csch, asec, acsc, acoth, asech, acsch,
};

struct Node {
  Kind kind = Kind::failed;
  std::uint8_t op = 0;  // Function, or the columns of a matrix
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t text = 0;
  std::uint32_t text_size = 0;
};

class Tree {
 public:
  Tree();

  NodeId add(Kind kind, std::span<const NodeId> kids, std::string_view text = {}, std::uint8_t op = 0);
  NodeId add(Kind kind, std::initializer_list<NodeId> kids, std::string_view text = {}, std::uint8_t op = 0) {
    return add(kind, std::span<const NodeId>(kids.begin(), kids.size()), text, op);
  }
  NodeId leaf(Kind kind, std::string_view text = {}) { return add(kind, std::span<const NodeId>(), text); }
  NodeId number(std::string_view digits) { return leaf(Kind::number, digits); }
  NodeId call(Function f, std::initializer_list<NodeId> kids) {
    return add(Kind::call, kids, {}, static_cast<std::uint8_t>(f));
  }

  const Node& node(NodeId id) const { return nodes_[id]; }
  Kind kind(NodeId id) const { return nodes_[id].kind; }
  Function function(NodeId id) const { return static_cast<Function>(nodes_[id].op); }
  std::uint32_t count(NodeId id) const { return nodes_[id].count; }
  NodeId kid(NodeId id, std::uint32_t i) const { return kids_[nodes_[id].first + i]; }
  // Valid until the next add().
  std::span<const NodeId> kids(NodeId id) const { return {kids_.data() + nodes_[id].first, nodes_[id].count}; }
  std::vector<NodeId> copy_kids(NodeId id) const {
    const auto k = kids(id);
    return {k.begin(), k.end()};
  }
  // Valid until the next add().
  std::string_view text(NodeId id) const {
    return std::string_view(text_).substr(nodes_[id].text, nodes_[id].text_size);
  }
  bool over() const { return over_; }
  std::size_t size() const { return nodes_.size(); }

 private:
  std::vector<Node> nodes_;
  std::vector<NodeId> kids_;
  std::string text_;
  bool over_ = false;
};

// One line for people and for sorting: "(add x (power y 2))". Bounded by the limit of nodes.
std::string describe(const Tree& tree, NodeId id);

}  // namespace assay::math
