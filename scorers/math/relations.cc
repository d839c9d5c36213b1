// Equations, inequalities and the sets of real numbers they describe.
#include <algorithm>

#include "scorers/math/compare.h"

namespace assay::math {
namespace {

char flipped(char sign) {
  switch (sign) {
    case '<': return '>';
    case '>': return '<';
    case 'l': return 'g';
    case 'g': return 'l';
    default: return sign;
  }
}
bool is_strict(char sign) { return sign == '<' || sign == '>'; }

}  // namespace

Compared Comparer::relations(const Reduced& a, const Reduced& b, int depth) {
  if (a.inequality || b.inequality) {
    if (policy_.inequality_is_interval) {
      if (const auto p = pieces(a.value, depth)) {
        if (const auto q = pieces(b.value, depth)) return same_pieces(*p, *q, depth);
      }
    }
    if (a.inequality && b.inequality) return inequalities(a.value, b.value, depth);
    return {Equal::no, "an inequality against something else"};
  }
  // At least one equation; "y = 2x + 1" against "2x - y + 1 = 0" has its name put back.
  const auto sides = [&](const Reduced& r) -> std::pair<NodeId, NodeId> {
    if (r.equation) return {tree_.kid(r.value, 0), tree_.kid(r.value, 1)};
    return {r.name, r.value};
  };
  const auto [l1, r1] = sides(a);
  const auto [l2, r2] = sides(b);
  if (l1 == 0 || l2 == 0) return {Equal::no, "an equation against a value"};
  int sign = 1;
  return compare_proportional(tree_, l1, r1, l2, r2, policy_,
                              [this, depth](NodeId p, NodeId q) { return same(p, q, depth + 1); }, sign);
}

// Inequalities in several symbols: each lhs - rhs a constant times the other's, the sign turned where it is negative.
Compared Comparer::inequalities(NodeId a, NodeId b, int depth) {
  const std::string s(tree_.text(a));
  const std::string t(tree_.text(b));
  if (s.size() != t.size()) return {Equal::no, "different inequalities"};
  const auto chain = [&](bool reversed) {
    Compared all{Equal::yes, "proven equal: the same inequality"};
    const auto n = static_cast<std::uint32_t>(s.size());
    for (std::uint32_t i = 0; i < n; ++i) {
      const std::uint32_t j = reversed ? n - 1 - i : i;
      int sign = 1;
      const Compared one = compare_proportional(
          tree_, tree_.kid(a, i), tree_.kid(a, i + 1), tree_.kid(b, j), tree_.kid(b, j + 1), policy_,
          [this, depth](NodeId p, NodeId q) { return same(p, q, depth + 1); }, sign);
      if (one.equal != Equal::yes) return one;
      if (s[i] != (sign > 0 ? t[j] : flipped(t[j]))) return Compared{Equal::no, "inequalities of different direction"};
    }
    return all;
  };
  const Compared forward = chain(false);
  if (forward.equal == Equal::yes || s.size() == 1) return forward;
  return chain(true);
}

// x < 3, 3 > x, -x > -3, 2x + 1 <= 7: a ray.
std::optional<Comparer::Piece> Comparer::ray(NodeId left, char sign, NodeId right) {
  if (sign == '!' || sign == '=' || sign == '~' || sign == 'e') return std::nullopt;
  NodeId place = 0;
  bool below = sign == '<' || sign == 'l';
  if (is_name(left) && (is_numeric(tree_, right) || infinite(right) != 0)) {
    place = right;
  } else if (is_name(right) && (is_numeric(tree_, left) || infinite(left) != 0)) {
    place = left;
    below = !below;
  } else {
    const auto root = root_of_linear(tree_, left, right, policy_);
    if (!root) return std::nullopt;
    place = root->place;
    if (root->sign < 0) below = !below;
  }
  if (infinite(place) != 0) return Piece{};
  Piece p;
  (below ? p.high : p.low) = place;
  (below ? p.high_closed : p.low_closed) = !is_strict(sign);
  return p;
}

// |x| < 3 is (-3, 3), and |x| >= 3 the rest.
std::optional<Comparer::Pieces> Comparer::pieces_of_modulus(NodeId left, char sign, NodeId right) {
  if (tree_.kind(left) != Kind::call || tree_.function(left) != Function::abs || !is_numeric(tree_, right)) return std::nullopt;
  const NodeId inside = tree_.kid(left, 0);
  const auto order = order_values(tree_, right, tree_.number("0"), policy_);
  if (tree_.kind(inside) != Kind::symbol || !order || *order <= 0) return std::nullopt;
  const bool inner = sign == '<' || sign == 'l';
  if (!inner && sign != '>' && sign != 'g') return std::nullopt;
  const bool closed = inner != is_strict(sign);
  Pieces all{{tree_.add(Kind::negate, {right}), right, closed, closed}};
  return inner ? all : complement(all);
}

// The one symbol that an inequality is about stands where a symbol stands; of two different ones nothing follows.
std::optional<Comparer::Pieces> Comparer::pieces_of_relation(NodeId id) {
  const std::string signs(tree_.text(id));
  const std::vector<NodeId> sides = tree_.copy_kids(id);
  if (signs.size() == 1 && signs[0] == '!' && is_name(sides[0]) && is_numeric(tree_, sides[1])) {
    return complement({{sides[1], sides[1], true, true}});
  }
  if (signs.size() == 1) {
    if (auto both = pieces_of_modulus(sides[0], signs[0], sides[1])) return both;
    if (auto both = pieces_of_modulus(sides[1], flipped(signs[0]), sides[0])) return both;
  }
  std::string name;
  for (const NodeId side : sides) {
    if (!is_name(side)) continue;
    const std::string here = describe(tree_, side);
    if (!name.empty() && here != name) return std::nullopt;
    name = here;
  }
  Pieces all{{}};
  for (std::size_t i = 0; i < signs.size(); ++i) {
    const auto one = ray(sides[i], signs[i], sides[i + 1]);
    if (!one) return std::nullopt;
    const auto both = meet(all, {*one});
    if (!both) return std::nullopt;
    all = *both;
  }
  return all;
}

std::optional<Comparer::Pieces> Comparer::pieces(NodeId id, int depth) {
  if (depth > 12 || ++work_ > kMaxWork) return std::nullopt;
  const Kind k = tree_.kind(id);
  const std::vector<NodeId> kids = tree_.copy_kids(id);
  switch (k) {
    case Kind::empty_set: return Pieces{};
    case Kind::named_set: return tree_.text(id) == "R" ? std::optional<Pieces>(Pieces{{}}) : std::nullopt;
    case Kind::tuple: case Kind::bracket: case Kind::half_open: {
      if (kids.size() != 2) return std::nullopt;
      Piece p;
      const std::string_view ends = tree_.text(id);
      for (const NodeId end : kids) {
        if (infinite(end) == 0 && !is_numeric(tree_, end)) return std::nullopt;
      }
      p.low_closed = k == Kind::bracket || (k == Kind::half_open && ends == "[)");
      p.high_closed = k == Kind::bracket || (k == Kind::half_open && ends == "(]");
      if (infinite(kids[0]) > 0 || infinite(kids[1]) < 0) return Pieces{};
      if (infinite(kids[0]) == 0) p.low = kids[0];
      if (infinite(kids[1]) == 0) p.high = kids[1];
      if (p.low == 0) p.low_closed = false;
      if (p.high == 0) p.high_closed = false;
      return Pieces{p};
    }
    case Kind::set: {
      Pieces all;
      for (const NodeId e : kids) {
        if (!is_numeric(tree_, e)) return std::nullopt;
        all.push_back({e, e, true, true});
      }
      return unite(std::move(all));
    }
    case Kind::set_union: case Kind::set_meet: case Kind::set_minus: {
      auto x = pieces(kids[0], depth + 1);
      auto y = pieces(kids[1], depth + 1);
      if (!x || !y) return std::nullopt;
      if (k == Kind::set_minus) return meet(*x, complement(*y));
      if (k == Kind::set_meet) return meet(*x, *y);
      x->insert(x->end(), y->begin(), y->end());
      return unite(std::move(*x));
    }
    case Kind::list: {  // x < 1 or x > 3; 0 < x and x < 2
      const bool either = tree_.text(id) == "or";
      std::optional<Pieces> all;
      Pieces sum;
      for (const NodeId e : kids) {
        const Reduced r = reduce(e);
        if (!r.inequality && !(r.name != 0 && tree_.kind(e) == Kind::relation)) return std::nullopt;
        auto one = pieces(r.value, depth + 1);
        if (!one) return std::nullopt;
        sum.insert(sum.end(), one->begin(), one->end());
        all = all ? meet(*all, *one) : one;
        if (!all) return std::nullopt;
      }
      if (!either && !all->empty()) return all;
      return unite(std::move(sum));
    }
    case Kind::relation: {
      const Reduced r = reduce(id);
      if (r.inequality) return pieces_of_relation(id);
      return r.name != 0 ? pieces(r.value, depth + 1) : std::nullopt;
    }
    default: return std::nullopt;
  }
}

// Sorted, apart from each other, none empty. Nothing where the order of two ends cannot be told.
std::optional<Comparer::Pieces> Comparer::unite(Pieces all) const {
  if (all.size() > 64) return std::nullopt;
  // Insertion keeps the order total even though it may be unknown for some pair.
  Pieces sorted;
  for (const Piece& p : all) {
    std::size_t at = 0;
    for (; at < sorted.size(); ++at) {
      if (p.low == 0) break;
      if (sorted[at].low == 0) continue;
      const auto order = order_values(tree_, p.low, sorted[at].low, policy_);
      if (!order) return std::nullopt;
      if (*order < 0 || (*order == 0 && p.low_closed)) break;
    }
    sorted.insert(sorted.begin() + static_cast<std::ptrdiff_t>(at), p);
  }
  Pieces out;
  for (const Piece& p : sorted) {
    if (out.empty()) {
      out.push_back(p);
      continue;
    }
    Piece& last = out.back();
    if (last.high == 0) break;
    bool joins = p.low == 0;
    if (!joins) {
      const auto order = order_values(tree_, p.low, last.high, policy_);
      if (!order) return std::nullopt;
      joins = *order < 0 || (*order == 0 && (p.low_closed || last.high_closed));
    }
    if (!joins) {
      out.push_back(p);
      continue;
    }
    if (p.high == 0) {
      last.high = 0;
      last.high_closed = false;
      continue;
    }
    const auto order = order_values(tree_, p.high, last.high, policy_);
    if (!order) return std::nullopt;
    if (*order > 0) {
      last.high = p.high;
      last.high_closed = p.high_closed;
    } else if (*order == 0) {
      last.high_closed = last.high_closed || p.high_closed;
    }
  }
  return out;
}

std::optional<Comparer::Pieces> Comparer::meet(const Pieces& a, const Pieces& b) const {
  if (a.size() * b.size() > 256) return std::nullopt;
  Pieces out;
  for (const Piece& x : a) {
    for (const Piece& y : b) {
      Piece p = x;
      if (y.low != 0) {
        const auto order = p.low == 0 ? std::optional<int>(1) : order_values(tree_, y.low, p.low, policy_);
        if (!order) return std::nullopt;
        if (*order == 0) p.low_closed = p.low_closed && y.low_closed;
        if (*order > 0) {
          p.low = y.low;
          p.low_closed = y.low_closed;
        }
      }
      if (y.high != 0) {
        const auto order = p.high == 0 ? std::optional<int>(-1) : order_values(tree_, y.high, p.high, policy_);
        if (!order) return std::nullopt;
        if (*order == 0) p.high_closed = p.high_closed && y.high_closed;
        if (*order < 0) {
          p.high = y.high;
          p.high_closed = y.high_closed;
        }
      }
      if (p.low != 0 && p.high != 0) {
        const auto order = order_values(tree_, p.low, p.high, policy_);
        if (!order) return std::nullopt;
        if (*order > 0 || (*order == 0 && !(p.low_closed && p.high_closed))) continue;
      }
      out.push_back(p);
    }
  }
  return unite(std::move(out));
}

// REQUIRES: as unite() leaves them.
Comparer::Pieces Comparer::complement(const Pieces& a) const {
  Pieces out;
  Piece next;  // from minus infinity
  for (const Piece& p : a) {
    if (p.low != 0) {
      next.high = p.low;
      next.high_closed = !p.low_closed;
      out.push_back(next);
    }
    if (p.high == 0) return out;
    next = Piece{p.high, 0, !p.high_closed, false};
  }
  out.push_back(next);
  return out;
}

Compared Comparer::same_pieces(const Pieces& a, const Pieces& b, int depth) {
  if (a.size() != b.size()) return {Equal::no, "different intervals"};
  Compared all{Equal::yes, "proven equal: the same intervals"};
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].low_closed != b[i].low_closed || a[i].high_closed != b[i].high_closed) {
      return {Equal::no, "intervals open and closed at an end"};
    }
    const NodeId ends[2][2] = {{a[i].low, b[i].low}, {a[i].high, b[i].high}};
    for (const auto& end : ends) {
      if ((end[0] == 0) != (end[1] == 0)) return {Equal::no, "different intervals"};
      if (end[0] == 0) continue;
      const Compared one = values(end[0], end[1], depth);
      if (one.equal == Equal::no) return {Equal::no, "different intervals"};
      if (one.equal == Equal::undecided) all = one;
    }
  }
  return all;
}

}  // namespace assay::math
