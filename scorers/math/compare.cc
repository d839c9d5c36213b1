#include "scorers/math/compare.h"

#include <algorithm>

#include "harness/base/format.h"
#include "scorers/math/units.h"
#include "scorers/math/words.h"

namespace assay::math {
namespace {

constexpr Compared kDifferentTypes{Equal::no, "different kinds of answers"};
constexpr int kMaxDepth = 24;

bool is_real_set(Kind k) {
  return k == Kind::tuple || k == Kind::bracket || k == Kind::half_open || k == Kind::set_union ||
         k == Kind::set_meet || k == Kind::set_minus;
}
bool is_collection(Kind k) { return k == Kind::list || k == Kind::set; }

}  // namespace

Compared Comparer::compare(NodeId a, NodeId b) { return at(a, b, 0); }

Compared Comparer::at(NodeId a, NodeId b, int depth) {
  if (a == b) return {Equal::yes, "the same expression"};
  if (++work_ > kMaxWork || depth > kMaxDepth) return {Equal::undecided, "the comparison is over the limit"};
  if (depth == 0) {
    a = spread(a, 0);
    b = spread(b, 0);
    a = group_assignments(a);
    b = group_assignments(b);
  }
  const Reduced x = reduce(a);
  const Reduced y = reduce(b);
  if (tree_.over()) return {Equal::undecided, "the comparison is over the limit"};
  if (x.equation || y.equation || x.inequality || y.inequality) {
    if (depth == 0) type_ = "relation";
    return relations(x, y, depth);
  }
  if (holds_inequality(x.value) || holds_inequality(y.value)) {
    if (const auto p = pieces(x.value, depth)) {
      if (const auto q = pieces(y.value, depth)) return same_pieces(*p, *q, depth);
    }
  }
  if (x.name != 0 && y.name != 0 && !policy_.names_ignored) {
    // Named by different things they may still be one equation: y = 2x and 2x = y.
    if (describe(tree_, x.name) != describe(tree_, y.name) && !same(x.name, y.name, depth + 1)) {
      if (tree_.kind(a) == Kind::relation && tree_.kind(b) == Kind::relation && !is_numeric(tree_, x.value) &&
          !is_numeric(tree_, y.value)) {
        return relations({0, a, true, false}, {0, b, true, false}, depth);
      }
      return {Equal::no, "values of different names"};
    }
  } else if ((x.name != 0) != (y.name != 0) && !policy_.names_optional) {
    return {Equal::no, "one is an equation"};
  }
  return bare(x.value, y.value, depth);
}

// Two values, no names.
Compared Comparer::bare(NodeId a, NodeId b, int depth) {
  a = unit_letter(matrix_value(a, depth));
  b = unit_letter(matrix_value(b, depth));
  const Kind k = tree_.kind(a);
  const Kind l = tree_.kind(b);
  const auto either = [&](Kind kind) { return k == kind || l == kind; };
  const auto type = [&](const char* name) {
    if (depth == 0) type_ = name;
  };
  if (either(Kind::text)) {
    type("text");
    return texts(a, b);
  }
  if (either(Kind::with_unit)) {
    type("unit");
    return units(a, b, depth);
  }
  if (either(Kind::percent)) {
    type("percent");
    return percents(a, b, depth);
  }
  if (either(Kind::empty_set) || either(Kind::named_set)) {
    type("set");
    if (k == l) return {k == Kind::empty_set || tree_.text(a) == tree_.text(b) ? Equal::yes : Equal::no, "sets by name"};
    if (either(Kind::empty_set) && (is_collection(k) || is_collection(l))) return kDifferentTypes;
  }
  if (is_collection(k) && is_collection(l)) {
    type("set");
    return unordered(a, b, depth);
  }
  if (k == l && (k == Kind::tuple || k == Kind::bracket || k == Kind::half_open)) {
    type("tuple");
    return tuples(a, b, depth);
  }
  // (1,2) is no [1,2] and no {1,2}, whatever they might be as sets of real numbers.
  const bool simple = is_real_set(k) && is_real_set(l) && (k == Kind::tuple || k == Kind::bracket || k == Kind::half_open) &&
                      (l == Kind::tuple || l == Kind::bracket || l == Kind::half_open);
  if (simple) return {Equal::no, "brackets of different kinds"};
  const bool compound = k == Kind::set_union || k == Kind::set_meet || k == Kind::set_minus || l == Kind::set_union ||
                        l == Kind::set_meet || l == Kind::set_minus || either(Kind::named_set);
  if (compound) {
    type("interval");
    if (const auto p = pieces(a, depth)) {
      if (const auto q = pieces(b, depth)) return same_pieces(*p, *q, depth);
    }
    return k == l ? unordered(a, b, depth) : kDifferentTypes;
  }
  if (k == Kind::matrix || l == Kind::matrix) {
    type("matrix");
    const bool vector = (k == Kind::tuple || l == Kind::tuple) && [&] {
      const NodeId m = k == Kind::matrix ? a : b;
      return tree_.node(m).op == 1 || tree_.node(m).op == tree_.count(m);
    }();
    if (vector || (k == l && tree_.node(a).op == tree_.node(b).op)) return tuples(a, b, depth);
    return k == l ? Compared{Equal::no, "matrices of different shapes"} : kDifferentTypes;
  }
  if (k == Kind::ratio && l == Kind::ratio) {
    type("ratio");
    return ratios(a, b, depth);
  }
  type("value");
  return values(a, b, depth);
}

Compared Comparer::values(NodeId a, NodeId b, int depth) {
  const int x = infinite(a);
  const int y = infinite(b);
  if (x != 0 || y != 0) return {x == y ? Equal::yes : Equal::no, "infinite"};
  const Kind k = tree_.kind(a);
  const Kind l = tree_.kind(b);
  if (is_collection(k) || is_collection(l) || is_real_set(k) || is_real_set(l)) return kDifferentTypes;
  if (same_digits_in_a_letter_base(a, b) || same_digits_in_a_letter_base(b, a)) {
    return {Equal::yes, "the same digits; the base is a letter"};
  }
  if (k == Kind::based || l == Kind::based) {
    const NodeId numeral = k == Kind::based ? a : b;
    const NodeId other = k == Kind::based ? b : a;
    const std::string_view t = tree_.text(numeral);
    if (policy_.base_optional && tree_.kind(other) == Kind::number && tree_.text(other) == t.substr(0, t.find('_'))) {
      return {Equal::yes, "the same digits without their base"};
    }
  }
  return compare_values(tree_, a, b, policy_,
                        [this, depth](NodeId p, NodeId q) { return same(p, q, depth + 1); });
}

// "100100_b" and 100100: a numeral in a base that is a letter has no value but its digits.
bool Comparer::same_digits_in_a_letter_base(NodeId numeral, NodeId number) const {
  if (tree_.kind(numeral) != Kind::symbol || tree_.kind(number) != Kind::number) return false;
  const std::string_view name = tree_.text(numeral);
  const std::string_view digits = tree_.text(number);
  return name.size() > digits.size() && name.substr(0, digits.size()) == digits && name.substr(digits.size(), 2) == "_{";
}

// 1 or -1 for an infinity, 0 for anything else.
int Comparer::infinite(NodeId id) const {
  const Kind k = tree_.kind(id);
  if (k == Kind::infinity) return 1;
  if (k == Kind::negate && tree_.kind(tree_.kid(id, 0)) == Kind::infinity) return -1;
  return 0;
}

bool Comparer::has_pi(NodeId id) const {
  if (tree_.kind(id) == Kind::pi) return true;
  const auto kids = tree_.kids(id);
  return std::any_of(kids.begin(), kids.end(), [&](NodeId kid) { return has_pi(kid); });
}

Compared Comparer::units(NodeId a, NodeId b, int depth) {
  const bool x = tree_.kind(a) == Kind::with_unit;
  const bool y = tree_.kind(b) == Kind::with_unit;
  if (x && y) {
    const std::string m = unit_name(tree_.text(a));
    const std::string n = unit_name(tree_.text(b));
    if (m != n && policy_.units != UnitPolicy::ignore) {
      const auto u = unit_value(m);
      const auto v = unit_value(n);
      if (!u || !v || u->kind != v->kind) return {Equal::no, "different units"};
      const auto scaled = [&](NodeId id, const UnitValue& unit) {
        const NodeId top = tree_.add(Kind::multiply, {tree_.kid(id, 0), tree_.number(std::to_string(unit.numerator))});
        return tree_.add(Kind::divide, {top, tree_.number(std::to_string(unit.denominator))});
      };
      return values(scaled(a, *u), scaled(b, *v), depth);
    }
  } else if (policy_.degrees == DegreePolicy::convert && tree_.text(x ? a : b) == "deg" && has_pi(x ? b : a)) {
    const NodeId half_turns = tree_.add(Kind::divide, {tree_.kid(x ? a : b, 0), tree_.number("180")});
    return values(tree_.add(Kind::multiply, {half_turns, tree_.leaf(Kind::pi)}), x ? b : a, depth);
  } else if (policy_.units == UnitPolicy::strict) {
    return {Equal::no, "only one has a unit"};
  }
  return at(x ? tree_.kid(a, 0) : a, y ? tree_.kid(b, 0) : b, depth + 1);
}

Compared Comparer::percents(NodeId a, NodeId b, int depth) {
  const bool x = tree_.kind(a) == Kind::percent;
  const bool y = tree_.kind(b) == Kind::percent;
  if (x && y) return at(tree_.kid(a, 0), tree_.kid(b, 0), depth + 1);
  const NodeId inner = x ? tree_.kid(a, 0) : tree_.kid(b, 0);
  const NodeId plain = x ? b : a;
  Compared same_number{Equal::no, ""};
  if (policy_.percent != PercentPolicy::fraction) {
    same_number = at(inner, plain, depth + 1);
    if (same_number.equal != Equal::no || policy_.percent == PercentPolicy::same) return same_number;
  }
  return at(tree_.add(Kind::divide, {inner, tree_.number("100")}), plain, depth + 1);
}

Compared Comparer::tuples(NodeId a, NodeId b, int depth) {
  if (tree_.count(a) != tree_.count(b)) return {Equal::no, "different numbers of elements"};
  if (tree_.kind(a) == Kind::half_open && tree_.text(a) != tree_.text(b)) return {Equal::no, "different intervals"};
  Compared all{Equal::yes, "proven equal: element by element"};
  for (std::uint32_t i = 0; i < tree_.count(a); ++i) {
    const Compared one = at(tree_.kid(a, i), tree_.kid(b, i), depth + 1);
    if (one.equal == Equal::no) return {Equal::no, "an element differs"};
    if (one.equal == Equal::undecided) all = one;
  }
  return all;
}

// Lists and sets: a matching of equal elements. Equality is transitive but for rounding, so the first free partner
// is taken; sets forget repeated elements first.
Compared Comparer::unordered(NodeId a, NodeId b, int depth) {
  std::vector<NodeId> x = tree_.copy_kids(a);
  std::vector<NodeId> y = tree_.copy_kids(b);
  if (x.size() > kMaxElements || y.size() > kMaxElements) return {Equal::undecided, "too many elements"};
  if (policy_.ordered_lists && tree_.kind(a) == Kind::list && tree_.kind(b) == Kind::list) return tuples(a, b, depth);
  if (x.size() != y.size()) {
    for (std::vector<NodeId>* side : {&x, &y}) {
      std::vector<NodeId> once;
      for (const NodeId e : *side) {
        const bool known = std::any_of(once.begin(), once.end(), [&](NodeId o) { return same(o, e, depth + 1); });
        if (!known) once.push_back(e);
      }
      *side = std::move(once);
    }
    const bool a_set = tree_.kind(a) == Kind::set || tree_.kind(b) == Kind::set;
    if (x.size() != y.size() || !a_set) return {Equal::no, "different numbers of elements"};
  }
  bool open = false;
  std::vector<bool> taken(y.size(), false);
  for (const NodeId e : x) {
    bool found = false;
    for (std::size_t j = 0; j < y.size() && !found; ++j) {
      if (taken[j]) continue;
      const Compared one = at(e, y[j], depth + 1);
      open = open || one.equal == Equal::undecided;
      if (one.equal == Equal::yes) {
        taken[j] = true;
        found = true;
      }
    }
    if (!found) return {open ? Equal::undecided : Equal::no, "an element has no partner"};
  }
  return {Equal::yes, "proven equal: element by element"};
}

Compared Comparer::ratios(NodeId a, NodeId b, int depth) {
  if (tree_.count(a) != tree_.count(b)) return {Equal::no, "different numbers of parts"};
  bool all = true;
  for (std::uint32_t i = 0; i < tree_.count(a) && all; ++i) {  // 12:00 is a time, and equal to itself
    all = tree_.kind(tree_.kid(a, i)) == Kind::number && tree_.kind(tree_.kid(b, i)) == Kind::number &&
          tree_.text(tree_.kid(a, i)) == tree_.text(tree_.kid(b, i));
  }
  if (all) return {Equal::yes, "proven equal: part by part"};
  for (std::uint32_t i = 1; i < tree_.count(a); ++i) {
    const NodeId x = tree_.add(Kind::multiply, {tree_.kid(a, i), tree_.kid(b, 0)});
    const NodeId y = tree_.add(Kind::multiply, {tree_.kid(b, i), tree_.kid(a, 0)});
    const Compared one = values(x, y, depth);
    if (one.equal != Equal::yes) return one;
  }
  // 0:0 = anything is no answer.
  return values(tree_.kid(a, 0), tree_.number("0"), depth).equal == Equal::yes &&
                 values(tree_.kid(b, 0), tree_.number("0"), depth).equal != Equal::yes
             ? Compared{Equal::no, "different ratios"}
             : Compared{Equal::yes, "proven equal: part by part"};
}

Compared Comparer::texts(NodeId a, NodeId b) const {
  const auto words = [&](NodeId id) {
    if (tree_.kind(id) == Kind::text || tree_.kind(id) == Kind::symbol) return plain_words(tree_.text(id));
    return std::string();
  };
  const std::string x = words(a);
  const std::string y = words(b);
  if (x.empty() || y.empty()) return {Equal::no, "words against no words"};
  if (x == y) return {Equal::yes, "the same words"};
  // A letter and the option that it names: "C" and "C Cecile".
  if (is_option(x, y) || is_option(y, x)) return {Equal::yes, "the option's letter"};
  return {Equal::no, "different words"};
}

}  // namespace assay::math
