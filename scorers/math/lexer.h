// The lexer's inside, shared by its three sources. Others include token.h.
#pragma once

#include <string>

#include "scorers/math/limits.h"
#include "scorers/math/token.h"

namespace assay::math {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

class Lexer {
 public:
  Tokens run();
  explicit Lexer(std::string_view text) : text_(text) {
    out_.all.reserve(text.size() < 64 ? text.size() + 2 : 64);
    halve_ = all_doubled(text);
  }
 private:
  static bool all_doubled(std::string_view text);
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  void push(Tok type, std::string_view value, std::size_t end);
  std::string_view own(std::string s) {
    if (out_.owned.size() >= kMaxTokens) {
      out_.over = true;
      return {};
    }
    out_.owned.push_back(std::move(s));
    return out_.owned.back();
  }
  void blank(std::size_t size) {
    space_ = true;
    at_ += size;
  }
  void step();
  void damaged(char c);
  std::size_t digits_from(std::size_t i) const {
    while (i < text_.size() && is_digit(text_[i])) ++i;
    return i;
  }
  bool three_digits(std::size_t i) const { return i + 3 <= text_.size() && digits_from(i) == i + 3; }
  std::size_t separator(std::size_t i) const;
  void number();
  bool repeating(std::size_t whole_end, std::size_t i);
  bool exponent(std::string_view value, std::size_t i);
  void letters();
  static bool consecutive(std::string_view run);
  void single(std::string_view run, std::size_t end);
  void backslash();
  void row(std::size_t size) { push(environments_ > 0 ? Tok::row : Tok::semicolon, {}, at_ + size); }
  static bool known_command(std::string_view name);
  void escaped(char c, std::size_t end);
  bool money(std::size_t at) const;
  void command(std::string_view name, std::size_t end);
  void delimiter(std::string_view name, std::size_t end);
  std::size_t closing(std::size_t open) const;
  void text_command(std::size_t end);
  void environment(bool begin, std::size_t end);
  void named(bool set, std::size_t end);
  void character(std::size_t end);
  void sign();
  void scripts(Tok which, char (*digit)(char32_t));
  void wide_digits();
  void punctuation(char c);
  void dollar();
  void dots();
  void compare(char c);
  void html(std::size_t size, Tok which);

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t text_end_ = 0;  // one past the brace that ends \text{...}; 0 outside
  int brackets_ = 0;
  int environments_ = 0;
  bool space_ = false;
  bool halve_ = false;
  Tokens out_;
};

}  // namespace assay::math
