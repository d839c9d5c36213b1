// Arithmetic: sums, products, juxtaposition.
#include <algorithm>

#include "scorers/math/parser.h"

namespace assay::math {
namespace {

bool all_digits(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

NodeId Parser::sum() {
  const Deeper deeper(*this);
  if (failed_) return 0;
  std::vector<NodeId> terms;
  NodeId total = 0;
  // Terms before a ± are one side of it.
  const auto fold = [&] {
    total = terms.empty() ? 0 : terms.size() == 1 ? terms[0] : tree_.add(Kind::add, terms);
    terms.clear();
    return total;
  };
  bool first = true;
  while (!failed_) {
    bool negative = false;
    bool sign = false;
    bool both = false;
    bool swapped = false;
    while (is(Tok::plus) || is(Tok::minus) || is(Tok::pm) || is(Tok::mp)) {
      if (is(Tok::pm) || is(Tok::mp)) {
        if (both) return fail("two ± in a row");
        both = true;
        swapped = is(Tok::mp);
      } else if (is(Tok::minus)) {
        negative = !negative;
      }
      sign = true;
      next();
    }
    if (!first && !sign) break;
    first = false;
    NodeId term = product(false);
    if (failed_) return 0;
    if (negative && tree_.kind(term) == Kind::call && tree_.function(term) == Function::mod) {
      // The remainder of -1, not minus the remainder.
      term = tree_.call(Function::mod, {tree_.add(Kind::negate, {tree_.kid(term, 0)}), tree_.kid(term, 1)});
    } else if (negative) {
      term = tree_.add(Kind::negate, {term});
    }
    if (both) {
      const NodeId left = fold();
      const char* how = swapped ? "-+" : "+-";
      terms.push_back(left == 0 ? tree_.add(Kind::plus_minus, {term}, how)
                                : tree_.add(Kind::plus_minus, {left, term}, how));
    } else {
      terms.push_back(term);
    }
    if (at_ >= stop_) break;
    if (!(is(Tok::plus) || is(Tok::minus) || is(Tok::pm) || is(Tok::mp))) break;
  }
  NodeId result = fold();
  if (is(Tok::command) && (tok().text == "choose" || tok().text == "over")) {
    const bool choose = tok().text == "choose";
    next();
    const NodeId below = sum();
    if (failed_) return 0;
    result = choose ? tree_.call(Function::binomial, {result, below}) : tree_.add(Kind::divide, {result, below});
  }
  return result;
}

bool Parser::bar_opens() const {
  if (bar_depth_ == 0) return !in_set_;
  // "||x||y||": a bar after an operand opens when more bars are left than are waited for and an operand follows.
  int left = 0;
  for (std::size_t i = at_; i < tokens_.all.size() && left < 64; ++i) left += tokens_.all[i].type == Tok::bar ? 1 : 0;
  return left > bar_depth_ && !(tok(1).type == Tok::bar) && starts_atom(at_ + 1) && tok(1).type != Tok::end;
}

bool Parser::starts_atom(std::size_t at) const {
  if (at >= stop_ || at >= tokens_.all.size()) return false;
  const Token& t = tokens_.all[at];
  switch (t.type) {
    case Tok::number: case Tok::repeating: case Tok::func: case Tok::accent: case Tok::constant:
    case Tok::named_set: case Tok::open: case Tok::open_bracket: case Tok::open_set: case Tok::open_brace:
    case Tok::open_bar: case Tok::open_floor: case Tok::open_ceil: case Tok::open_angle: case Tok::begin_env:
    case Tok::currency: return true;
    case Tok::symbol: return true;
    case Tok::command: return t.text != "choose" && t.text != "over" && t.text != "pmod";
    case Tok::bar: return bar_depth_ == 0 && !in_set_;
    default: return false;
  }
}

bool Parser::is_condition(std::size_t at) const {
  int depth = 0;
  bool relation = false;
  for (std::size_t i = at; i < tokens_.all.size() && i < at + 40; ++i) {
    const Tok t = tokens_.all[i].type;
    if (t == Tok::open) ++depth;
    if (t == Tok::close && --depth == 0) return relation;
    if (t == Tok::relation && depth == 1) relation = true;
  }
  return false;
}

// A whole number and a fraction of whole numbers beside each other.
NodeId Parser::mixed_number(NodeId whole, std::size_t before) {
  const Token& t = tokens_.all[before];
  if (t.type != Tok::number || !all_digits(t.text)) return 0;
  if (is(Tok::command) && tok().text == "frac") {
    const std::size_t back = at_;
    const NodeId part = power();
    if (failed_) return 0;
    if (tree_.kind(part) == Kind::divide && tree_.kind(tree_.kid(part, 0)) == Kind::number &&
        tree_.kind(tree_.kid(part, 1)) == Kind::number) {
      return tree_.add(Kind::mixed, {whole, part});
    }
    at_ = back;
    return 0;
  }
  if (is(Tok::number) && tok().space && all_digits(tok().text) && tok(1).type == Tok::slash &&
      tok(2).type == Tok::number && all_digits(tok(2).text)) {
    const NodeId top = tree_.number(tok().text);
    next();
    next();
    const NodeId bottom = tree_.number(tok().text);
    next();
    return tree_.add(Kind::mixed, {whole, tree_.add(Kind::divide, {top, bottom})});
  }
  return 0;
}

// Factors side by side. Stops before what is no operand; within a function's argument also before a function.
NodeId Parser::juxtaposed(NodeId left, bool of_function) {
  std::vector<NodeId> factors{left};
  while (!failed_) {
    const bool bar = is(Tok::bar) && bar_opens();
    if (!bar && !starts_atom(at_)) break;
    if (of_function && is(Tok::func)) break;
    if (is(Tok::open) && is_condition(at_)) break;
    if (is(Tok::number) || is(Tok::repeating)) {
      const Tok before = tokens_.all[at_ - 1].type;
      if (before == Tok::number || before == Tok::repeating) return fail("two numbers side by side");
    }
    // In words, and not in mathematics, a letter after a value is a unit: \text{ m}.
    if (is(Tok::symbol) && tok().in_text && !tokens_.all[at_ - 1].in_text) break;
    factors.push_back(power());
  }
  if (failed_) return 0;
  if (factors.size() == 1) return left;
  // Braces and {} beside other factors only group.
  for (NodeId& f : factors) {
    if (tree_.kind(f) == Kind::set && tree_.count(f) == 1) f = tree_.kid(f, 0);
  }
  return tree_.add(Kind::multiply, factors);
}

NodeId Parser::product(bool of_function) {
  std::size_t first = at_;
  NodeId left = power();
  if (failed_) return 0;
  bool plain_integer = at_ == first + 1 && tokens_.all[first].type == Tok::number && all_digits(tokens_.all[first].text);
  if (plain_integer) {
    if (const NodeId mixed = mixed_number(left, first); mixed != 0) {
      left = mixed;
      plain_integer = false;
    }
    if (failed_) return 0;
  }
  left = juxtaposed(left, of_function);
  while (!failed_ && at_ < stop_) {
    if (is(Tok::times)) {
      next();
      NodeId right = factor();
      if (failed_) return 0;
      right = juxtaposed(right, of_function);
      left = tree_.add(Kind::multiply, {left, right});
      plain_integer = false;
    } else if (is(Tok::slash)) {
      next();
      if (is(Tok::word)) {
        --at_;
        break;
      }
      first = at_;
      NodeId right = factor();
      if (failed_) return 0;
      const bool integers = plain_integer && at_ == first + 1 && tokens_.all[first].type == Tok::number;
      if (integers) {
        left = juxtaposed(tree_.add(Kind::divide, {left, right}), of_function);
      } else {
        // A bracket after white space or a bracketed divisor is a factor of its own: "(a)/(b) (c)".
        right = juxtaposed(right, of_function);
        left = tree_.add(Kind::divide, {left, right});
      }
      plain_integer = false;
    } else if (is(Tok::mod)) {
      next();
      const NodeId right = factor();
      if (failed_) return 0;
      left = tree_.call(Function::mod, {left, right});
    } else {
      break;
    }
  }
  return left;
}

NodeId Parser::factor() {
  bool negative = false;
  while (is(Tok::minus) || is(Tok::plus)) {
    negative = negative != is(Tok::minus);
    next();
  }
  const NodeId value = power();
  return negative && !failed_ ? tree_.add(Kind::negate, {value}) : value;
}

}  // namespace assay::math
