#include "scorers/math/token.h"

#include "scorers/math/lexer.h"

namespace assay::math {

Tokens Lexer::run() {
  while (at_ < text_.size() && !out_.over) step();
  space_ = false;
  push(Tok::end, {}, at_);
  return std::move(out_);
}

void Lexer::push(Tok type, std::string_view value, std::size_t end) {
  if (out_.all.size() >= kMaxTokens) {
    out_.over = true;
    if (type != Tok::end) return;
  }
  out_.all.push_back({type, space_, at_ < text_end_, static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(end), value});
  space_ = false;
  at_ = end;
}

void Lexer::step() {
  const char c = text_[at_];
  if (is_blank(c) || c == '\b' || c == '\a') return damaged(c);
  if (at_ == text_end_ - 1 && text_end_ != 0 && c == '}') {  // the end of \text{...}
    text_end_ = 0;
    return blank(1);
  }
  if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
  if (is_letter(c)) return letters();
  if (c == '\\') return backslash();
  if (static_cast<unsigned char>(c) >= 0x80) return sign();
  punctuation(c);
}

void Lexer::letters() {
  std::size_t end = at_;
  while (end < text_.size() && is_letter(text_[end])) ++end;
  const std::string_view run = text_.substr(at_, end - at_);
  const bool in_text = at_ < text_end_;
  if (run.size() == 1) return single(run, end);
  const Meaning m = name_meaning(run);
  const bool after_number = !out_.all.empty() && out_.all.back().type == Tok::number;
  if (m.type == Tok::func && run == "min" && after_number) return push(Tok::word, run, end);
  if (m.type != Tok::bad && !(in_text && m.type == Tok::symbol)) return push(m.type, m.text.empty() ? run : m.text, end);
  if (run == "rac" || run == "frac") return push(Tok::command, "frac", end);
  if (in_text || is_short_word(run) || run.size() >= 5) return push(Tok::word, run, end);
  if (run.size() == 4 && !consecutive(run)) return push(Tok::word, run, end);
  // A function's name at the head or the tail of a short run, "xsin", "sinx", is too rare to guess at.
  single(text_.substr(at_, 1), at_ + 1);
}

// "abcd" and "wxyz" are products, "even" is a word.
bool Lexer::consecutive(std::string_view run) {
  for (std::size_t i = 1; i < run.size(); ++i) {
    if (run[i] != run[i - 1] + 1) return false;
  }
  return true;
}

void Lexer::single(std::string_view run, std::size_t end) {
  const bool alone = at_ < text_end_;
  if (run == "e" && !alone) return push(Tok::constant, "e", end);
  if (run == "i" && !alone) return push(Tok::constant, "i", end);
  push(Tok::symbol, run, end);
}

void Lexer::punctuation(char c) {
  const std::size_t next = at_ + 1;
  switch (c) {
    case '+': return push(peek(1) == '-' && peek(2) != '-' && !is_digit(peek(2)) ? Tok::pm : Tok::plus, {},
                          peek(1) == '-' && peek(2) != '-' && !is_digit(peek(2)) ? at_ + 2 : next);
    case '-': return push(Tok::minus, {}, next);
    case '*': return push(peek(1) == '*' ? Tok::caret : Tok::times, {}, peek(1) == '*' ? at_ + 2 : next);
    case '/': return push(Tok::slash, {}, next);
    case '^': return push(Tok::caret, {}, next);
    case '_': return push(Tok::under, {}, next);
    case '!': return peek(1) == '=' ? push(Tok::relation, "!", at_ + 2) : push(Tok::bang, {}, next);
    case '%': return push(Tok::percent, {}, next);
    case '\'': return push(Tok::prime, {}, next);
    case ',': return push(Tok::comma, {}, next);
    case ';': return push(Tok::semicolon, {}, next);
    case ':': return peek(1) == '=' ? push(Tok::relation, "=", at_ + 2) : push(Tok::colon, {}, next);
    case '(': ++brackets_; return push(Tok::open, {}, next);
    case ')': if (brackets_ > 0) --brackets_; return push(Tok::close, {}, next);
    case '[': ++brackets_; return push(Tok::open_bracket, {}, next);
    case ']': if (brackets_ > 0) --brackets_; return push(Tok::close_bracket, {}, next);
    case '{': return push(Tok::open_brace, {}, next);
    case '}': return push(Tok::close_brace, {}, next);
    case '|': return push(Tok::bar, {}, next);
    case '~': return blank(1);
    case '&': return push(environments_ > 0 ? Tok::amp : Tok::bad, {}, next);
    case '$': return dollar();
    case '.': return dots();
    case '<': case '>': case '=': return compare(c);
    default: return push(Tok::bad, {}, next);
  }
}

// "$20": currency; another dollar is a delimiter of mathematics and so white space.
void Lexer::dollar() {
  if (is_digit(peek(1)) || peek(1) == '.') return push(Tok::currency, {}, at_ + 1);
  blank(1);
}

void Lexer::dots() {
  if (peek(1) == '.' && peek(2) == '.') return push(Tok::ellipsis, {}, at_ + 3);
  // A full stop ends the answer; anywhere else it is no mathematics.
  for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
    if (!is_blank(text_[i]) && text_[i] != '$' && text_[i] != '}' && text_[i] != '.') return push(Tok::bad, {}, at_ + 1);
  }
  blank(1);
}

void Lexer::compare(char c) {
  const char d = peek(1);
  if (c == '<' && text_.substr(at_, 5) == "<sub>") return html(5, Tok::under);
  if (c == '<' && text_.substr(at_, 5) == "<sup>") return html(5, Tok::caret);
  if (c == '<' && (text_.substr(at_, 6) == "</sub>" || text_.substr(at_, 6) == "</sup>")) {
    return push(Tok::close_brace, {}, at_ + 6);
  }
  if (c == '=' && d == '>') return push(Tok::arrow, {}, at_ + 2);
  if (c == '=' && d == '=') return push(Tok::relation, "=", at_ + 2);
  if (c == '=' && d == '<') return push(Tok::relation, "l", at_ + 2);
  if (c == '<' && d == '=') return push(Tok::relation, "l", at_ + 2);
  if (c == '>' && d == '=') return push(Tok::relation, "g", at_ + 2);
  push(Tok::relation, c == '<' ? "<" : c == '>' ? ">" : "=", at_ + 1);
}

void Lexer::html(std::size_t size, Tok which) {
  push(which, {}, at_);
  push(Tok::open_brace, {}, at_ + size);
}

Tokens tokenize(std::string_view text) { return Lexer(text).run(); }

}  // namespace assay::math
