// The state of lexing; lex_claims() of token.h is what others call.
#pragma once

#include <string_view>
#include <vector>

#include "scorers/trace/claims/token.h"

namespace assay::trace {

class ClaimLexer {
 public:
  explicit ClaimLexer(std::string_view text) : text_(text) {}
  std::vector<Token> run();

 private:
  // lexer.cc
  char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  bool starts(std::string_view s) const { return text_.substr(at_, s.size()) == s; }
  Token& push(Tok kind, std::size_t size, char sign = 0);
  void line_end();
  void line_start();
  void number();
  void word();
  void sign();
  void dash(std::size_t size);
  void star();
  void colon();
  void dot();
  bool relation();
  void beyond_ascii();
  bool after_operand() const;
  // lex_latex.cc
  void backslash();
  void command(std::string_view name, std::size_t end);
  void text_command(std::size_t end);
  void environment(bool begins, std::size_t end);

  std::string_view text_;
  std::size_t at_ = 0;
  bool spaced_ = true;
  int display_ = 0;              // depth of display mathematics, where the end of a line means nothing
  bool inline_math_ = false;     // within \( \)
  std::size_t prose_until_ = 0;  // within \text{...}: letters are words
  std::vector<Token> out_;
};

}  // namespace assay::trace
