// Are two answers the same? By type; what is of two types is unequal, but for these bridges:
//   x = 5 and 5; (p,q) = (3,2) and (3,2); a list and a set of the same elements; an inequality and its interval;
//   20% and 20 or 0.2; 8 cm and 8; a row or column and the tuple of its entries; 5:3 and 5/3.
//
// Symmetric but for reasons. Bounded by kMaxWork. Threads: one comparer for each thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scorers/math/policy.h"
#include "scorers/math/tree.h"
#include "scorers/math/value.h"

namespace assay::math {

class Comparer {
 public:
  Comparer(Tree& tree, const Policy& policy) : tree_(tree), policy_(policy) {}

  Compared compare(NodeId a, NodeId b);
  std::uint32_t work() const { return work_; }
  // The types compared last at the outermost level, for the rule path: "number", "set", "equation".
  const char* type() const { return type_; }

 private:
  // What an answer is when "x =" is taken off it.
  struct Reduced {
    NodeId name = 0;       // 0: none
    NodeId value = 0;
    bool equation = false;    // value is a relation of '=' that no name can be taken off
    bool inequality = false;  // value is a relation of order
  };
  // An interval of the real line; a bound of 0 is infinite.
  struct Piece {
    NodeId low = 0;
    NodeId high = 0;
    bool low_closed = false;
    bool high_closed = false;
  };
  using Pieces = std::vector<Piece>;

  // compare.cc
  Compared at(NodeId a, NodeId b, int depth);
  Compared bare(NodeId a, NodeId b, int depth);
  Compared units(NodeId a, NodeId b, int depth);
  Compared percents(NodeId a, NodeId b, int depth);
  Compared tuples(NodeId a, NodeId b, int depth);
  Compared unordered(NodeId a, NodeId b, int depth);
  Compared ratios(NodeId a, NodeId b, int depth);
  Compared texts(NodeId a, NodeId b) const;
  Compared values(NodeId a, NodeId b, int depth);
  int infinite(NodeId id) const;
  bool has_pi(NodeId id) const;
  bool same_digits_in_a_letter_base(NodeId numeral, NodeId number) const;
  bool same(NodeId a, NodeId b, int depth) { return at(a, b, depth).equal == Equal::yes; }

  // reduce.cc, matrices.cc
  Reduced reduce(NodeId id);
  bool is_name(NodeId id) const;
  bool holds_inequality(NodeId list) const;
  NodeId spread(NodeId id, int depth);         // ± written out
  NodeId choose_sign(NodeId id, bool upper);
  bool has_plus_minus(NodeId id) const;
  NodeId group_assignments(NodeId list);
  NodeId matrix_value(NodeId id, int depth);   // a product or sum with matrices as one matrix
  NodeId unit_letter(NodeId id);
  bool is_unit_expression(NodeId id) const;

  // relations.cc
  Compared relations(const Reduced& a, const Reduced& b, int depth);
  Compared inequalities(NodeId a, NodeId b, int depth);
  std::optional<Pieces> pieces(NodeId id, int depth);
  std::optional<Pieces> pieces_of_relation(NodeId id);
  std::optional<Pieces> pieces_of_modulus(NodeId left, char sign, NodeId right);
  std::optional<Piece> ray(NodeId left, char sign, NodeId right);
  std::optional<Pieces> unite(Pieces all) const;
  std::optional<Pieces> meet(const Pieces& a, const Pieces& b) const;
  Pieces complement(const Pieces& a) const;
  Compared same_pieces(const Pieces& a, const Pieces& b, int depth);

  Tree& tree_;
  const Policy& policy_;
  std::uint32_t work_ = 0;
  const char* type_ = "";
};

}  // namespace assay::math
