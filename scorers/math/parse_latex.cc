// Commands and environments.
#include <algorithm>

#include "scorers/math/parser.h"

namespace assay::math {

NodeId Parser::command() {
  const Deeper deeper(*this);
  if (failed_) return 0;
  const std::string_view name = tok().text;
  if (name == "frac") return fraction();
  if (name == "sqrt" || name == "cbrt") return root();
  if (name == "binom") return binomial();
  if (name == "sum") return big_operator(Function::sum);
  if (name == "prod") return big_operator(Function::product);
  if (name == "int") return integral();
  if (name == "lim") return limit();
  return fail("an unknown command");
}

// What TeX takes as an argument: a group, or one token; of a number its first digit ("\frac12").
NodeId Parser::argument() {
  const Deeper deeper(*this);
  if (failed_) return 0;
  if (is(Tok::open_brace)) {
    const std::size_t stop_outside = stop_;
    stop_ = SIZE_MAX;
    const NodeId inside = braces();
    stop_ = stop_outside;
    return inside;
  }
  if (is(Tok::number) && tok().text.size() > 1 && tok().end - tok().begin == tok().text.size()) {
    Token& t = tokens_.all[at_];
    const NodeId digit = tree_.number(t.text.substr(0, 1));
    if (t.text[1] == '.') return fail("an argument that is cut by a point");
    t.text.remove_prefix(1);
    ++t.begin;
    t.space = false;
    return digit;
  }
  if (is(Tok::minus)) return factor();
  if (is(Tok::degree)) return fail("no value where one is expected");
  return atom();
}

NodeId Parser::fraction() {
  next();
  const std::size_t numerator = at_;
  // d/dx before its operand
  const bool braced = is(Tok::open_brace);
  const std::size_t d_at = braced ? at_ + 1 : at_;
  if (tokens_.all[d_at].type == Tok::symbol && tokens_.all[d_at].text == "d" && (!braced || match_[at_] == d_at + 1)) {
    if (const NodeId d = derivative(numerator); d != 0 || failed_) return d;
    at_ = numerator;
  }
  const bool plain = is(Tok::open);  // frac(1)(2), frac(1, 2) do not occur; TeX would take "(" alone
  if (plain) return fail("a fraction of a bracket");
  const NodeId top = argument();
  if (failed_) return 0;
  const NodeId bottom = argument();
  if (failed_) return 0;
  return tree_.add(Kind::divide, {top, bottom});
}

// \frac{d}{dx} f; 0 without failing when the denominator is not "dx".
NodeId Parser::derivative(std::size_t numerator) {
  at_ = numerator;
  std::size_t below = match_[at_] != 0 && is(Tok::open_brace) ? match_[at_] + 1 : at_ + 1;
  if (below + 3 >= tokens_.all.size() || tokens_.all[below].type != Tok::open_brace) return 0;
  const std::size_t end = match_[below];
  if (end != below + 3 || tokens_.all[below + 1].text != "d" || tokens_.all[below + 2].type != Tok::symbol) return 0;
  const NodeId variable = tree_.leaf(Kind::symbol, tokens_.all[below + 2].text);
  at_ = end;
  next();
  if (!starts_atom(at_)) return fail("a derivative of nothing");
  const NodeId body = juxtaposed(power(), false);
  if (failed_) return 0;
  return tree_.add(Kind::opaque, {variable, body}, "derivative");
}

NodeId Parser::root() {
  const bool cube = tok().text == "cbrt";
  const bool sign = tok().end - tok().begin > 0 && static_cast<unsigned char>(text_[tok().begin]) >= 0x80;
  next();
  NodeId index = cube ? tree_.number("3") : 0;
  if (!cube && is(Tok::open_bracket) && !sign) {
    next();
    index = sum();
    if (failed_ || !accept(Tok::close_bracket)) return fail("a root's index is not closed");
  }
  NodeId inside = 0;
  if (is(Tok::open) && !(index != 0 && !cube)) {
    inside = group();
  } else if (sign && is(Tok::number)) {  // √12 is the root of twelve
    inside = number_atom();
  } else if (sign && is(Tok::symbol)) {
    inside = symbol_atom();
  } else {
    inside = argument();
  }
  if (failed_) return 0;
  const Kind k = tree_.kind(inside);
  if (k == Kind::tuple || k == Kind::list) return fail("a root of many");
  if (index == 0) return tree_.call(Function::sqrt, {inside});
  return tree_.call(Function::root, {inside, index});
}

NodeId Parser::binomial() {
  next();
  if (is(Tok::open)) {
    const NodeId pair = group();
    if (failed_) return 0;
    if (tree_.kind(pair) != Kind::tuple || tree_.count(pair) != 2) return fail("a binomial of what is no pair");
    return tree_.call(Function::binomial, {tree_.kid(pair, 0), tree_.kid(pair, 1)});
  }
  const NodeId n = argument();
  if (failed_) return 0;
  const NodeId k = argument();
  if (failed_) return 0;
  return tree_.call(Function::binomial, {n, k});
}

// \overline{x}, \vec v, \angle ABC: a name.
NodeId Parser::accent() {
  std::string name(tok().text);
  const bool figure = name == "angle" || name == "triangle";
  next();
  name += '(';
  if (is(Tok::open_brace)) {
    const std::size_t end = match_[at_];
    if (end == 0) return fail("a brace is not closed");
    name += source(at_ + 1, end);
    at_ = end;
    next();
  } else {
    int letters = 0;
    while ((is(Tok::symbol) || is(Tok::word)) && letters < (figure ? 3 : 1)) {
      name += std::string(tok().text);
      next();
      ++letters;
    }
    if (letters == 0) return fail("an accent over nothing");
  }
  name += ')';
  while (is(Tok::under)) {
    name += subscript();
    if (failed_) return 0;
  }
  return tree_.leaf(Kind::symbol, name);
}

// _{…}^{…} in either order; the low one as a range of tokens. Empty groups are none.
bool Parser::bounds(std::size_t& low, std::size_t& low_end, NodeId& high) {
  for (int i = 0; i < 2 && !failed_; ++i) {
    const bool is_low = is(Tok::under);
    if (!is_low && !is(Tok::caret)) break;
    next();
    if (is(Tok::open_brace) && match_[at_] == at_ + 1) {
      at_ = match_[at_];
      next();
      continue;
    }
    if (is_low) {
      const bool braced = is(Tok::open_brace) && match_[at_] != 0;
      low = braced ? at_ + 1 : at_;
      low_end = braced ? match_[at_] : at_ + 1;
      at_ = braced ? low_end : at_;
      next();
    } else {
      const std::size_t stop_before = stop_;
      if (!is(Tok::open_brace)) stop_ = at_ + 1;
      high = argument();
      stop_ = stop_before;
    }
  }
  return !failed_;
}

NodeId Parser::big_operator(Function f) {
  next();
  std::size_t low = 0;
  std::size_t low_end = 0;
  NodeId high = 0;
  if (!bounds(low, low_end, high)) return 0;
  if (low == 0 || high == 0) return fail("a sum without bounds");
  // k = from
  const std::size_t after = at_;
  at_ = low;
  if (!is(Tok::symbol) && !(is(Tok::constant) && (tok().text == "i"))) return fail("a sum over what is no variable");
  const bool imaginary = is(Tok::constant);
  const std::string name(tok().text);
  next();
  if (!is(Tok::relation) || tok().text != "=") return fail("a sum without its first index");
  next();
  const NodeId from = sum();
  if (failed_ || at_ != low_end) return fail("a sum without its first index");
  at_ = after;
  // The index i is a variable in the body.
  if (imaginary) {
    for (std::size_t i = at_; i < tokens_.all.size(); ++i) {
      if (tokens_.all[i].type == Tok::constant && tokens_.all[i].text == "i") tokens_.all[i].type = Tok::symbol;
    }
  }
  if (!starts_atom(at_) && !is(Tok::minus)) return fail("a sum of nothing");
  const NodeId body = product(false);
  if (failed_) return 0;
  const NodeId variable = tree_.leaf(Kind::symbol, name);
  return tree_.add(Kind::call, {variable, from, high, body}, {}, static_cast<std::uint8_t>(f));
}

// \int_a^b f dx. The differential may stand anywhere within: in a numerator, in a bracket, or not at all.
NodeId Parser::integral() {
  next();
  std::size_t low = 0;
  std::size_t low_end = 0;
  NodeId high = 0;
  if (!bounds(low, low_end, high)) return 0;
  NodeId from = 0;
  if (low != 0) {
    const std::size_t after = at_;
    at_ = low;
    const std::size_t stop_before = stop_;
    stop_ = low_end;
    from = sum();
    stop_ = stop_before;
    if (failed_ || at_ != low_end) return fail("an integral's bound is no value");
    at_ = after;
  }
  std::string variable = "x";
  int depth = 0;
  std::size_t stop = SIZE_MAX;
  for (std::size_t i = at_; i + 1 < tokens_.all.size() && depth >= 0; ++i) {
    Token& t = tokens_.all[i];
    const bool opens = t.type == Tok::open || t.type == Tok::open_brace || t.type == Tok::open_bracket || t.type == Tok::open_set;
    const bool closes = t.type == Tok::close || t.type == Tok::close_brace || t.type == Tok::close_bracket || t.type == Tok::close_set;
    depth += opens ? 1 : closes ? -1 : 0;
    Token& v = tokens_.all[i + 1];
    if (t.type != Tok::symbol || t.text != "d" || v.type != Tok::symbol) continue;
    variable = std::string(v.text);
    const Tok before = tokens_.all[i - 1].type;
    const Tok behind = tokens_.all[std::min(i + 2, tokens_.all.size() - 1)].type;
    const bool alone = (before == Tok::open_brace && behind == Tok::close_brace);
    if (alone) {
      t.type = Tok::number;
      t.text = "1";
    } else {
      t.type = Tok::skip;
      if (before == Tok::times) tokens_.all[i - 1].type = Tok::skip;
    }
    v.type = Tok::skip;
    if (depth == 0) stop = i;
    break;
  }
  skip_deleted();
  const std::size_t stop_outside = stop_;
  stop_ = std::min(stop, stop_);
  NodeId body = at_ >= stop_ ? tree_.number("1") : (is(Tok::end) ? fail("an integral of nothing") : sum());
  stop_ = stop_outside;
  if (failed_) return 0;
  if (tree_.kind(body) == Kind::set && tree_.count(body) == 1) body = tree_.kid(body, 0);
  const NodeId v = tree_.leaf(Kind::symbol, variable);
  if (from == 0 && high == 0) return tree_.add(Kind::opaque, {v, body}, "integral");
  if (from == 0 || high == 0) return fail("an integral with one bound");
  return tree_.add(Kind::opaque, {v, body, from, high}, "integral");
}

NodeId Parser::limit() {
  next();
  std::size_t low = 0;
  std::size_t low_end = 0;
  NodeId high = 0;
  if (!bounds(low, low_end, high)) return 0;
  if (low == 0 || high != 0) return fail("a limit without its place");
  const std::size_t after = at_;
  at_ = low;
  const NodeId variable = is(Tok::symbol) ? symbol_atom() : fail("a limit of what is no variable");
  if (failed_ || !accept(Tok::arrow)) return fail("a limit without its place");
  // A trailing ^+ is the default side; ^- is kept.
  std::size_t end = low_end;
  std::string side;
  const auto trailing = [&](Tok sign) {
    if (end >= 2 && tokens_.all[end - 1].type == sign && tokens_.all[end - 2].type == Tok::caret) return std::size_t{2};
    if (end >= 4 && tokens_.all[end - 1].type == Tok::close_brace && tokens_.all[end - 2].type == sign &&
        tokens_.all[end - 3].type == Tok::open_brace && tokens_.all[end - 4].type == Tok::caret) {
      return std::size_t{4};
    }
    return std::size_t{0};
  };
  if (const std::size_t plus = trailing(Tok::plus); plus > 0) end -= plus;
  if (const std::size_t minus = trailing(Tok::minus); minus > 0) {
    end -= minus;
    side = "-";
  }
  const std::size_t stop_outside = stop_;
  stop_ = end;
  const NodeId place = sum();
  stop_ = stop_outside;
  if (failed_ || at_ != end) return fail("a limit without its place");
  at_ = after;
  if (!starts_atom(at_) && !is(Tok::minus)) return fail("a limit of nothing");
  const NodeId body = product(false);
  if (failed_) return 0;
  return tree_.add(Kind::opaque, {variable, place, body}, "limit" + side);
}

NodeId Parser::environment() {
  const Deeper deeper(*this);
  if (failed_) return 0;
  const std::string name(tok().text);
  const bool was_in_set = in_set_;
  const int bars_outside = bar_depth_;
  in_set_ = false;
  bar_depth_ = 0;
  next();
  const NodeId result = rows(name);
  in_set_ = was_in_set;
  bar_depth_ = bars_outside;
  return result;
}

NodeId Parser::rows(std::string_view name) {
  const bool matrix = name.find("matrix") != std::string_view::npos || name == "array" || name == "tabular";
  if (!matrix && name != "cases") {  // aligned and its like: the & only align
    for (std::size_t i = at_; i < tokens_.all.size() && tokens_.all[i].type != Tok::end_env; ++i) {
      if (tokens_.all[i].type == Tok::amp) tokens_.all[i].type = Tok::skip;
    }
    skip_deleted();
  }
  std::vector<NodeId> cells;
  std::vector<NodeId> lines;
  std::size_t columns = 0;
  std::size_t in_row = 0;
  while (!failed_ && !is(Tok::end_env)) {
    if (is(Tok::end)) return fail("an environment is not closed");
    cells.push_back(list(Close::cell));
    if (failed_) return 0;
    ++in_row;
    if (accept(Tok::amp)) continue;
    if (columns == 0) columns = in_row;
    if (matrix && in_row != columns) return fail("a matrix with uneven rows");
    if (!matrix) {
      lines.push_back(cells.size() == 1 ? cells[0] : tree_.add(Kind::tuple, cells));
      cells.clear();
    }
    in_row = 0;
    if (!accept(Tok::row)) break;
  }
  if (failed_) return 0;
  const bool same = tok().text == name;
  if (!accept(Tok::end_env) || !same) return fail("an environment is closed by another");
  if (!matrix) return lines.size() == 1 ? lines[0] : lines.empty() ? fail("nothing within") : tree_.add(Kind::list, lines);
  if (cells.empty() || columns > 100) return fail("a matrix of no use");
  const bool system = columns == 1 && std::all_of(cells.begin(), cells.end(), [&](NodeId c) { return tree_.kind(c) == Kind::relation; });
  if (system) return cells.size() == 1 ? cells[0] : tree_.add(Kind::list, cells);
  const NodeId m = tree_.add(Kind::matrix, cells, {}, static_cast<std::uint8_t>(columns));
  if (name == "vmatrix") return tree_.add(Kind::opaque, {m}, "det");
  return m;
}

}  // namespace assay::math
