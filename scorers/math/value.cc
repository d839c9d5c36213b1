#include "scorers/math/value.h"

#include <algorithm>
#include <array>
#include <string>

#include "scorers/math/policy.h"

namespace assay::math {
namespace {

constexpr int kPoints = 18;
using Points = std::array<std::array<exact_point, EXACT_MAX_SYMBOLS>, kPoints>;

// Fixed rational points: positive ones first, then of mixed signs; none repeats a value among its symbols.
Points make_points() {
  static constexpr int kDenominators[] = {1, 2, 3, 5, 7, 4};
  Points all{};
  std::uint64_t state = 0x9E3779B97F4A7C15ULL;
  for (int p = 0; p < kPoints; ++p) {
    for (int s = 0; s < EXACT_MAX_SYMBOLS; ++s) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      long n = static_cast<long>((state >> 33) % 89) + 2 + 3 * s;
      const int d = kDenominators[static_cast<std::size_t>(p + s) % 6];
      if (p % 3 == 1) n += 40L * d;               // large
      if (p % 3 == 2) n = n % (7L * d) + 1;       // near one
      const bool negative = p >= 6 && ((p + s) % 2 == 0 || p >= 14);
      all[static_cast<std::size_t>(p)][static_cast<std::size_t>(s)] = {negative ? -n : n, d};
    }
  }
  return all;
}
const Points& points() {
  static const Points all = make_points();
  return all;
}

bool calls(const Tree& tree, NodeId id, Function f) {
  if (tree.kind(id) == Kind::call && tree.function(id) == f) return true;
  for (const NodeId kid : tree.kids(id)) {
    if (calls(tree, kid, f)) return true;
  }
  return false;
}

// Is \log the natural one when these two are compared?
bool natural_log(const Tree& tree, NodeId a, NodeId b, const Policy& policy) {
  if (policy.log != LogPolicy::by_context) return policy.log == LogPolicy::natural;
  const bool first = calls(tree, a, Function::log10);
  const bool second = calls(tree, b, Function::log10);
  if (first == second) return false;
  return calls(tree, first ? b : a, Function::ln);
}

bool has_decimal(const Tree& tree, NodeId id) {
  if (tree.kind(id) == Kind::number) return tree.text(id).find('.') != std::string_view::npos;
  for (const NodeId kid : tree.kids(id)) {
    if (has_decimal(tree, kid)) return true;
  }
  return false;
}

// A decimal literal, perhaps with a sign; its text.
std::string decimal_text(const Tree& tree, NodeId id) {
  if (tree.kind(id) == Kind::negate) id = tree.kid(id, 0);
  if (tree.kind(id) != Kind::number) return {};
  const std::string_view t = tree.text(id);
  return t.find('.') != std::string_view::npos && t.find('e') == std::string_view::npos ? std::string(t) : std::string();
}

int significant(const std::string& decimal) {
  int n = 0;
  for (const char c : decimal) {
    if (c == '.' || (c == '0' && n == 0)) continue;
    ++n;
  }
  return n;
}

struct Pair {
  Compiled a;
  Compiled b;
  exact_tape x;
  exact_tape y;
};

const char* why_not(exact_verdict v) {
  if (v == EXACT_UNDEFINED) return "it has no value";
  return v == EXACT_OVER_LIMIT ? "a number is over the limit" : "its value could not be determined";
}

// Neither has symbols.
Compared compare_numbers(const Pair& p) {
  exact_verdict v = exact_compare_rational(&p.x, &p.y, nullptr);
  if (v == EXACT_EQUAL) return {Equal::yes, "proven equal: rational"};
  if (v == EXACT_UNEQUAL) return {Equal::no, "proven unequal: rational"};
  if (v == EXACT_UNDEFINED) return {Equal::undecided, why_not(v)};
  int real = 0;
  for (const long bits : {64L, 128L}) {
    v = exact_compare_balls(&p.x, &p.y, nullptr, bits, &real);
    if (v == EXACT_UNEQUAL) return {Equal::no, "proven unequal: disjoint balls"};
    if (v == EXACT_UNDEFINED || v == EXACT_OVER_LIMIT) return {Equal::undecided, why_not(v)};
  }
  const exact_verdict exact = exact_compare_elementary(&p.x, &p.y);
  if (exact == EXACT_EQUAL) return {Equal::yes, "proven equal: elementary"};
  if (exact == EXACT_UNEQUAL) return {Equal::no, "proven unequal: elementary"};
  for (const long bits : {256L, 1024L}) {
    v = exact_compare_balls(&p.x, &p.y, nullptr, bits, &real);
    if (v == EXACT_UNEQUAL) return {Equal::no, "proven unequal: disjoint balls"};
    if (v != EXACT_EQUAL) return {Equal::undecided, why_not(v)};
  }
  return {Equal::yes, "equal to 1024 bits"};
}

bool is_rational_function(const Program& p) {
  return std::all_of(p.steps.begin(), p.steps.end(), [](const exact_step& s) {
    return s.op == EXACT_LITERAL || s.op == EXACT_SYMBOL || (s.op >= EXACT_ADD && s.op <= EXACT_NEG) ||
           s.op == EXACT_GCD || s.op == EXACT_LCM;
  });
}
bool has_gcd(const Program& p) {
  return std::any_of(p.steps.begin(), p.steps.end(),
                     [](const exact_step& s) { return s.op == EXACT_GCD || s.op == EXACT_LCM; });
}

struct Tally {
  int real = 0;
  int complex = 0;
  int complex_differ = 0;
};

// The two at one point; false when that proves them unequal.
bool agree_at(const Pair& p, int point, bool high, Tally& tally) {
  const exact_point* at = points()[static_cast<std::size_t>(point)].data();
  exact_verdict v = exact_compare_rational(&p.x, &p.y, at);
  if (v == EXACT_UNEQUAL) return false;
  if (v == EXACT_EQUAL) {
    ++tally.real;
    return true;
  }
  if (v == EXACT_UNDEFINED) return true;
  int real = 0;
  v = exact_compare_balls(&p.x, &p.y, at, high ? 512 : 128, &real);
  if (v == EXACT_UNEQUAL && real != 0) return false;
  if (v == EXACT_UNEQUAL) ++tally.complex_differ;
  if (v == EXACT_EQUAL) ++(real != 0 ? tally.real : tally.complex);
  return true;
}

Compared compare_functions(const Pair& p) {
  const bool rational = is_rational_function(p.a.program) && is_rational_function(p.b.program);
  if (has_gcd(p.a.program) || has_gcd(p.b.program)) {
    const exact_verdict v = exact_compare_polynomials(&p.x, &p.y);
    if (v == EXACT_EQUAL) return {Equal::yes, "proven equal: polynomials"};
    return {v == EXACT_UNEQUAL ? Equal::no : Equal::undecided, "different as polynomials"};
  }
  Tally tally;
  for (int i = 0; i < kPoints; ++i) {
    if (!agree_at(p, i, i % 6 == 0, tally)) return {Equal::no, "proven unequal: they differ at a point"};
    if (i == 1 && rational) {
      const exact_verdict v = exact_compare_polynomials(&p.x, &p.y);
      if (v == EXACT_EQUAL) return {Equal::yes, "proven equal: polynomials"};
      if (v == EXACT_UNEQUAL) return {Equal::no, "proven unequal: polynomials"};
    }
    if (tally.real >= 8 && i >= 10) break;
  }
  // Where both are real at enough points those decide: √(1/n) and 1/√n part ways only where neither is real.
  if (tally.real >= 5) return {Equal::yes, "probably equal: they agree at every point tried"};
  if (tally.complex_differ > 0) return {Equal::no, "unequal: they differ at a complex point"};
  if (tally.real + tally.complex >= 5) return {Equal::yes, "probably equal: they agree at every point tried"};
  return {Equal::undecided, "too few points at which both have a value"};
}

// Does one side, a rounded decimal, stand for the other, an exact value?
bool rounds(const Tree& tree, NodeId a, NodeId b, const Pair& p, const Policy& policy) {
  if (policy.precision >= 0) {
    int rational = 0;
    const bool first = !decimal_text(tree, a).empty();
    const bool second = !decimal_text(tree, b).empty();
    if (!first && !second) return false;
    const std::string t = decimal_text(tree, first ? a : b);
    const long places = static_cast<long>(t.size() - t.find('.') - 1);
    const long at = std::min<long>(places, policy.precision);
    return exact_rounds_to(first ? &p.y : &p.x, first ? &p.x : &p.y, std::max(at, 1L), &rational) == EXACT_EQUAL &&
           places >= policy.precision;
  }
  for (const bool first : {true, false}) {
    const std::string t = decimal_text(tree, first ? a : b);
    if (t.empty() || has_decimal(tree, first ? b : a)) continue;
    const int digits = significant(t);
    if (policy.digits <= 0 || digits < std::min(policy.digits, policy.irrational_digits)) continue;
    int rational = 0;
    const long places = static_cast<long>(t.size() - t.find('.') - 1);
    const exact_verdict v = exact_rounds_to(first ? &p.y : &p.x, first ? &p.x : &p.y, places, &rational);
    if (v == EXACT_EQUAL && digits >= (rational != 0 ? policy.digits : policy.irrational_digits)) return true;
  }
  return false;
}

}  // namespace

bool is_numeric(const Tree& tree, NodeId id) {
  switch (tree.kind(id)) {
    case Kind::number: case Kind::repeating: case Kind::based: case Kind::pi: case Kind::euler: case Kind::imaginary:
      return true;
    case Kind::add: case Kind::multiply: case Kind::divide: case Kind::power: case Kind::negate: case Kind::percent:
    case Kind::with_unit: case Kind::mixed: case Kind::call: break;
    default: return false;
  }
  const Function f = tree.kind(id) == Kind::call ? tree.function(id) : Function::none;
  if (f == Function::sum || f == Function::product) return true;
  for (const NodeId kid : tree.kids(id)) {
    if (!is_numeric(tree, kid)) return false;
  }
  return true;
}

Compared compare_values(const Tree& tree, NodeId a, NodeId b, const Policy& policy, const Symbols::Same& same) {
  Symbols symbols(tree, same);
  const bool natural = natural_log(tree, a, b, policy);
  Pair p{compile(tree, a, symbols, natural), compile(tree, b, symbols, natural), {}, {}};
  for (const Compiled* c : {&p.a, &p.b}) {
    if (c->error == CompileError::over_limit) return {Equal::undecided, "an expression is over the limit"};
    if (c->error == CompileError::no_value) return {Equal::no, "different kinds of answers"};
  }
  if (p.a.program.same_as(p.b.program)) return {Equal::yes, "the same expression"};
  p.x = p.a.program.tape(symbols);
  p.y = p.b.program.tape(symbols);
  if (symbols.size() > 0) return compare_functions(p);
  Compared c = compare_numbers(p);
  if (c.equal == Equal::no && rounds(tree, a, b, p, policy)) return {Equal::yes, "equal when rounded"};
  return c;
}

std::optional<int> order_values(const Tree& tree, NodeId a, NodeId b, const Policy& policy) {
  Symbols symbols(tree, [](NodeId, NodeId) { return false; });
  Compiled x = compile(tree, a, symbols, policy.log == LogPolicy::natural);
  Compiled y = compile(tree, b, symbols, policy.log == LogPolicy::natural);
  if (x.error != CompileError::none || y.error != CompileError::none || symbols.size() > 0) return std::nullopt;
  const exact_tape p = x.program.tape(symbols);
  const exact_tape q = y.program.tape(symbols);
  int order = 0;
  if (exact_order(&p, &q, &order) != EXACT_EQUAL) return std::nullopt;
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

Compared compare_proportional(const Tree& tree, NodeId lhs, NodeId rhs, NodeId lhs2, NodeId rhs2, const Policy& policy,
                              const Symbols::Same& same, int& sign) {
  Symbols symbols(tree, same);
  Compiled a = compile_difference(tree, lhs, rhs, symbols, policy.log == LogPolicy::natural);
  Compiled b = compile_difference(tree, lhs2, rhs2, symbols, policy.log == LogPolicy::natural);
  sign = 1;
  if (a.error != CompileError::none || b.error != CompileError::none) {
    return {Equal::no, "different equations"};
  }
  const exact_tape x = a.program.tape(symbols);
  const exact_tape y = b.program.tape(symbols);
  if (is_rational_function(a.program) && is_rational_function(b.program)) {
    const exact_verdict v = exact_proportional(&x, &y, &sign);
    if (v == EXACT_EQUAL) return {Equal::yes, "proven equal: the same equation"};
    if (v == EXACT_UNEQUAL) return {Equal::no, "proven unequal: different equations"};
  }
  // Otherwise the ratio must be one constant at every point: x(p) y(q) = x(q) y(p). Up to sign only here.
  Pair p{std::move(a), std::move(b), x, y};
  p.x = p.a.program.tape(symbols);
  p.y = p.b.program.tape(symbols);
  const Compared plus = compare_functions(p);
  if (plus.equal == Equal::yes) return plus;
  p.a.program.steps.push_back({EXACT_NEG, static_cast<int>(p.a.program.steps.size()) - 1, 0});
  p.x = p.a.program.tape(symbols);
  const Compared minus = compare_functions(p);
  if (minus.equal == Equal::yes) sign = -1;
  return minus;
}

std::optional<LinearRoot> root_of_linear(Tree& tree, NodeId lhs, NodeId rhs, const Policy& policy) {
  Symbols symbols(tree, [](NodeId, NodeId) { return false; });
  Compiled a = compile_difference(tree, lhs, rhs, symbols, policy.log == LogPolicy::natural);
  if (a.error != CompileError::none || symbols.size() != 1) return std::nullopt;
  const exact_tape x = a.program.tape(symbols);
  char text[512];
  LinearRoot out;
  if (exact_root_of_linear(&x, &out.sign, text, sizeof text) != EXACT_EQUAL) return std::nullopt;
  std::string digits(text);
  const bool negative = digits[0] == '-';
  if (negative) digits.erase(0, 1);
  const std::size_t stroke = digits.find('/');
  out.place = tree.number(digits.substr(0, stroke));
  if (stroke != std::string::npos) out.place = tree.add(Kind::divide, {out.place, tree.number(digits.substr(stroke + 1))});
  if (negative) out.place = tree.add(Kind::negate, {out.place});
  return out;
}

}  // namespace assay::math
