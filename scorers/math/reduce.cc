// What is done to an answer before it is compared: "x =" is taken off, ± is written out, assignments are grouped,
// matrices are multiplied.
#include <algorithm>

#include "scorers/math/compare.h"
#include "scorers/math/units.h"

namespace assay::math {

// A left side that only names what stands on the right.
bool Comparer::is_name(NodeId id) const {
  switch (tree_.kind(id)) {
    case Kind::symbol: return true;
    case Kind::opaque: return tree_.text(id) != "integral" && tree_.text(id) != "derivative" && tree_.text(id) != "pmod";
    case Kind::euler: case Kind::imaginary: return true;
    case Kind::tuple: case Kind::ratio: case Kind::list:
    case Kind::set: {
      for (const NodeId kid : tree_.kids(id)) {
        if (!is_name(kid)) return false;
      }
      return true;
    }
    case Kind::multiply: {  // AB, the segment
      for (const NodeId kid : tree_.kids(id)) {
        if (tree_.kind(kid) != Kind::symbol || tree_.text(kid).size() != 1 || tree_.text(kid)[0] < 'A' ||
            tree_.text(kid)[0] > 'Z') {
          return false;
        }
      }
      return true;
    }
    case Kind::call: return tree_.function(id) == Function::abs && is_name(tree_.kid(id, 0));
    default: return false;
  }
}

// A list with an inequality in it describes a set of numbers.
bool Comparer::holds_inequality(NodeId list) const {
  if (tree_.kind(list) != Kind::list) return false;
  const auto kids = tree_.kids(list);
  return std::any_of(kids.begin(), kids.end(), [&](NodeId kid) {
    return tree_.kind(kid) == Kind::relation && tree_.text(kid).find_first_of("<>lg") != std::string_view::npos;
  });
}

Comparer::Reduced Comparer::reduce(NodeId id) {
  if (tree_.kind(id) != Kind::relation) return {0, id, false, false};
  const std::string signs(tree_.text(id));
  const std::vector<NodeId> sides = tree_.copy_kids(id);
  const auto is_order = [](char c) { return c == '<' || c == '>' || c == 'l' || c == 'g' || c == '!'; };
  if (std::any_of(signs.begin(), signs.end(), is_order)) return {0, id, false, true};
  const bool named = is_name(sides[0]);
  // The last exact side: what stands before the first ≈, unless that is the name alone.
  std::size_t last = sides.size() - 1;
  for (std::size_t i = 0; i < signs.size(); ++i) {
    if (signs[i] == '~') {
      last = i == 0 && (named || sides.size() == 1) ? 1 : i;
      break;
    }
  }
  if (named && last >= 1) {
    // f(x) = y: both could be names, and then this is an equation between two.
    return {sides[0], sides[last], false, false};
  }
  if (sides.size() == 2 && is_name(sides[1]) && signs[0] == '=') return {sides[1], sides[0], false, false};
  const bool numbers = std::all_of(sides.begin(), sides.end(), [&](NodeId s) { return is_numeric(tree_, s); });
  const auto is_collection = [&](NodeId s) {
    const Kind k = tree_.kind(s);
    return k == Kind::set || k == Kind::list || k == Kind::tuple || k == Kind::bracket || k == Kind::half_open ||
           k == Kind::set_union || k == Kind::empty_set || k == Kind::matrix;
  };
  const bool collections = std::all_of(sides.begin(), sides.end(), is_collection);
  if (numbers || collections || signs[0] == '~' || sides.size() > 2) return {0, sides[last], false, false};
  return {0, id, true, false};
}

bool Comparer::has_plus_minus(NodeId id) const {
  if (tree_.kind(id) == Kind::plus_minus) return true;
  const auto kids = tree_.kids(id);
  return std::any_of(kids.begin(), kids.end(), [&](NodeId kid) { return has_plus_minus(kid); });
}

// The expression with every ± read as + and every ∓ as -, or the other way round.
NodeId Comparer::choose_sign(NodeId id, bool upper) {
  if (tree_.count(id) == 0 || !has_plus_minus(id)) return id;
  std::vector<NodeId> kids = tree_.copy_kids(id);
  for (NodeId& kid : kids) kid = choose_sign(kid, upper);
  const Node n = tree_.node(id);
  const std::string text(tree_.text(id));
  if (n.kind != Kind::plus_minus) return tree_.add(n.kind, kids, text, n.op);
  const bool plus = (text == "+-") == upper;
  if (!plus) kids.back() = tree_.add(Kind::negate, {kids.back()});
  return kids.size() == 1 ? kids[0] : tree_.add(Kind::add, kids);
}

NodeId Comparer::spread(NodeId id, int depth) {
  if (depth > 6 || !has_plus_minus(id)) return id;
  const Kind k = tree_.kind(id);
  if (k == Kind::list || k == Kind::set) {
    std::vector<NodeId> items;
    for (const NodeId kid : tree_.copy_kids(id)) {
      const NodeId one = spread(kid, depth + 1);
      if (tree_.kind(one) == Kind::list && one != kid) {
        for (const NodeId e : tree_.copy_kids(one)) items.push_back(e);
      } else {
        items.push_back(one);
      }
    }
    return tree_.add(k, items);
  }
  if (k == Kind::relation) {
    std::vector<NodeId> sides = tree_.copy_kids(id);
    const std::string signs(tree_.text(id));
    for (NodeId& side : sides) side = spread(side, depth + 1);
    return tree_.add(k, sides, signs);
  }
  const NodeId upper = choose_sign(id, true);
  const NodeId lower = choose_sign(id, false);
  return tree_.add(Kind::list, {upper, lower});
}

// "p = 5, q = 2, p = 7, q = 2" is two pairs: the names repeat in turn.
NodeId Comparer::group_assignments(NodeId list) {
  if (tree_.kind(list) != Kind::list) return list;
  const std::vector<NodeId> items = tree_.copy_kids(list);
  if (items.size() < 4 || items.size() > kMaxElements) return list;
  std::vector<std::string> names;
  for (const NodeId item : items) {
    if (tree_.kind(item) != Kind::relation || tree_.count(item) != 2 || tree_.text(item) != "=") return list;
    if (tree_.kind(tree_.kid(item, 0)) != Kind::symbol) return list;
    names.emplace_back(tree_.text(tree_.kid(item, 0)));
  }
  std::size_t period = 1;
  while (period < names.size() && names[period] != names[0]) ++period;
  if (period < 2 || period == names.size() || names.size() % period != 0) return list;
  for (std::size_t i = period; i < names.size(); ++i) {
    if (names[i] != names[i - period]) return list;
  }
  std::vector<NodeId> groups;
  for (std::size_t i = 0; i < items.size(); i += period) {
    groups.push_back(tree_.add(Kind::tuple, std::span<const NodeId>(items.data() + i, period)));
  }
  return tree_.add(Kind::list, groups);
}

// m, s^2, m/s: letters that are units, and nothing else.
bool Comparer::is_unit_expression(NodeId id) const {
  switch (tree_.kind(id)) {
    case Kind::symbol: return is_unit_letter(tree_.text(id));
    case Kind::power: return is_unit_expression(tree_.kid(id, 0)) && is_numeric(tree_, tree_.kid(id, 1));
    case Kind::multiply: case Kind::divide: {
      const auto kids = tree_.kids(id);
      return std::all_of(kids.begin(), kids.end(), [&](NodeId kid) { return is_unit_expression(kid); });
    }
    default: return false;
  }
}

// "2600g", "5 m", "9.8 m/s^2": a plain number before letters that are units.
NodeId Comparer::unit_letter(NodeId id) {
  const Kind k = tree_.kind(id);
  if (k == Kind::divide && is_unit_expression(tree_.kid(id, 1))) {
    const NodeId above = unit_letter(tree_.kid(id, 0));
    if (tree_.kind(above) != Kind::with_unit) return id;
    std::string unit(tree_.text(above));
    unit += '/';
    unit += describe(tree_, tree_.kid(id, 1));
    return tree_.add(Kind::with_unit, {tree_.kid(above, 0)}, unit);
  }
  if (k != Kind::multiply || tree_.count(id) < 2 || tree_.kind(tree_.kid(id, 0)) != Kind::number) return id;
  std::string unit;
  for (std::uint32_t i = 1; i < tree_.count(id); ++i) {
    const NodeId part = tree_.kid(id, i);
    if (!is_unit_expression(part)) return id;
    if (i > 1) unit += ' ';
    const bool power = tree_.kind(part) == Kind::power && tree_.kind(tree_.kid(part, 1)) == Kind::number;
    unit += power ? std::string(tree_.text(tree_.kid(part, 0))) : describe(tree_, part);
    if (power) {
      unit += '^';
      unit += std::string(tree_.text(tree_.kid(part, 1)));
    }
  }
  return tree_.add(Kind::with_unit, {tree_.kid(id, 0)}, unit);
}

}  // namespace assay::math
