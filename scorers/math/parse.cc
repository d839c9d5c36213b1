#include "scorers/math/parse.h"

#include <algorithm>

#include "scorers/math/parser.h"
#include "scorers/math/units.h"

namespace assay::math {

Parser::Parser(std::string_view text, Tokens tokens, Tree& tree)
    : text_(text), tokens_(std::move(tokens)), tree_(tree), match_(tokens_.all.size(), 0) {
  std::vector<std::uint32_t> open;
  for (std::uint32_t i = 0; i < tokens_.all.size(); ++i) {
    if (tokens_.all[i].type == Tok::open_brace) open.push_back(i);
    if (tokens_.all[i].type == Tok::close_brace && !open.empty()) {
      match_[open.back()] = i;
      open.pop_back();
    }
  }
}

Parsed Parser::run() {
  if (tokens_.over) return {0, true, "too many tokens"};
  skip_deleted();
  if (is(Tok::end)) return {0, false, "empty"};
  const NodeId root = list(Close::end);
  if (!failed_ && !is(Tok::end)) fail("something follows the answer");
  if (tree_.over()) return {0, true, "too many nodes"};
  if (failed_ || root == 0) return {0, over_, reason_};
  return {root, false, ""};
}

bool Parser::at_list_end(Close close) const {
  switch (close) {
    case Close::end: return is(Tok::end);
    case Close::paren: return is(Tok::close) || is(Tok::close_bracket);
    case Close::set: return is(Tok::close_set);
    case Close::brace: return is(Tok::close_brace);
    case Close::angle: return is(Tok::close_angle);
    case Close::cell: return is(Tok::amp) || is(Tok::row) || is(Tok::end_env);
  }
  return true;
}

bool Parser::at_item_end() const {
  switch (tok().type) {
    case Tok::end: case Tok::comma: case Tok::semicolon: case Tok::both: case Tok::close: case Tok::close_bracket:
    case Tok::close_set: case Tok::close_brace: case Tok::close_angle: case Tok::amp: case Tok::row:
    case Tok::end_env: case Tok::relation: return true;
    default: return false;
  }
}

// Items and what separates them. One item is itself.
NodeId Parser::list(Close close) {
  const Deeper deeper(*this);
  if (failed_) return 0;
  std::vector<NodeId> items;
  std::vector<char> separators;
  while (!failed_ && !at_list_end(close)) {
    const bool braced = close == Close::brace && is(Tok::open_brace) && match_[at_] != 0;
    const std::size_t braced_end = match_[at_];
    NodeId one = item();
    if (failed_) return 0;
    // {{1},{2}}: sets within a set, since braces that only group would be pointless here.
    if (braced && at_ == braced_end + 1 && (is(Tok::comma) || !items.empty())) one = tree_.add(Kind::set, {one});
    items.push_back(one);
    char separator = 0;
    while (is(Tok::comma) || is(Tok::semicolon) || is(Tok::both)) {
      const char c = is(Tok::comma) ? ',' : is(Tok::semicolon) ? ';' : tok().text == "or" || tok().text == "lor" ? 'o' : 'a';
      separator = separator == 0 || separator == ',' ? c : separator;
      next();
    }
    if (separator == 0 && is(Tok::open) && is_condition(at_)) separator = ',';
    if (separator == 0) break;
    separators.push_back(separator);
  }
  if (!failed_ && !at_list_end(close)) return fail("a bracket is not closed, or closes another");
  if (items.empty()) return fail("nothing between the brackets");
  if (separators.size() == items.size()) separators.pop_back();
  if (items.size() == 1) return items[0];
  return grouped(items, separators);
}

// "1, 2; 3, 4" is two pairs; with one kind of separator the items stand side by side.
NodeId Parser::grouped(const std::vector<NodeId>& items, const std::vector<char>& separators) {
  const auto has = [&](char c) { return std::find(separators.begin(), separators.end(), c) != separators.end(); };
  const char* how = has('o') ? "or" : has('a') ? "and" : "";
  if (!(has(';') && has(','))) return tree_.add(Kind::list, items, how);
  std::vector<NodeId> groups;
  std::vector<NodeId> group;
  for (std::size_t i = 0; i < items.size(); ++i) {
    group.push_back(items[i]);
    if (i == items.size() - 1 || separators[i] == ';') {
      groups.push_back(group.size() == 1 ? group[0] : tree_.add(Kind::tuple, group));
      group.clear();
    }
  }
  return tree_.add(Kind::list, groups);
}

NodeId Parser::item() {
  while (is(Tok::word) && is_hedge(tok().text)) next();
  // "Area = 12π", "Total: 60": words that name the value.
  std::size_t words = 0;
  while (tok(words).type == Tok::word && words < 5) ++words;
  const Token& behind = tok(words);
  const bool equals = behind.type == Tok::relation && behind.text == "=";
  if (words > 0 && (equals || behind.type == Tok::colon)) {
    for (std::size_t i = 0; i <= words; ++i) next();
  }
  return relation();
}

NodeId Parser::relation() {
  // "= 5" and "≈ 5" are what stands on a line's right side.
  if (is(Tok::relation) && (tok().text == "=" || tok().text == "~")) next();
  std::vector<NodeId> sides;
  std::string signs;
  while (true) {
    NodeId side = ratio();
    if (failed_) return 0;
    side = with_unit(side);
    if (failed_) return 0;
    sides.push_back(side);
    if (is(Tok::relation)) {
      signs += tok().text;
    } else if (is(Tok::arrow) && depth_ == 1) {
      signs += '=';
    } else {
      break;
    }
    next();
    if (is(Tok::end)) return fail("a relation without its right side");
  }
  if (sides.size() == 1) return sides[0];
  return tree_.add(Kind::relation, sides, signs);
}

NodeId Parser::ratio() {
  const NodeId first = set_expression();
  if (failed_ || !is(Tok::colon) || in_set_) return first;
  std::vector<NodeId> parts{first};
  while (accept(Tok::colon)) {
    parts.push_back(set_expression());
    if (failed_) return 0;
  }
  return tree_.add(Kind::ratio, parts);
}

// In the company of ∪, ∩ and \ braces make a set: "(0,1) \cap {0.5}".
NodeId Parser::as_set(NodeId id) {
  if (tree_.kind(id) != Kind::list) return tree_.add(Kind::set, {id});
  return tree_.add(Kind::set, tree_.copy_kids(id));
}

NodeId Parser::set_expression() {
  NodeId left = 0;
  Kind operation = Kind::failed;
  while (true) {
    const bool braced = is(Tok::open_brace) && match_[at_] != 0;
    const std::size_t braced_end = match_[at_];
    NodeId operand = sum();
    if (failed_) return 0;
    const bool op = is(Tok::cup) || is(Tok::cap) || is(Tok::set_minus);
    const bool whole = braced && at_ == braced_end + 1;
    if (whole && (op || operation != Kind::failed)) operand = as_set(operand);
    left = operation == Kind::failed ? operand : tree_.add(operation, {left, operand});
    if (!op) return left;
    operation = is(Tok::cup) ? Kind::set_union : is(Tok::cap) ? Kind::set_meet : Kind::set_minus;
    next();
  }
}

// "8 centimeters", "5 pounds/day", "3 m^2": words after a value, up to the end of its item.
NodeId Parser::with_unit(NodeId value) {
  const auto letter = [&] { return is(Tok::symbol) && tok().in_text; };
  if (!is(Tok::word) && !letter()) return value;
  std::string unit;
  int words = 0;
  while (!failed_) {
    if (is(Tok::word) || letter()) {
      if (is_no_unit(tok().text) || ++words > 5) return fail("words follow the value");
      if (!unit.empty() && unit.back() != '/' && unit.back() != '^') unit += ' ';
      unit += std::string(tok().text);
      next();
    } else if (is(Tok::slash)) {
      unit += '/';
      next();
    } else if (is(Tok::caret)) {
      unit += '^';
      next();
      const bool brace = accept(Tok::open_brace);
      if (accept(Tok::minus)) unit += '-';
      if (!is(Tok::number)) return fail("a unit's exponent is no number");
      unit += std::string(tok().text);
      next();
      if (brace && !accept(Tok::close_brace)) return fail("a unit's exponent is no number");
    } else if (is(Tok::times) && tok(1).type == Tok::word) {
      unit += '*';
      next();
    } else if (is(Tok::symbol) && !unit.empty() && unit.back() == '/') {
      unit += std::string(tok().text);
      next();
    } else {
      break;
    }
  }
  if (!at_item_end()) return fail("words stand within the value");
  if (const char* scale = scale_word(unit)) {
    return tree_.add(Kind::multiply, {value, tree_.number(scale)});
  }
  return tree_.add(Kind::with_unit, {value}, unit);
}

std::string Parser::source(std::size_t from, std::size_t to) const {
  std::string out;
  for (std::size_t i = from; i < to && i < tokens_.all.size(); ++i) {
    const Token& t = tokens_.all[i];
    if (!t.text.empty()) {
      out += t.text;
    } else if (t.type != Tok::open_brace && t.type != Tok::close_brace && t.type != Tok::skip && t.end <= text_.size()) {
      out += text_.substr(t.begin, t.end - t.begin);
    }
  }
  return out;
}

Parsed parse(std::string_view text, Tree& tree) {
  if (text.size() > kMaxAnswerBytes) return {0, true, "longer than an answer may be"};
  return Parser(text, tokenize(text), tree).run();
}

}  // namespace assay::math
