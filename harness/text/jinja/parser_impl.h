// The parser's class, for its two sources: expressions and statements.
//
// A failure is sticky and moves to the end of the tokens, so that every loop ends; expressions are never
// null.
#pragma once

#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/text/jinja/ast.h"
#include "harness/text/jinja/lexer.h"

namespace assay::jinja {

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}
  Result<Block> run();

 private:
  // Tokens.
  const Token& current() const { return tokens_[at_]; }
  const Token& ahead() const { return tokens_[at_ + 1 < tokens_.size() ? at_ + 1 : at_]; }
  Token next();
  bool is_sign(std::string_view sign) const { return is(current(), TokenKind::sign, sign); }
  bool is_name(std::string_view name) const { return is(current(), TokenKind::name, name); }
  static bool is(const Token& token, TokenKind kind, std::string_view text) {
    return token.kind == kind && token.text == text;
  }
  bool skip_sign(std::string_view sign);
  bool skip_name(std::string_view name);
  void expect_sign(std::string_view sign);
  std::string expect_name();
  void expect_block_end();
  void fail(Position at, std::string message);
  std::string described(const Token& token) const;

  // Expressions (parse_expression.cc), from the loosest binding to the tightest.
  ExprPtr make(ExprKind kind, Position at, std::vector<ExprPtr> parts = {});
  ExprPtr sealed(ExprPtr expr);  // sets its depth, and refuses it beyond the limit
  ExprPtr expression(bool conditional = true);
  ExprPtr or_expression();
  ExprPtr and_expression();
  ExprPtr not_expression();
  ExprPtr comparison();
  ExprPtr sum();
  ExprPtr concatenation();
  ExprPtr product();
  ExprPtr power();
  ExprPtr unary(bool with_filter = true);
  ExprPtr primary();
  ExprPtr number();
  ExprPtr name();
  ExprPtr list();
  ExprPtr dict();
  ExprPtr tuple(bool parentheses, bool conditional = true);
  ExprPtr postfix(ExprPtr expr);
  ExprPtr subscript(ExprPtr expr);
  ExprPtr subscript_part(ExprPtr object);
  ExprPtr call(ExprPtr callee);
  ExprPtr filters(ExprPtr expr);
  ExprPtr filter(ExprPtr expr);
  ExprPtr test(ExprPtr expr);
  void arguments(Expr& expr);
  void check_passed_on(const Expr& expr);  // map('trim'), select('string'): the names in there
  bool at_tuple_end() const;

  // Statements (parse_statement.cc).
  Block block(std::initializer_list<std::string_view> ends);
  void statement(Block& out);
  Node if_statement(Position at);
  Node for_statement(Position at);
  Node set_statement(Position at);
  Node macro(Position at);
  Node call_block(Position at);
  Node filter_block(Position at);
  Node with_statement(Position at);
  Node leave_loop(Position at, NodeKind kind);
  void parameters(Node& node);
  void macro_body(Node& node, std::string_view end);
  Target target(bool with_attributes);
  Target one_target(bool with_attributes);
  void end_tag(std::string_view name);
  void check_calls();

  struct Uses {
    bool varargs = false;
    bool kwargs = false;
    bool caller = false;
  };

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::uint32_t nesting_ = 0;
  std::uint32_t loops_ = 0;  // that break and continue may leave
  std::vector<Uses> macros_;
  std::set<std::string, std::less<>> assigned_;           // every name that the template itself gives a value
  std::vector<std::pair<std::string, Position>> called_;  // names called as functions
  std::optional<Error> error_;
};

}  // namespace assay::jinja
