// Numbers in every spelling, and signs beyond ASCII.
#include "harness/base/utf8.h"
#include "scorers/math/lexer.h"

namespace assay::math {
namespace {

// A vulgar fraction, a superscript or a subscript digit, or a fullwidth digit.
struct SmallNumber {
  const char* numerator = nullptr;
  const char* denominator = nullptr;
};
SmallNumber vulgar(char32_t c) {
  switch (c) {
    case U'\u00BD': return {"1", "2"};
    case U'\u00BC': return {"1", "4"};
    case U'\u00BE': return {"3", "4"};
    case U'\u2153': return {"1", "3"};
    case U'\u2154': return {"2", "3"};
    case U'\u2155': return {"1", "5"};
    case U'\u2156': return {"2", "5"};
    case U'\u2157': return {"3", "5"};
    case U'\u2158': return {"4", "5"};
    case U'\u2159': return {"1", "6"};
    case U'\u215A': return {"5", "6"};
    case U'\u215B': return {"1", "8"};
    case U'\u215C': return {"3", "8"};
    case U'\u215D': return {"5", "8"};
    case U'\u215E': return {"7", "8"};
    default: return {};
  }
}
char superscript(char32_t c) {
  if (c == U'\u00B9') return '1';
  if (c == U'\u00B2') return '2';
  if (c == U'\u00B3') return '3';
  if (c == U'\u2070') return '0';
  if (c >= U'\u2074' && c <= U'\u2079') return static_cast<char>('4' + (c - U'\u2074'));
  if (c == U'\u207B') return '-';
  if (c == U'\u207F') return 'n';
  if (c == U'\u02E3') return 'x';
  return 0;
}
char subscript(char32_t c) {
  if (c >= U'\u2080' && c <= U'\u2089') return static_cast<char>('0' + (c - U'\u2080'));
  return 0;
}
bool is_space_sign(char32_t c) {
  return c == 0xA0 || (c >= 0x2000 && c <= 0x200F) || c == 0x202F || c == 0x205F || c == 0x2060 || c == 0x3000 ||
         c == 0xFEFF || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x2061 || c == 0x2063;
}

}  // namespace

// The size of a thousands separator at `i`, or 0.
std::size_t Lexer::separator(std::size_t i) const {
  const std::string_view rest = text_.substr(i);
  for (const std::string_view s : {"{,}", ",\\!", ",\\,", "\\,", "{,}\\!", ",\\ "}) {
    if (rest.substr(0, s.size()) == s) {
      std::size_t n = i + s.size();
      while (n < text_.size() && text_[n] == ' ') ++n;
      if (three_digits(n)) return n - i;
    }
  }
  if (rest.empty()) return 0;
  if (rest[0] == ',' && three_digits(i + 1) && (brackets_ == 0 || rest[1] == '0')) return 1;
  if (rest[0] == ' ' && brackets_ == 0 && three_digits(i + 1)) return 1;
  if (rest[0] == '\'' && three_digits(i + 1)) return 1;
  if (rest.substr(0, 3) == "\xE2\x80\xAF" && three_digits(i + 3)) return 3;  // narrow no-break space
  if (rest.substr(0, 2) == "\xC2\xA0" && brackets_ == 0 && three_digits(i + 2)) return 2;
  if (rest.substr(0, 3) == "\xE2\x80\x89" && brackets_ == 0 && three_digits(i + 3)) return 3;
  return 0;
}

void Lexer::number() {
  std::size_t i = digits_from(at_);
  std::string joined;
  const std::size_t lead = i - at_;
  if (lead >= 1 && lead <= 3 && text_[at_] != '0') {
    // Every group must be full and of the same kind: "1,234 567" is no number.
    std::size_t j = i;
    std::string_view kind;
    while (true) {
      const std::size_t s = separator(j);
      if (s == 0) break;
      const std::string_view now = text_.substr(j, s);
      if (!kind.empty() && now != kind) break;
      kind = now;
      if (joined.empty()) joined = std::string(text_.substr(at_, i - at_));
      joined += std::string(text_.substr(j + s, 3));
      j += s + 3;
    }
    // A four-digit last group means that those were no thousands.
    if (!joined.empty()) i = j;
  }
  const bool grouped = !joined.empty();
  const std::size_t whole_end = i;
  if (i < text_.size() && text_[i] == '.' && i + 1 < text_.size() && is_digit(text_[i + 1])) {
    const std::size_t frac_end = digits_from(i + 1);
    if (!(frac_end < text_.size() && text_[frac_end] == '.' && frac_end + 1 < text_.size() && is_digit(text_[frac_end + 1]))) {
      if (grouped) joined += std::string(text_.substr(i, frac_end - i));
      i = frac_end;
    }
  }
  if (repeating(whole_end, i)) return;
  std::string_view value = grouped ? own(joined) : text_.substr(at_, i - at_);
  if (exponent(value, i)) return;
  push(Tok::number, value, i);
}

// 0.\overline{3}, 0.1\overline{6}, 0.(3)
bool Lexer::repeating(std::size_t whole_end, std::size_t i) {
  const bool has_point = i > whole_end || (i < text_.size() && text_[i] == '.');
  if (!has_point) return false;
  std::size_t j = i > whole_end ? i : i + 1;
  std::size_t open = 0;
  for (const std::string_view s : {"\\overline{", "\\bar{", "\\dot{", "("}) {
    if (text_.substr(j, s.size()) == s) open = j + s.size();
  }
  if (open == 0) return false;
  const std::size_t close = digits_from(open);
  if (close == open || close >= text_.size() || (text_[close] != '}' && text_[close] != ')')) return false;
  std::string s(text_.substr(at_, j - at_));
  s += '(';
  s += std::string(text_.substr(open, close - open));
  s += ')';
  push(Tok::repeating, own(std::move(s)), close + 1);
  return true;
}

// 2.5E2, 1500E-1, 3e8: as a number with an exponent; the parser reads "2.5e2".
bool Lexer::exponent(std::string_view value, std::size_t i) {
  if (i >= text_.size() || (text_[i] != 'E' && text_[i] != 'e')) return false;
  std::size_t j = i + 1;
  if (j < text_.size() && (text_[j] == '-' || text_[j] == '+')) ++j;
  const std::size_t end = digits_from(j);
  if (end == j || (end < text_.size() && is_letter(text_[end]))) return false;
  if (text_[i] == 'e' && j > i + 1 && value.find('.') == std::string_view::npos && text_[j - 1] == '+') return false;
  std::string s(value);
  s += 'e';
  s += std::string(text_.substr(i + 1, end - i - 1));
  push(Tok::number, own(std::move(s)), end);
  return true;
}

void Lexer::sign() {
  const CodePoint p = decode_utf8(text_, at_);
  const std::size_t end = at_ + p.size;
  if (is_space_sign(p.value)) return blank(p.size);
  if (const SmallNumber v = vulgar(p.value); v.numerator != nullptr) {
    const std::size_t here = at_;
    // As \frac{n}{d}, so that "2½" is a mixed number.
    push(Tok::command, "frac", here);
    for (const char* part : {v.numerator, v.denominator}) {
      push(Tok::open_brace, {}, here);
      push(Tok::number, part, here);
      push(Tok::close_brace, {}, here);
    }
    at_ = end;
    return;
  }
  if (superscript(p.value) != 0) return scripts(Tok::caret, superscript);
  if (subscript(p.value) != 0) return scripts(Tok::under, subscript);
  if (p.value >= 0xFF10 && p.value <= 0xFF19) return wide_digits();
  const Meaning m = unicode_meaning(p.value);
  if (m.type != Tok::bad) {
    if (m.type == Tok::open) ++brackets_;
    if (m.type == Tok::close && brackets_ > 0) --brackets_;
    return push(m.type, m.text, end);
  }
  // Letters of other scripts are words; a run of them is one.
  std::size_t i = at_;
  while (i < text_.size() && static_cast<unsigned char>(text_[i]) >= 0x80) {
    const CodePoint q = decode_utf8(text_, i);
    if (!q.valid || is_space_sign(q.value) || unicode_meaning(q.value).type != Tok::bad) break;
    i += q.size;
  }
  if (i == at_) return push(Tok::bad, {}, end);
  push(Tok::word, text_.substr(at_, i - at_), i);
}

void Lexer::scripts(Tok which, char (*digit)(char32_t)) {
  std::string s;
  std::size_t i = at_;
  while (i < text_.size()) {
    const CodePoint p = decode_utf8(text_, i);
    const char d = digit(p.value);
    if (d == 0) break;
    s += d;
    i += p.size;
  }
  const std::size_t here = at_;
  const std::string_view all = own(std::move(s));
  push(which, {}, here);
  push(Tok::open_brace, {}, here);
  for (std::size_t k = 0; k < all.size();) {
    std::size_t n = k;
    while (n < all.size() && is_digit(all[n])) ++n;
    if (n > k) {
      push(Tok::number, all.substr(k, n - k), here);
      k = n;
    } else {
      push(all[k] == '-' ? Tok::minus : Tok::symbol, all.substr(k, 1), here);
      ++k;
    }
  }
  push(Tok::close_brace, {}, here);
  at_ = i;
}

void Lexer::wide_digits() {
  std::string s;
  std::size_t i = at_;
  while (i < text_.size()) {
    const CodePoint p = decode_utf8(text_, i);
    if (p.value >= 0xFF10 && p.value <= 0xFF19) {
      s += static_cast<char>('0' + (p.value - 0xFF10));
    } else if (p.value == 0xFF0E) {
      s += '.';
    } else {
      break;
    }
    i += p.size;
  }
  push(Tok::number, own(std::move(s)), i);
}

}  // namespace assay::math
