// What follows a value: attributes, items, slices, calls, filters and tests.
#include <charconv>

#include "harness/base/format.h"
#include "harness/text/jinja/limits.h"
#include "harness/text/jinja/parser_impl.h"

namespace assay::jinja {

ExprPtr Parser::postfix(ExprPtr expr) {
  while (!error_) {
    if (is_sign(".") || is_sign("["))
      expr = subscript(std::move(expr));
    else if (is_sign("("))
      expr = call(std::move(expr));
    else
      break;
  }
  return expr;
}

ExprPtr Parser::subscript(ExprPtr object) {
  const Token sign = next();
  if (sign.text == ".") {
    const Token attribute = next();
    std::vector<ExprPtr> parts;
    parts.push_back(std::move(object));
    if (attribute.kind == TokenKind::name) {
      ExprPtr out = make(ExprKind::attribute, sign.at, std::move(parts));
      out->name = attribute.text;
      return out;
    }
    std::int64_t index = 0;
    const char* const end = attribute.text.data() + attribute.text.size();
    if (attribute.kind != TokenKind::integer ||
        std::from_chars(attribute.text.data(), end, index).ec != std::errc()) {
      fail(attribute.at, format("expected a name or a number after '.', found {}", described(attribute)));
    }
    parts.push_back(make(ExprKind::constant, attribute.at));
    parts.back()->value = Value::integer(index);
    return make(ExprKind::item, sign.at, std::move(parts));
  }
  ExprPtr out = subscript_part(std::move(object));
  expect_sign("]");
  return out;
}

// Within brackets: an index, or start:stop:step.
ExprPtr Parser::subscript_part(ExprPtr object) {
  const Position at = current().at;
  const auto ends = [&] { return is_sign("]") || is_sign(":"); };
  std::vector<ExprPtr> parts;
  parts.push_back(std::move(object));
  parts.push_back(is_sign(":") ? nullptr : expression());
  if (!skip_sign(":")) return make(ExprKind::item, at, std::move(parts));
  parts.push_back(ends() ? nullptr : expression());
  parts.push_back(skip_sign(":") && !ends() ? expression() : nullptr);
  return make(ExprKind::slice, at, std::move(parts));
}

ExprPtr Parser::call(ExprPtr callee) {
  const Position at = callee->at;
  if (callee->kind == ExprKind::name) called_.emplace_back(callee->name, at);
  auto out = std::make_unique<Expr>();
  out->kind = ExprKind::call;
  out->at = at;
  out->parts.push_back(std::move(callee));
  arguments(*out);
  return sealed(std::move(out));
}

void Parser::arguments(Expr& expr) {
  expect_sign("(");
  bool first = true;
  while (!error_ && !is_sign(")")) {
    if (!first) expect_sign(",");
    first = false;
    if (is_sign(")")) break;
    if (is_sign("*") || is_sign("**"))
      return fail(current().at, "arguments unpacked with * are not supported");
    if (current().kind == TokenKind::name && is(ahead(), TokenKind::sign, "=")) {
      const Token key = next();
      next();
      for (const auto& [name, given] : expr.named) {
        if (name == key.text) fail(key.at, format("the argument '{}' is given twice", name));
      }
      expr.named.emplace_back(key.text, expression());
    } else {
      if (!expr.named.empty()) return fail(current().at, "a positional argument follows a named one");
      expr.parts.push_back(expression());
    }
  }
  expect_sign(")");
}

ExprPtr Parser::filters(ExprPtr expr) {
  while (!error_) {
    if (is_sign("|")) {
      next();
      expr = filter(std::move(expr));
    } else if (is_name("is")) {
      next();
      expr = test(std::move(expr));
    } else if (is_sign("(")) {
      expr = call(std::move(expr));
    } else {
      break;
    }
  }
  return expr;
}

ExprPtr Parser::filter(ExprPtr expr) {
  auto out = std::make_unique<Expr>();
  out->kind = ExprKind::filter;
  out->at = current().at;
  out->parts.push_back(std::move(expr));
  out->name = expect_name();
  while (skip_sign(".")) out->name = format("{}.{}", out->name, expect_name());
  out->filter = find_filter(out->name);
  if (out->filter == nullptr) fail(out->at, format("there is no filter '{}'", out->name));
  if (is_sign("(")) arguments(*out);
  check_passed_on(*out);
  return sealed(std::move(out));
}

void Parser::check_passed_on(const Expr& expr) {
  const bool by_attribute = expr.name == "selectattr" || expr.name == "rejectattr";
  const bool tests = by_attribute || expr.name == "select" || expr.name == "reject";
  const std::size_t at = by_attribute ? 2 : 1;
  if ((!tests && expr.name != "map") || expr.parts.size() <= at) return;
  const Expr& given = *expr.parts[at];
  if (given.kind != ExprKind::constant || !given.value.is(Kind::string)) return;
  const std::string& name = given.value.text();
  if (tests && find_test(name) == nullptr) fail(given.at, format("there is no test '{}'", name));
  if (!tests && find_filter(name) == nullptr) fail(given.at, format("there is no filter '{}'", name));
}

ExprPtr Parser::test(ExprPtr expr) {
  auto out = std::make_unique<Expr>();
  out->kind = ExprKind::test;
  out->negated = skip_name("not");
  out->at = current().at;
  out->parts.push_back(std::move(expr));
  out->name = expect_name();
  out->test = find_test(out->name);
  if (out->test == nullptr) fail(out->at, format("there is no test '{}'", out->name));
  const TokenKind kind = current().kind;
  const bool keyword = is_name("else") || is_name("or") || is_name("and") || is_name("if");
  const bool literal = kind == TokenKind::string || kind == TokenKind::integer || kind == TokenKind::real ||
                       (kind == TokenKind::name && !keyword && !is_name("is"));
  if (is_sign("(")) {
    arguments(*out);
  } else if (literal || is_sign("[") || is_sign("{")) {
    if (is_name("not")) fail(current().at, "unexpected 'not'");
    out->parts.push_back(postfix(primary()));
  }
  if (is_name("is")) fail(current().at, "tests cannot be chained with 'is'");
  const std::size_t given = out->parts.size() - 1 + out->named.size();
  if (out->test != nullptr && (!out->named.empty() || given != (out->test->needs_argument ? 1U : 0U))) {
    fail(out->at, format("the test '{}' takes {}", out->name,
                         out->test->needs_argument ? "one argument" : "no argument"));
  }
  return sealed(std::move(out));
}

}  // namespace assay::jinja
