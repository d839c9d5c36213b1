// Statements: what stands in {% %}.
#include <algorithm>

#include "harness/base/format.h"
#include "harness/text/jinja/limits.h"
#include "harness/text/jinja/parser.h"
#include "harness/text/jinja/parser_impl.h"

namespace assay::jinja {

Token Parser::next() {
  Token out = tokens_[at_];
  if (at_ + 1 < tokens_.size()) ++at_;
  return out;
}

bool Parser::skip_sign(std::string_view sign) {
  if (!is_sign(sign)) return false;
  next();
  return true;
}

bool Parser::skip_name(std::string_view name) {
  if (!is_name(name)) return false;
  next();
  return true;
}

void Parser::expect_sign(std::string_view sign) {
  if (!skip_sign(sign)) fail(current().at, format("expected '{}', found {}", sign, described(current())));
}

std::string Parser::expect_name() {
  if (current().kind == TokenKind::name) return next().text;
  fail(current().at, format("expected a name, found {}", described(current())));
  return {};
}

void Parser::expect_block_end() {
  if (current().kind == TokenKind::block_end) {
    next();
    return;
  }
  fail(current().at, format("expected '%}}', found {}", described(current())));
}

void Parser::fail(Position at, std::string message) {
  if (!error_) error_ = error_at(at, std::move(message));
  at_ = tokens_.size() - 1;
}

std::string Parser::described(const Token& token) const {
  switch (token.kind) {
    case TokenKind::text:
      return "text";
    case TokenKind::print_begin:
      return "'{{'";
    case TokenKind::print_end:
      return "'}}'";
    case TokenKind::block_begin:
      return "'{%'";
    case TokenKind::block_end:
      return "'%}'";
    case TokenKind::string:
      return "a string";
    case TokenKind::end:
      return "the end of the template";
    default:
      return format("'{}'", token.text);
  }
}

Result<Block> Parser::run() {
  Block out = block({});
  if (!error_) check_calls();
  if (error_) return *error_;
  return out;
}

// Statements up to {% end %}, whose name stays the current token.
Block Parser::block(std::initializer_list<std::string_view> ends) {
  Block out;
  if (++nesting_ > kMaxNesting) fail(current().at, format("nested deeper than {} levels", kMaxNesting));
  while (!error_) {
    const Token& token = current();
    if (token.kind == TokenKind::end) {
      if (ends.size() > 0) fail(token.at, format("'{}' is missing", *(ends.end() - 1)));
      break;
    }
    if (token.kind == TokenKind::text) {
      Node node;
      node.at = token.at;
      node.text = next().text;
      out.push_back(std::move(node));
    } else if (token.kind == TokenKind::print_begin) {
      Node node;
      node.kind = NodeKind::print;
      node.at = next().at;
      node.expressions.push_back(tuple(false));
      if (current().kind == TokenKind::print_end)
        next();
      else
        fail(current().at, format("expected '}}}}', found {}", described(current())));
      out.push_back(std::move(node));
    } else {
      next();
      if (std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return is_name(end); })) break;
      statement(out);
    }
  }
  --nesting_;
  return out;
}

void Parser::end_tag(std::string_view name) {
  if (!skip_name(name)) fail(current().at, format("expected '{}', found {}", name, described(current())));
  expect_block_end();
}

void Parser::statement(Block& out) {
  const Position at = current().at;
  const std::string name = expect_name();
  if (name == "if")
    out.push_back(if_statement(at));
  else if (name == "for")
    out.push_back(for_statement(at));
  else if (name == "set")
    out.push_back(set_statement(at));
  else if (name == "macro")
    out.push_back(macro(at));
  else if (name == "call")
    out.push_back(call_block(at));
  else if (name == "filter")
    out.push_back(filter_block(at));
  else if (name == "with" || name == "generation")
    out.push_back(with_statement(at));
  else if (name == "break")
    out.push_back(leave_loop(at, NodeKind::break_));
  else if (name == "continue")
    out.push_back(leave_loop(at, NodeKind::continue_));
  else
    fail(at, format("'{}' is no statement that is understood here", name));
}

Node Parser::if_statement(Position at) {
  Node node;
  node.kind = NodeKind::if_;
  node.at = at;
  do {
    node.expressions.push_back(tuple(false, false));
    expect_block_end();
    node.blocks.push_back(block({"elif", "else", "endif"}));
  } while (skip_name("elif"));
  if (skip_name("else")) {
    expect_block_end();
    node.blocks.push_back(block({"endif"}));
  }
  end_tag("endif");
  return node;
}

Node Parser::for_statement(Position at) {
  Node node;
  node.kind = NodeKind::for_;
  node.at = at;
  node.target = target(false);
  if (!skip_name("in")) fail(current().at, format("expected 'in', found {}", described(current())));
  node.expressions.push_back(tuple(false, false));
  node.expressions.push_back(skip_name("if") ? expression() : nullptr);
  if (is_name("recursive")) fail(current().at, "recursive loops are not supported");
  expect_block_end();
  ++loops_;
  node.blocks.push_back(block({"else", "endfor"}));
  --loops_;
  if (skip_name("else")) {
    expect_block_end();
    node.blocks.push_back(block({"endfor"}));
  }
  end_tag("endfor");
  return node;
}

Target Parser::one_target(bool with_attributes) {
  Target out;
  out.at = current().at;
  if (skip_sign("(")) {
    if (++nesting_ > kMaxNesting) fail(out.at, format("nested deeper than {} levels", kMaxNesting));
    out = target(with_attributes);
    --nesting_;
    expect_sign(")");
    return out;
  }
  out.name = expect_name();
  constexpr std::string_view kWords[] = {"true", "false", "none", "True", "False", "None"};
  if (std::find(std::begin(kWords), std::end(kWords), out.name) != std::end(kWords)) {
    fail(out.at, format("cannot assign to '{}'", out.name));
  }
  if (with_attributes && skip_sign(".")) out.attribute = expect_name();
  if (out.attribute.empty()) assigned_.insert(out.name);
  return out;
}

Target Parser::target(bool with_attributes) {
  Target first = one_target(with_attributes);
  if (!is_sign(",")) return first;
  Target out;
  out.at = first.at;
  out.is_tuple = true;
  out.several.push_back(std::move(first));
  while (!error_ && skip_sign(",")) {
    if (is_name("in") || is_sign("=") || is_sign(")")) break;
    out.several.push_back(one_target(with_attributes));
  }
  return out;
}

Node Parser::set_statement(Position at) {
  Node node;
  node.at = at;
  node.target = target(true);
  if (skip_sign("=")) {
    node.kind = NodeKind::set;
    node.expressions.push_back(tuple(false));
    expect_block_end();
    return node;
  }
  node.kind = NodeKind::set_block;
  if (node.target.is_tuple) fail(at, "a block cannot be assigned to several names");
  ExprPtr captured = make(ExprKind::name, at);
  captured->name = kCaptured;
  node.expressions.push_back(filters(std::move(captured)));
  expect_block_end();
  node.blocks.push_back(block({"endset"}));
  end_tag("endset");
  return node;
}

void Parser::parameters(Node& node) {
  expect_sign("(");
  while (!error_ && !is_sign(")")) {
    if (!node.parameters.empty()) expect_sign(",");
    const Position at = current().at;
    Parameter parameter;
    parameter.name = one_target(false).name;
    if (skip_sign("=")) {
      parameter.otherwise = expression();
    } else if (!node.parameters.empty() && node.parameters.back().otherwise) {
      fail(at, "a parameter without a default follows one that has one");
    }
    for (const Parameter& other : node.parameters) {
      if (other.name == parameter.name) fail(at, format("the parameter '{}' stands twice", parameter.name));
    }
    node.parameters.push_back(std::move(parameter));
  }
  expect_sign(")");
}

void Parser::macro_body(Node& node, std::string_view end) {
  expect_block_end();
  const std::uint32_t loops = std::exchange(loops_, 0);  // a macro leaves no loop of its caller
  macros_.emplace_back();
  node.blocks.push_back(block({end}));
  node.uses_varargs = macros_.back().varargs;
  node.uses_kwargs = macros_.back().kwargs;
  node.uses_caller = macros_.back().caller;
  macros_.pop_back();
  loops_ = loops;
  end_tag(end);
}

Node Parser::macro(Position at) {
  Node node;
  node.kind = NodeKind::macro;
  node.at = at;
  node.target.at = current().at;
  node.target.name = expect_name();
  assigned_.insert(node.target.name);
  parameters(node);
  macro_body(node, "endmacro");
  return node;
}

Node Parser::call_block(Position at) {
  Node node;
  node.kind = NodeKind::call_block;
  node.at = at;
  if (is_sign("(")) parameters(node);
  node.expressions.push_back(expression());
  if (node.expressions[0]->kind != ExprKind::call) fail(node.expressions[0]->at, "expected a call");
  macro_body(node, "endcall");
  return node;
}

Node Parser::filter_block(Position at) {
  Node node;
  node.kind = NodeKind::filter_block;
  node.at = at;
  ExprPtr captured = make(ExprKind::name, at);
  captured->name = kCaptured;
  node.expressions.push_back(filters(filter(std::move(captured))));
  expect_block_end();
  node.blocks.push_back(block({"endfilter"}));
  end_tag("endfilter");
  return node;
}

// {% with a = 1, b = 2 %}, and {% generation %}, which only marks what the assistant says.
Node Parser::with_statement(Position at) {
  Node node;
  node.kind = NodeKind::scope;
  node.at = at;
  const bool is_with = is(tokens_[at_ - 1], TokenKind::name, "with");
  while (!error_ && is_with && current().kind != TokenKind::block_end) {
    if (!node.parameters.empty()) expect_sign(",");
    Parameter parameter;
    parameter.name = one_target(false).name;
    expect_sign("=");
    parameter.otherwise = expression();
    node.parameters.push_back(std::move(parameter));
  }
  const std::string_view end = is_with ? "endwith" : "endgeneration";
  expect_block_end();
  node.blocks.push_back(block({end}));
  end_tag(end);
  return node;
}

Node Parser::leave_loop(Position at, NodeKind kind) {
  Node node;
  node.kind = kind;
  node.at = at;
  if (loops_ == 0)
    fail(at, format("'{}' stands outside a loop", kind == NodeKind::break_ ? "break" : "continue"));
  expect_block_end();
  return node;
}

// A function that neither the library nor the template has cannot come from the caller, who gives only data.
void Parser::check_calls() {
  constexpr std::string_view kGiven[] = {"caller", "loop", "varargs", "kwargs"};
  for (const auto& [name, at] : called_) {
    const bool given = std::find(std::begin(kGiven), std::end(kGiven), name) != std::end(kGiven);
    if (given || assigned_.count(name) > 0 || find_function(name) != nullptr) continue;
    return fail(at, format("there is no function '{}'", name));
  }
}

Result<Block> parse(std::string_view source) {
  auto tokens = lex(source);
  if (!tokens) return tokens.error();
  return Parser(std::move(*tokens)).run();
}

}  // namespace assay::jinja
