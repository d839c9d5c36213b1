// Expressions, with the precedence of Jinja: if, or, and, not, comparison, + -, ~, * / // %, **, unary,
// filter.
#include <charconv>

#include "harness/base/format.h"
#include "harness/base/suggest.h"
#include "harness/text/jinja/limits.h"
#include "harness/text/jinja/parser_impl.h"

namespace assay::jinja {
namespace {

std::optional<Operator> comparison_sign(std::string_view sign) {
  if (sign == "==") return Operator::equal;
  if (sign == "!=") return Operator::not_equal;
  if (sign == "<") return Operator::less;
  if (sign == "<=") return Operator::less_equal;
  if (sign == ">") return Operator::greater;
  if (sign == ">=") return Operator::greater_equal;
  return std::nullopt;
}

std::vector<ExprPtr> parts(ExprPtr a, ExprPtr b = nullptr, ExprPtr c = nullptr) {
  std::vector<ExprPtr> out;
  out.push_back(std::move(a));
  if (b) out.push_back(std::move(b));
  if (c) out.push_back(std::move(c));
  return out;
}

}  // namespace

ExprPtr Parser::make(ExprKind kind, Position at, std::vector<ExprPtr> parts) {
  auto out = std::make_unique<Expr>();
  out->kind = kind;
  out->at = at;
  out->parts = std::move(parts);
  return sealed(std::move(out));
}

ExprPtr Parser::sealed(ExprPtr expr) {
  std::uint32_t deepest = 0;
  for (const ExprPtr& part : expr->parts) {
    if (part) deepest = std::max(deepest, part->depth);
  }
  for (const auto& [name, part] : expr->named) deepest = std::max(deepest, part->depth);
  expr->depth = deepest + 1;
  if (expr->depth <= kMaxNesting) return expr;
  fail(expr->at, format("an expression is nested deeper than {} levels", kMaxNesting));
  return std::make_unique<Expr>();
}

ExprPtr Parser::expression(bool conditional) {
  if (++nesting_ > kMaxNesting) fail(current().at, format("nested deeper than {} levels", kMaxNesting));
  ExprPtr out = or_expression();
  while (conditional && is_name("if")) {
    const Position at = next().at;
    ExprPtr condition = or_expression();
    ExprPtr otherwise = skip_name("else") ? expression() : nullptr;
    out = make(ExprKind::conditional, at, parts(std::move(out), std::move(condition), std::move(otherwise)));
  }
  --nesting_;
  return out;
}

ExprPtr Parser::or_expression() {
  ExprPtr left = and_expression();
  while (is_name("or")) {
    const Position at = next().at;
    ExprPtr right = and_expression();
    left = make(ExprKind::or_, at, parts(std::move(left), std::move(right)));
  }
  return left;
}

ExprPtr Parser::and_expression() {
  ExprPtr left = not_expression();
  while (is_name("and")) {
    const Position at = next().at;
    ExprPtr right = not_expression();
    left = make(ExprKind::and_, at, parts(std::move(left), std::move(right)));
  }
  return left;
}

ExprPtr Parser::not_expression() {
  std::vector<Position> nots;
  while (is_name("not")) nots.push_back(next().at);
  ExprPtr out = comparison();
  for (; !nots.empty(); nots.pop_back()) out = make(ExprKind::not_, nots.back(), parts(std::move(out)));
  return out;
}

ExprPtr Parser::comparison() {
  ExprPtr first = sum();
  auto out = std::make_unique<Expr>();
  out->kind = ExprKind::compare;
  out->at = current().at;
  while (!error_) {
    std::optional<Operator> op;
    if (current().kind == TokenKind::sign) {
      op = comparison_sign(current().text);
      if (op) next();
    } else if (skip_name("in")) {
      op = Operator::in;
    } else if (is_name("not") && is(ahead(), TokenKind::name, "in")) {
      next();
      next();
      op = Operator::not_in;
    }
    if (!op) break;
    out->ops.push_back(*op);
    out->parts.push_back(sum());
  }
  if (out->ops.empty()) return first;
  out->parts.insert(out->parts.begin(), std::move(first));
  return sealed(std::move(out));
}

ExprPtr Parser::sum() {
  ExprPtr left = concatenation();
  while (is_sign("+") || is_sign("-")) {
    const Token sign = next();
    ExprPtr right = concatenation();
    left = make(ExprKind::arithmetic, sign.at, parts(std::move(left), std::move(right)));
    left->ops = {sign.text == "+" ? Operator::add : Operator::subtract};
  }
  return left;
}

ExprPtr Parser::concatenation() {
  std::vector<ExprPtr> all = parts(product());
  const Position at = current().at;
  while (skip_sign("~")) all.push_back(product());
  return all.size() == 1 ? std::move(all[0]) : make(ExprKind::concat, at, std::move(all));
}

ExprPtr Parser::product() {
  ExprPtr left = power();
  while (is_sign("*") || is_sign("/") || is_sign("//") || is_sign("%")) {
    const Token sign = next();
    ExprPtr right = power();
    left = make(ExprKind::arithmetic, sign.at, parts(std::move(left), std::move(right)));
    left->ops = {sign.text == "*"    ? Operator::multiply
                 : sign.text == "/"  ? Operator::divide
                 : sign.text == "//" ? Operator::floor_divide
                                     : Operator::modulo};
  }
  return left;
}

ExprPtr Parser::power() {
  ExprPtr left = unary();
  while (is_sign("**")) {
    const Position at = next().at;
    ExprPtr right = unary();
    left = make(ExprKind::arithmetic, at, parts(std::move(left), std::move(right)));
    left->ops = {Operator::power};
  }
  return left;
}

ExprPtr Parser::unary(bool with_filter) {
  ExprPtr out;
  if (is_sign("-") || is_sign("+")) {
    if (++nesting_ > kMaxNesting) fail(current().at, format("nested deeper than {} levels", kMaxNesting));
    const Token sign = next();
    out = make(sign.text == "-" ? ExprKind::negate : ExprKind::plus, sign.at, parts(unary(false)));
    --nesting_;
  } else {
    out = primary();
  }
  out = postfix(std::move(out));
  return with_filter ? filters(std::move(out)) : std::move(out);
}

ExprPtr Parser::primary() {
  const Token& token = current();
  const Position at = token.at;
  switch (token.kind) {
    case TokenKind::name:
      return name();
    case TokenKind::integer:
    case TokenKind::real:
      return number();
    case TokenKind::string: {
      std::string text;
      while (current().kind == TokenKind::string) text += next().text;
      ExprPtr out = make(ExprKind::constant, at);
      out->value = Value::string(std::move(text));
      return out;
    }
    default:
      break;
  }
  if (is_sign("[")) return list();
  if (is_sign("{")) return dict();
  if (skip_sign("(")) {
    ExprPtr out = tuple(true);
    expect_sign(")");
    return out;
  }
  fail(at, format("expected an expression, found {}", described(token)));
  return make(ExprKind::constant, at);
}

ExprPtr Parser::number() {
  const Token token = next();
  ExprPtr out = make(ExprKind::constant, token.at);
  const char* const end = token.text.data() + token.text.size();
  if (token.kind == TokenKind::real) {
    double value = 0;
    if (std::from_chars(token.text.data(), end, value).ec != std::errc())
      fail(token.at, "a number out of range");
    out->value = Value::real(value);
    return out;
  }
  const char prefix = token.text.size() > 2 ? static_cast<char>(token.text[1] | 0x20) : '0';
  const int base = prefix == 'x' ? 16 : prefix == 'o' ? 8 : prefix == 'b' ? 2 : 10;
  std::int64_t value = 0;
  const auto read = std::from_chars(token.text.data() + (base == 10 ? 0 : 2), end, value, base);
  if (read.ec != std::errc()) fail(token.at, format("the integer {} does not fit in 64 bits", token.text));
  out->value = Value::integer(value);
  return out;
}

ExprPtr Parser::name() {
  Token token = next();
  const std::string& text = token.text;
  ExprPtr out = make(ExprKind::constant, token.at);
  if (text == "true" || text == "True" || text == "false" || text == "False") {
    out->value = Value::boolean(text == "true" || text == "True");
  } else if (text == "none" || text == "None") {
    out->value = Value::none();
  } else {
    if (!macros_.empty()) {
      Uses& uses = macros_.back();
      uses.varargs |= text == "varargs";
      uses.kwargs |= text == "kwargs";
      uses.caller |= text == "caller";
    }
    out->kind = ExprKind::name;
    out->name = std::move(token.text);
  }
  return out;
}

ExprPtr Parser::list() {
  const Position at = next().at;
  std::vector<ExprPtr> items;
  while (!error_ && !is_sign("]")) {
    if (!items.empty()) expect_sign(",");
    if (is_sign("]")) break;
    items.push_back(expression());
  }
  expect_sign("]");
  return make(ExprKind::list, at, std::move(items));
}

ExprPtr Parser::dict() {
  const Position at = next().at;
  std::vector<ExprPtr> items;
  while (!error_ && !is_sign("}")) {
    if (!items.empty()) expect_sign(",");
    if (is_sign("}")) break;
    items.push_back(expression());
    expect_sign(":");
    items.push_back(expression());
  }
  expect_sign("}");
  return make(ExprKind::dict, at, std::move(items));
}

bool Parser::at_tuple_end() const {
  return current().kind == TokenKind::print_end || current().kind == TokenKind::block_end || is_sign(")");
}

ExprPtr Parser::tuple(bool parentheses, bool conditional) {
  const Position at = current().at;
  std::vector<ExprPtr> items;
  bool is_tuple = false;
  while (!error_) {
    if (!items.empty()) expect_sign(",");
    if (at_tuple_end()) break;
    items.push_back(expression(conditional));
    if (!is_sign(",")) break;
    is_tuple = true;
  }
  if (!is_tuple && !items.empty()) return std::move(items[0]);
  if (!is_tuple && !parentheses) fail(at, format("expected an expression, found {}", described(current())));
  return make(ExprKind::tuple, at, std::move(items));
}

}  // namespace assay::jinja
