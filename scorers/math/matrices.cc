// Matrices: products, sums, transposes, powers and determinants, written out as entries.
#include "scorers/math/compare.h"

namespace assay::math {
namespace {

constexpr std::uint32_t kMaxSide = 12;

// Of a matrix: how many rows and columns.
struct Shape {
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
};
Shape shape_of(const Tree& tree, NodeId m) {
  const std::uint32_t columns = tree.node(m).op;
  return {columns == 0 ? 0 : tree.count(m) / columns, columns};
}

NodeId product_of(Tree& tree, NodeId a, NodeId b) {
  const Shape x = shape_of(tree, a);
  const Shape y = shape_of(tree, b);
  if (x.columns == 0 || y.columns == 0 || y.rows != x.columns || x.columns > kMaxSide) return 0;
  std::vector<NodeId> out;
  for (std::uint32_t r = 0; r < x.rows; ++r) {
    for (std::uint32_t c = 0; c < y.columns; ++c) {
      std::vector<NodeId> terms;
      for (std::uint32_t j = 0; j < x.columns; ++j) {
        terms.push_back(tree.add(Kind::multiply, {tree.kid(a, r * x.columns + j), tree.kid(b, j * y.columns + c)}));
      }
      out.push_back(terms.size() == 1 ? terms[0] : tree.add(Kind::add, terms));
    }
  }
  return tree.add(Kind::matrix, out, {}, static_cast<std::uint8_t>(y.columns));
}

// A^T, A^2; 0 where the exponent is another.
NodeId power_of(Tree& tree, NodeId m, NodeId exponent) {
  const Shape s = shape_of(tree, m);
  if (tree.kind(exponent) == Kind::symbol && tree.text(exponent) == "T") {
    std::vector<NodeId> out;
    for (std::uint32_t c = 0; c < s.columns; ++c) {
      for (std::uint32_t r = 0; r < s.rows; ++r) out.push_back(tree.kid(m, r * s.columns + c));
    }
    return tree.add(Kind::matrix, out, {}, static_cast<std::uint8_t>(s.rows));
  }
  const bool minus_one = tree.kind(exponent) == Kind::negate && tree.kind(tree.kid(exponent, 0)) == Kind::number &&
                         tree.text(tree.kid(exponent, 0)) == "1";
  if (minus_one && s.rows == 2 && s.columns == 2) {
    const std::vector<NodeId> e = tree.copy_kids(m);
    const NodeId both[2] = {tree.add(Kind::multiply, {e[0], e[3]}), tree.add(Kind::multiply, {e[1], e[2]})};
    const NodeId determinant = tree.add(Kind::add, {both[0], tree.add(Kind::negate, {both[1]})});
    std::vector<NodeId> out = {e[3], tree.add(Kind::negate, {e[1]}), tree.add(Kind::negate, {e[2]}), e[0]};
    for (NodeId& entry : out) entry = tree.add(Kind::divide, {entry, determinant});
    return tree.add(Kind::matrix, out, {}, 2);
  }
  if (tree.kind(exponent) != Kind::number || tree.text(exponent).size() != 1 || s.rows != s.columns || s.rows > 4) return 0;
  const int n = tree.text(exponent)[0] - '0';
  if (n < 1 || n > 4) return 0;
  NodeId out = m;
  for (int i = 1; i < n && out != 0; ++i) out = product_of(tree, out, m);
  return out;
}

// By the first row; up to three rows.
NodeId determinant_of(Tree& tree, const std::vector<NodeId>& e, std::uint32_t side) {
  if (side == 1) return e[0];
  std::vector<NodeId> terms;
  for (std::uint32_t c = 0; c < side; ++c) {
    std::vector<NodeId> minor;
    for (std::uint32_t r = 1; r < side; ++r) {
      for (std::uint32_t k = 0; k < side; ++k) {
        if (k != c) minor.push_back(e[r * side + k]);
      }
    }
    const NodeId term = tree.add(Kind::multiply, {e[c], determinant_of(tree, minor, side - 1)});
    terms.push_back(c % 2 == 0 ? term : tree.add(Kind::negate, {term}));
  }
  return tree.add(Kind::add, terms);
}

}  // namespace

NodeId Comparer::matrix_value(NodeId id, int depth) {
  if (depth > 12) return id;
  const Kind k = tree_.kind(id);
  const bool determinant = k == Kind::opaque && tree_.text(id) == "det" && tree_.count(id) == 1;
  if (k != Kind::multiply && k != Kind::add && k != Kind::negate && k != Kind::divide && k != Kind::power && !determinant) {
    return id;
  }
  std::vector<NodeId> kids = tree_.copy_kids(id);
  bool any = false;
  for (NodeId& kid : kids) {
    kid = matrix_value(kid, depth + 1);
    any = any || tree_.kind(kid) == Kind::matrix;
  }
  if (!any || (k == Kind::divide && tree_.kind(kids[1]) == Kind::matrix)) return id;
  if (determinant) {
    const Shape s = shape_of(tree_, kids[0]);
    return s.rows == s.columns && s.rows <= 3 ? determinant_of(tree_, tree_.copy_kids(kids[0]), s.rows) : id;
  }
  if (k == Kind::power) {
    const NodeId power = tree_.kind(kids[0]) == Kind::matrix ? power_of(tree_, kids[0], kids[1]) : 0;
    return power == 0 ? id : power;
  }
  const auto entries = [&](NodeId m, const auto& make) {
    std::vector<NodeId> out = tree_.copy_kids(m);
    for (NodeId& e : out) e = make(e);
    return tree_.add(Kind::matrix, out, {}, tree_.node(m).op);
  };
  if (k == Kind::negate) return entries(kids[0], [&](NodeId e) { return tree_.add(Kind::negate, {e}); });
  if (k == Kind::divide) return entries(kids[0], [&](NodeId e) { return tree_.add(Kind::divide, {e, kids[1]}); });
  NodeId total = kids[0];
  for (std::size_t i = 1; i < kids.size(); ++i) {
    const NodeId next = kids[i];
    const bool x = tree_.kind(total) == Kind::matrix;
    const bool y = tree_.kind(next) == Kind::matrix;
    if (k == Kind::multiply && x != y) {
      const NodeId scalar = x ? next : total;
      total = entries(x ? total : next, [&](NodeId e) { return tree_.add(Kind::multiply, {scalar, e}); });
    } else if (k == Kind::multiply && x) {
      total = product_of(tree_, total, next);
      if (total == 0) return id;
    } else if (k == Kind::add && x && y && tree_.count(total) == tree_.count(next) &&
               tree_.node(total).op == tree_.node(next).op) {
      std::vector<NodeId> out;
      for (std::uint32_t j = 0; j < tree_.count(total); ++j) {
        out.push_back(tree_.add(Kind::add, {tree_.kid(total, j), tree_.kid(next, j)}));
      }
      total = tree_.add(Kind::matrix, out, {}, tree_.node(total).op);
    } else if (k == Kind::multiply) {
      total = tree_.add(Kind::multiply, {total, next});
    } else {
      return id;
    }
    if (tree_.over()) return id;
  }
  return total;
}

}  // namespace assay::math
