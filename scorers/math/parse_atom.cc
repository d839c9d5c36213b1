// Powers and what follows a value, atoms, brackets, functions.
#include <algorithm>

#include "scorers/math/parser.h"

namespace assay::math {
namespace {

bool all_digits(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool takes_arguments(std::string_view symbol) {
  static constexpr std::string_view kNames[] = {"f", "g", "h", "F", "G", "H", "P", "Q", "phi", "psi"};
  return std::find(std::begin(kNames), std::end(kNames), symbol) != std::end(kNames);
}

struct FunctionName {
  std::string_view name;
  Function function;
  Function inverse;  // of \sin^{-1}
};
constexpr FunctionName kFunctions[] = {
    {"sin", Function::sin, Function::asin}, {"cos", Function::cos, Function::acos}, {"tan", Function::tan, Function::atan},
    {"cot", Function::cot, Function::acot}, {"sec", Function::sec, Function::asec}, {"csc", Function::csc, Function::acsc},
    {"asin", Function::asin, Function::none}, {"acos", Function::acos, Function::none}, {"atan", Function::atan, Function::none},
    {"acot", Function::acot, Function::none}, {"sinh", Function::sinh, Function::asinh}, {"cosh", Function::cosh, Function::acosh},
    {"tanh", Function::tanh, Function::atanh}, {"coth", Function::coth, Function::acoth}, {"asinh", Function::asinh, Function::none},
    {"acosh", Function::acosh, Function::none}, {"atanh", Function::atanh, Function::none}, {"exp", Function::exp, Function::none},
    {"ln", Function::ln, Function::none}, {"log", Function::log10, Function::none}, {"lg", Function::log10, Function::none},
    {"floor", Function::floor, Function::none}, {"ceil", Function::ceil, Function::none}, {"gcd", Function::gcd, Function::none},
    {"lcm", Function::lcm, Function::none}, {"max", Function::max, Function::none}, {"min", Function::min, Function::none},
    {"abs", Function::abs, Function::none}, {"sign", Function::sign, Function::none}, {"re", Function::re, Function::none},
    {"im", Function::im, Function::none},
    {"sech", Function::sech, Function::asech}, {"csch", Function::csch, Function::acsch}, {"asec", Function::asec, Function::none},
    {"acsc", Function::acsc, Function::none}, {"acoth", Function::acoth, Function::none},
    {"asech", Function::asech, Function::none}, {"acsch", Function::acsch, Function::none}};

}  // namespace

NodeId Parser::power() {
  if (is(Tok::bar) && bar_depth_ > 0 && bar_opens()) return postfix(bars());
  const NodeId base = atom();
  if (failed_) return 0;
  return postfix(base);
}

NodeId Parser::postfix(NodeId base) {
  NodeId value = base;
  while (!failed_ && at_ < stop_) {
    if (is(Tok::caret)) {
      next();
      if (is(Tok::degree) || (is(Tok::open_brace) && tok(1).type == Tok::degree && tok(2).type == Tok::close_brace)) {
        if (accept(Tok::open_brace)) next();
        next();
        std::string unit = "deg";
        if (is(Tok::symbol) && (tok().text == "C" || tok().text == "F")) {
          unit += std::string(tok().text);
          next();
        }
        value = tree_.add(Kind::with_unit, {value}, unit);
        continue;
      }
      if (is(Tok::open_brace) && tok(1).type == Tok::word && match_[at_] == at_ + 2) {  // 6^{th}
        next();
        value = tree_.add(Kind::with_unit, {value}, tok().text);
        next();
        next();
        continue;
      }
      if (is(Tok::prime)) continue;
      if (is(Tok::open_brace) && tok(1).type == Tok::prime) {
        next();
        continue;
      }
      const Deeper deeper(*this);
      if (failed_) return 0;
      NodeId exponent = 0;
      if (is(Tok::minus) || is(Tok::plus)) {
        exponent = factor();
      } else if (is(Tok::open_brace)) {
        exponent = argument();
      } else {
        const std::size_t stop_before = stop_;
        if (is(Tok::number) || is(Tok::symbol)) stop_ = at_ + 1;
        exponent = atom();
        stop_ = stop_before;
        if (!failed_ && is(Tok::caret)) exponent = postfix(exponent);  // right-associative
        if (!failed_ && is(Tok::bang)) exponent = postfix(exponent);
      }
      if (failed_) return 0;
      if (is(Tok::under) && tree_.kind(value) == Kind::symbol) {  // \alpha^2_{23}
        const std::string name = std::string(tree_.text(value)) + subscript();
        value = tree_.leaf(Kind::symbol, name);
      }
      value = tree_.add(Kind::power, {value, exponent});
    } else if (is(Tok::bang)) {
      next();
      if (is(Tok::bang)) return fail("a double factorial");
      value = tree_.call(Function::factorial, {value});
    } else if (is(Tok::percent)) {
      next();
      const Kind k = tree_.kind(value);
      if (k != Kind::number && k != Kind::divide && k != Kind::mixed && k != Kind::repeating && k != Kind::negate)
        return fail("a percent sign after what is no number");
      value = tree_.add(Kind::percent, {value});
    } else if (is(Tok::degree)) {
      next();
      const bool scale = is(Tok::symbol) && (tok().text == "C" || tok().text == "F");  // 25°C
      std::string unit = "deg";
      if (scale) {
        unit += std::string(tok().text);
        next();
      }
      value = tree_.add(Kind::with_unit, {value}, unit);
    } else if (is(Tok::command) && tok().text == "pmod") {
      next();
      const NodeId modulus = argument();
      if (failed_) return 0;
      value = tree_.add(Kind::opaque, {value, modulus}, "pmod");
    } else {
      break;
    }
  }
  return value;
}

// A number may carry its base: "52_8".
NodeId Parser::number_atom() {
  const Token t = tok();
  next();
  if (t.type == Tok::repeating) return tree_.leaf(Kind::repeating, t.text);
  if (!is(Tok::under) || at_ >= stop_) return tree_.number(t.text);
  const std::size_t before = at_;
  const std::string base = subscript();
  if (failed_) return 0;
  const bool digits = all_digits(t.text) && base.size() > 2;
  const std::string_view inside = std::string_view(base).substr(2, base.empty() ? 0 : base.size() - 3);
  if (!digits || !all_digits(inside) || inside.size() > 2) {
    // "100_b": a numeral in a base that is a letter is a name.
    (void)before;
    return tree_.leaf(Kind::symbol, std::string(t.text) + base);
  }
  return tree_.leaf(Kind::based, std::string(t.text) + "_" + std::string(inside));
}

// "_{…}" in one spelling, for a symbol's name. REQUIRES: at an underscore.
std::string Parser::subscript() {
  next();
  std::string name = "_{";
  if (is(Tok::open_brace)) {
    const std::size_t end = match_[at_];
    if (end == 0) {
      fail("a brace is not closed");
      return {};
    }
    name += source(at_ + 1, end);
    at_ = end;
    next();
  } else if (is(Tok::number) || is(Tok::symbol) || is(Tok::constant) || is(Tok::word)) {
    name += std::string(tok().text);
    next();
  } else {
    fail("a subscript is missing");
    return {};
  }
  return name + "}";
}

NodeId Parser::symbol_atom() {
  const bool calls = takes_arguments(tok().text);
  std::string name(tok().text);
  const bool binomial = name == "C" && tok(1).type == Tok::open;
  next();
  while (at_ < stop_ && (is(Tok::under) || is(Tok::prime))) {
    if (is(Tok::prime)) {
      name += '\'';
      next();
    } else {
      name += subscript();
    }
    if (failed_) return 0;
  }
  if (calls && is(Tok::caret) && tok(1).type == Tok::open_brace && tok(2).type == Tok::minus && tok(3).text == "1" &&
      tok(4).type == Tok::close_brace && tok(5).type == Tok::open) {
    name += "^{-1}";
    for (int i = 0; i < 5; ++i) next();
  }
  // f{\left(x \right)}
  const bool braced = calls && is(Tok::open_brace) && tok(1).type == Tok::open && at_ < stop_;
  if (braced) next();
  const bool arguments = is(Tok::open) && (braced || !tok().space) && (calls || binomial) && at_ < stop_;
  if (!arguments) return tree_.leaf(Kind::symbol, name);
  const NodeId inside = group();
  if (failed_) return 0;
  if (braced && !accept(Tok::close_brace)) return fail("a brace is not closed");
  const bool pair = tree_.kind(inside) == Kind::tuple && tree_.count(inside) == 2;
  if (name == "C" && pair) return tree_.call(Function::binomial, {tree_.kid(inside, 0), tree_.kid(inside, 1)});
  if (name == "P" && pair) return tree_.call(Function::permutations, {tree_.kid(inside, 0), tree_.kid(inside, 1)});
  if (name == "C") return tree_.add(Kind::multiply, {tree_.leaf(Kind::symbol, name), inside});
  return tree_.add(Kind::opaque, {inside}, name);
}

NodeId Parser::group() {
  const bool round = is(Tok::open);
  const bool was_in_set = in_set_;
  const int bars_outside = bar_depth_;
  const std::size_t stop_outside = stop_;
  in_set_ = false;
  bar_depth_ = 0;
  stop_ = SIZE_MAX;
  next();
  const NodeId inside = list(Close::paren);
  in_set_ = was_in_set;
  bar_depth_ = bars_outside;
  stop_ = stop_outside;
  if (failed_) return 0;
  const bool closes_round = is(Tok::close);
  next();
  const bool many = tree_.kind(inside) == Kind::list;
  const std::vector<NodeId> items = many ? tree_.copy_kids(inside) : std::vector<NodeId>{inside};
  if (round != closes_round) {
    if (items.size() != 2) return fail("brackets of two kinds");
    return tree_.add(Kind::half_open, items, round ? "(]" : "[)");
  }
  if (!many) return inside;
  return tree_.add(round ? Kind::tuple : Kind::bracket, items);
}

NodeId Parser::bars() {
  const bool sided = is(Tok::open_bar);
  const std::size_t stop_outside = stop_;
  const int bars_outside = bar_depth_;
  const bool was_in_set = in_set_;
  in_set_ = false;
  stop_ = SIZE_MAX;
  bar_depth_ = sided ? 0 : bar_depth_ + 1;
  next();
  const NodeId inside = sum();
  bar_depth_ = bars_outside;
  stop_ = stop_outside;
  in_set_ = was_in_set;
  if (failed_) return 0;
  if (!accept(sided ? Tok::close_bar : Tok::bar)) return fail("a bar is not closed");
  return tree_.call(Function::abs, {inside});
}

NodeId Parser::braces() {
  const bool was_in_set = in_set_;
  const int bars_outside = bar_depth_;
  in_set_ = is(Tok::open_set);
  bar_depth_ = 0;
  const bool set = is(Tok::open_set);
  next();
  if (set && accept(Tok::close_set)) {
    in_set_ = was_in_set;
    bar_depth_ = bars_outside;
    return tree_.leaf(Kind::empty_set);
  }
  NodeId inside = 0;
  if (set) {
    // {x : x > 0} and {x | x > 0} are what the condition says of x.
    const bool builder = is(Tok::symbol) && (tok(1).type == Tok::bar || tok(1).type == Tok::colon);
    if (builder) {
      next();
      next();
    }
    inside = list(Close::set);
    in_set_ = was_in_set;
    bar_depth_ = bars_outside;
    if (failed_) return 0;
    next();
    if (builder) return inside;
    if (tree_.kind(inside) != Kind::list) return tree_.add(Kind::set, {inside});
    return tree_.add(Kind::set, tree_.copy_kids(inside));
  }
  inside = list(Close::brace);
  in_set_ = was_in_set;
  bar_depth_ = bars_outside;
  if (failed_) return 0;
  next();
  return inside;
}

NodeId Parser::atom() {
  const Deeper deeper(*this);
  if (failed_) return 0;
  while (is(Tok::currency)) next();
  switch (tok().type) {
    case Tok::number: case Tok::repeating: return number_atom();
    case Tok::symbol: return symbol_atom();
    case Tok::func: return function();
    case Tok::command: return command();
    case Tok::accent: return accent();
    case Tok::open: case Tok::open_bracket: {
      const NodeId inside = group();
      if (failed_ || !is(Tok::under)) return inside;
      const bool numeral = tree_.kind(inside) == Kind::number;  // (2516)_8
      const std::string base = subscript();
      if (failed_ || !numeral) return fail("a subscript of what is no name");
      return tree_.leaf(Kind::based, std::string(tree_.text(inside)) + "_" + base.substr(2, base.size() - 3));
    }
    case Tok::bar: case Tok::open_bar: return bars();
    case Tok::open_brace: case Tok::open_set: {
      const std::size_t stop_outside = stop_;
      stop_ = SIZE_MAX;
      const NodeId inside = braces();
      stop_ = stop_outside;
      return inside;
    }
    case Tok::open_floor: case Tok::open_ceil: {
      const bool floor = is(Tok::open_floor);
      next();
      const NodeId inside = sum();
      if (failed_) return 0;
      if (!accept(floor ? Tok::close_floor : Tok::close_ceil)) return fail("a bracket is not closed");
      return tree_.call(floor ? Function::floor : Function::ceil, {inside});
    }
    case Tok::open_angle: {
      next();
      const NodeId inside = list(Close::angle);
      if (failed_) return 0;
      next();
      return tree_.kind(inside) == Kind::list ? tree_.add(Kind::tuple, tree_.copy_kids(inside)) : inside;
    }
    case Tok::begin_env: return environment();
    case Tok::constant: {
      const std::string_view name = tok().text;
      const Kind kind = name == "pi" ? Kind::pi : name == "e" ? Kind::euler : name == "i" ? Kind::imaginary
                      : name == "inf" ? Kind::infinity : Kind::empty_set;
      next();
      if ((kind == Kind::euler || kind == Kind::imaginary) && is(Tok::under)) {
        std::string named = kind == Kind::euler ? "e" : "i";
        named += subscript();
        return failed_ ? 0 : tree_.leaf(Kind::symbol, named);
      }
      return tree_.leaf(kind);
    }
    case Tok::named_set: {
      std::string name(tok().text);
      next();
      if (is(Tok::caret)) {
        next();
        name += '^';
        if (is(Tok::open_brace)) {
          name += source(at_ + 1, match_[at_]);
          at_ = std::max<std::size_t>(at_, match_[at_]);
          next();
        } else {
          name += source(at_, at_ + 1);
          next();
        }
      }
      return tree_.leaf(Kind::named_set, name);
    }
    case Tok::ellipsis: next(); return tree_.leaf(Kind::ellipsis);
    default: return fail("no value where one is expected");
  }
}

NodeId Parser::function() {
  const FunctionName* row = nullptr;
  for (const FunctionName& f : kFunctions) {
    if (f.name == tok().text) row = &f;
  }
  const std::string written(tok().text);
  next();
  Function f = row == nullptr ? Function::none : row->function;
  NodeId exponent = 0;
  NodeId base = 0;
  if (f == Function::log10 && is(Tok::number) && !tok().space && tok(1).type == Tok::open) {  // log2(8)
    base = tree_.number(tok().text);
    next();
  }
  for (int i = 0; i < 2 && !failed_; ++i) {
    if (is(Tok::under) && f == Function::log10) {
      next();
      base = argument();
    } else if (is(Tok::caret)) {
      next();
      exponent = argument();
    }
  }
  if (failed_) return 0;
  // The argument: a bracket that stands right here, or the product that follows.
  NodeId inside = 0;
  if (is(Tok::open) || is(Tok::open_bracket)) {
    inside = group();
  } else if (is(Tok::open_brace)) {
    inside = braces();
  } else if (is(Tok::minus)) {
    return fail("a function of a sign");
  } else {
    if (!starts_atom(at_) && !(is(Tok::bar) || is(Tok::open_bar))) return fail("a function without an argument");
    inside = juxtaposed(power(), true);
  }
  if (failed_) return 0;
  const Kind k = tree_.kind(inside);
  std::vector<NodeId> arguments{inside};
  if (k == Kind::tuple || k == Kind::list || k == Kind::bracket || (k == Kind::set && tree_.count(inside) > 1)) {
    arguments = tree_.copy_kids(inside);
  }
  const bool many = f == Function::gcd || f == Function::lcm || f == Function::max || f == Function::min;
  if (f == Function::log10 && arguments.size() == 2 && base == 0) {
    base = arguments[1];
    arguments.pop_back();
  }
  if (!many && arguments.size() != 1) return fail("a function of too many arguments");
  if (f == Function::none) return tree_.add(Kind::opaque, arguments, written);
  if (base != 0) {
    inside = tree_.call(Function::log, {arguments[0], base});
  } else {
    bool inverse = false;
    if (exponent != 0 && tree_.kind(exponent) == Kind::negate && row->inverse != Function::none) {
      const NodeId one = tree_.kid(exponent, 0);
      inverse = tree_.kind(one) == Kind::number && tree_.text(one) == "1";
    }
    inside = tree_.add(Kind::call, arguments, {}, static_cast<std::uint8_t>(inverse ? row->inverse : f));
    if (inverse) exponent = 0;
  }
  return exponent == 0 ? inside : tree_.add(Kind::power, {inside, exponent});
}

}  // namespace assay::math
