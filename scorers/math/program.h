// An expression of the tree as a straight-line program for the doors in exact/.
//
//   Symbols symbols(tree, same);
//   auto p = compile(tree, node, symbols, options);
//   if (p) exact_compare_rational(...p->tape(symbols)...);
//
// Symbols are shared by the programs that are to be compared. What is no arithmetic, an integral or f(x), counts as
// one symbol; two of those are the same symbol when `same` says that their parts are equal.
//
// Threads: one at a time. Bounded by kMaxSteps.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scorers/math/exact/tape.h"
#include "scorers/math/tree.h"

namespace assay::math {

class Symbols {
 public:
  using Same = std::function<bool(NodeId, NodeId)>;
  Symbols(const Tree& tree, Same same) : tree_(tree), same_(std::move(same)) {}

  int index(NodeId symbol);  // of a symbol or an opaque node
  int size() const { return static_cast<int>(nodes_.size()); }

 private:
  const Tree& tree_;
  Same same_;
  std::vector<NodeId> nodes_;
};

struct Program {
  std::vector<exact_step> steps;
  std::vector<std::string> literals;
  std::vector<const char*> pointers;

  exact_tape tape(const Symbols& symbols) {
    pointers.clear();
    for (const std::string& s : literals) pointers.push_back(s.c_str());
    return {steps.data(), static_cast<int>(steps.size()), pointers.data(), symbols.size()};
  }
  bool same_as(const Program& other) const;
};

enum class CompileError : std::uint8_t { none, no_value, over_limit };

struct Compiled {
  CompileError error = CompileError::none;
  Program program;
};

// natural_log: what \log without a base means.
Compiled compile(const Tree& tree, NodeId root, Symbols& symbols, bool natural_log);
// minuend - subtrahend
Compiled compile_difference(const Tree& tree, NodeId minuend, NodeId subtrahend, Symbols& symbols, bool natural_log);

// The digits of a number node: "12.5e-3" is digits "125", places 1, exponent -3.
struct Literal {
  std::string digits;
  int places = 0;
  long exponent = 0;
};
Literal split_literal(std::string_view text);

}  // namespace assay::math
