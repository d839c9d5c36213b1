#include "scorers/trace/claims/lexer.h"

#include <algorithm>

#include "harness/base/utf8.h"

namespace assay::trace {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

struct Sign {
  std::string_view text;
  Tok kind;
  char sign;
};
// Characters beyond ASCII, in UTF-8.
constexpr Sign kSigns[] = {
    {"×", Tok::op, '*'},    {"·", Tok::op, '*'},      {"⋅", Tok::op, '*'},    {"∙", Tok::op, '*'},
    {"÷", Tok::op, '/'},    {"∕", Tok::op, '/'},      {"⁄", Tok::op, '/'},    {"−", Tok::op, '-'},
    {"–", Tok::op, '-'},    {"—", Tok::stop, 0},      {"≈", Tok::approx, 0},  {"≅", Tok::approx, 0},
    {"≃", Tok::approx, 0},  {"≡", Tok::congruent, 0}, {"π", Tok::pi, 0},      {"√", Tok::root, 0},
    {"²", Tok::power, 0},   {"³", Tok::power, 0},     {"¹", Tok::power, 0},   {"⁴", Tok::power, 0},
    {"⁵", Tok::power, 0},   {"⁶", Tok::power, 0},     {"…", Tok::unknown, 0}, {"½", Tok::unknown, 0},
    {"¼", Tok::unknown, 0}, {"¾", Tok::unknown, 0},   {"±", Tok::unknown, 0}, {"∞", Tok::unknown, 0},
    {"⇒", Tok::stop, 0},    {"→", Tok::stop, 0},      {"≤", Tok::stop, 0},    {"≥", Tok::stop, 0},
    {"≠", Tok::stop, 0},    {"∴", Tok::stop, 0},      {"⟹", Tok::stop, 0},    {"⌊", Tok::unknown, 0},
    {"⌋", Tok::unknown, 0}, {"⌈", Tok::unknown, 0},   {"⌉", Tok::unknown, 0}, {"∑", Tok::unknown, 0},
};

}  // namespace

Token& ClaimLexer::push(Tok kind, std::size_t size, char sign) {
  Token token;
  token.kind = kind;
  token.sign = sign;
  token.spaced = spaced_;
  token.begin = static_cast<std::uint32_t>(at_);
  token.end = static_cast<std::uint32_t>(at_ + size);
  out_.push_back(token);
  at_ += size;
  spaced_ = false;
  return out_.back();
}

bool ClaimLexer::after_operand() const {
  if (out_.empty()) return false;
  const Tok kind = out_.back().kind;
  return kind == Tok::number || kind == Tok::close || kind == Tok::percent || kind == Tok::word ||
         kind == Tok::pi || kind == Tok::power || kind == Tok::factorial || kind == Tok::unknown;
}

void ClaimLexer::line_end() {
  if (display_ == 0) {
    push(Tok::line, 1);
  } else {
    ++at_;
  }
  spaced_ = true;
  line_start();
}

// Marks of lists and quotations are no arithmetic: "- 5 + 3", "1. 5 + 3", "2) 5 + 3".
void ClaimLexer::line_start() {
  if (display_ > 0) return;
  while (is_space(at(at_)) || at(at_) == '>' || at(at_) == '#') ++at_;
  if ((at(at_) == '-' || at(at_) == '*' || at(at_) == '+') && is_space(at(at_ + 1))) ++at_;
  while (is_space(at(at_)) || at(at_) == '*') ++at_;
  std::size_t end = at_;
  while (end - at_ < 4 && is_digit(at(end))) ++end;
  if (end > at_ && (at(end) == '.' || at(end) == ')') && !is_digit(at(end + 1))) at_ = end + 1;
}

void ClaimLexer::number() {
  std::size_t end = at_;
  std::uint8_t decimals = 0;
  bool odd = false;
  while (is_digit(at(end))) ++end;
  // Thousands: "80,000", "80{,}000", "80,\!000".
  for (const std::size_t head = end - at_; head >= 1 && head <= 3;) {
    std::size_t next = end;
    if (at(next) == ',') {
      next += text_.substr(next, 3) == ",\\!" ? 3 : 1;
    } else if (text_.substr(next, 3) == "{,}") {
      next += 3;
    } else {
      break;
    }
    if (!is_digit(at(next)) || !is_digit(at(next + 1)) || !is_digit(at(next + 2)) || is_digit(at(next + 3)))
      break;
    end = next + 3;
  }
  if (at(end) == '.' && is_digit(at(end + 1))) {
    const std::size_t point = end++;
    while (is_digit(at(end))) ++end;
    decimals = static_cast<std::uint8_t>(std::min<std::size_t>(end - point - 1, 30));
  }
  // "1,5", "12:30" and "1.2.3" are not numbers that we read.
  while ((at(end) == ',' || at(end) == ':' || at(end) == '.') && is_digit(at(end + 1))) {
    odd = true;
    ++end;
    while (is_digit(at(end))) ++end;
  }
  const bool money = at_ > 0 && at(at_ - 1) == '$';
  Token& token = push(odd ? Tok::unknown : Tok::number, end - at_);
  token.decimals = decimals;
  token.money = money;
  if (starts("...") || starts("…") || starts("\\ldots") || starts("\\dots")) {
    token.rough = decimals > 0;
    at_ += starts("...") || starts("…") ? 3 : starts("\\ldots") ? 6 : 5;
  }
}

void ClaimLexer::word() {
  std::size_t end = at_;
  while (is_letter(at(end)) || (at(end) == '\'' && is_letter(at(end + 1)))) ++end;
  const std::string_view name = text_.substr(at_, end - at_);
  const bool math = (display_ > 0 || inline_math_) && at_ >= prose_until_;
  const bool after_number = !spaced_ && !out_.empty() && out_.back().kind == Tok::number;
  if ((name == "x" || name == "X") && after_operand() && out_.back().kind != Tok::word) {
    // "3 x 4" and "3x4" multiply; "3x + 4" does not.
    std::size_t next = end;
    while (is_space(at(next))) ++next;
    const bool operand = is_digit(at(next)) || at(next) == '$' || at(next) == '(';
    if (operand && (spaced_ ? next > end : next == end && is_digit(at(next)))) {
      push(Tok::op, 1, '*');
      return;
    }
  }
  if (name == "mod" || name == "modulo") {
    push(Tok::modulo, name.size());
    return;
  }
  Token& token = push(Tok::word, name.size());
  token.math = math || (name.size() == 1 && name != "a" && name != "A" && name != "I") ||
               (after_number && name.size() == 1);
}

void ClaimLexer::dash(std::size_t size) {
  // "5-foot": a word goes on; "--": punctuation.
  if (size == 1 && at(at_ + 1) == '-') {
    push(Tok::stop, 2);
    return;
  }
  if (size == 1 && !spaced_ && is_letter(at(at_ + 1)) && is_letter(at(at_ + 2)) && !out_.empty() &&
      (out_.back().kind == Tok::word || out_.back().kind == Tok::number) && display_ == 0 && !inline_math_) {
    ++at_;
    return;
  }
  push(Tok::op, size, '-');
}

void ClaimLexer::star() {
  if (at(at_ + 1) != '*') {
    push(Tok::op, 1, '*');
  } else if (!spaced_ && after_operand() && is_digit(at(at_ + 2))) {
    push(Tok::op, 2, '^');
  } else {
    at_ += 2;  // bold
  }
}

void ClaimLexer::colon() { push(after_operand() && is_digit(at(at_ + 1)) ? Tok::unknown : Tok::stop, 1); }

void ClaimLexer::dot() {
  if (starts("...")) {
    push(Tok::unknown, 3);
  } else if (is_digit(at(at_ + 1)) && (at_ == 0 || !is_digit(at(at_ - 1)))) {
    std::size_t end = at_ + 1;
    while (is_digit(at(end))) ++end;
    const std::size_t size = end - at_;
    push(Tok::number, size).decimals = static_cast<std::uint8_t>(std::min<std::size_t>(size - 1, 30));
  } else {
    push(Tok::stop, 1);
  }
}

bool ClaimLexer::relation() {
  const char c = at(at_);
  const char next = at(at_ + 1);
  if (c == '=') {
    if (next == '=') {
      push(Tok::unknown, 2);
    } else if (next == '>') {
      push(Tok::stop, 2);
    } else {
      push(Tok::equals, 1);
    }
    return true;
  }
  if (c == '~' && next != '~' && is_digit(at(at_ + (next == ' ' ? 2 : 1)))) {
    push(after_operand() ? Tok::approx : Tok::unknown, 1);
    if (out_.back().kind == Tok::unknown) out_.pop_back();
    return true;
  }
  if (c == '<' && next == '<') {  // <<3*4=12>>, a calculator's note: not what the reader is told
    const std::size_t close = text_.find(">>", at_);
    if (close != std::string_view::npos && close - at_ < 200) {
      at_ = close + 2;
      return true;
    }
  }
  if (c != '<' && c != '>' && c != ':' && c != '!') return false;
  if (next != '=' || c == ':') {
    if (c == ':' || c == '!') return false;
    push(Tok::stop, 1);
    return true;
  }
  push(Tok::stop, 2);
  return true;
}

void ClaimLexer::sign() {
  switch (const char c = at(at_)) {
    case '+':
    case '/':
      push(Tok::op, 1, c);
      return;
    case '^':
      push(Tok::op, 1, '^');
      return;
    case '-':
      return dash(1);
    case '*':
      return star();
    case '(':
    case '[':
      push(Tok::open, 1, '(');
      return;
    case '{':
      push(Tok::open, 1, '{');
      return;
    case ')':
    case ']':
      push(Tok::close, 1, '(');
      return;
    case '}':
      push(Tok::close, 1, '{');
      return;
    case '%':
      push(Tok::percent, 1);
      return;
    case '!':
      push(after_operand() && !spaced_ ? Tok::factorial : Tok::stop, 1);
      return;
    case '_':
    case '|':
      push(Tok::unknown, 1);
      return;
    case ':':
      return colon();
    case '.':
      return dot();
    case '$':
      if (at(at_ + 1) == '$') {
        display_ = display_ > 0 ? 0 : 1;
        ++at_;
      }
      ++at_;
      return;
    case '&':
    case '"':
    case '\'':
    case '`':
    case '~':
      ++at_;
      return;
    default:
      push(Tok::stop, 1);
  }
}

void ClaimLexer::beyond_ascii() {
  for (const Sign& sign : kSigns) {
    if (!starts(sign.text)) continue;
    if (sign.sign == '-') return dash(sign.text.size());
    push(sign.kind, sign.text.size(), sign.sign);
    return;
  }
  const CodePoint p = decode_utf8(text_, at_);
  const std::string_view here = text_.substr(at_, p.size);
  if (p.value == 0xA0 || p.value == 0x2009 || p.value == 0x202F || p.value == 0x2019 || p.value == 0x201C ||
      p.value == 0x201D || here == "°" || here == "€" || here == "£" || here == "₹" || here == "¥") {
    spaced_ = spaced_ || p.value == 0xA0 || p.value == 0x2009 || p.value == 0x202F;
    at_ += p.size;
    return;
  }
  push(Tok::unknown, p.size);
}

std::vector<Token> ClaimLexer::run() {
  out_.reserve(text_.size() / 3 + 8);
  line_start();
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (is_letter(c)) {
      word();
    } else if (is_space(c)) {
      spaced_ = true;
      ++at_;
    } else if (c == '\n') {
      line_end();
    } else if (is_digit(c)) {
      number();
    } else if (c == '\\') {
      backslash();
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      beyond_ascii();
    } else if (!relation()) {
      sign();
    }
  }
  return std::move(out_);
}

std::vector<Token> lex_claims(std::string_view text) { return ClaimLexer(text).run(); }

}  // namespace assay::trace
