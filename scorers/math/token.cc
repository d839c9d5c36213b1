#include "scorers/math/token.h"

#include "harness/base/utf8.h"
#include "scorers/math/limits.h"

namespace assay::math {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

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

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {
    out_.owned.reserve(kMaxTokens + 8);
    out_.all.reserve(text.size() < 64 ? text.size() + 2 : 64);
    halve_ = all_doubled(text);
  }

  Tokens run() {
    while (at_ < text_.size() && !out_.over) step();
    space_ = false;
    push(Tok::end, {}, at_);
    return std::move(out_);
  }

 private:
  // A text whose every backslash before a letter is doubled went through an encoder once too often.
  static bool all_doubled(std::string_view text) {
    bool any = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\') continue;
      std::size_t n = i;
      while (n < text.size() && text[n] == '\\') ++n;
      if (n < text.size() && is_letter(text[n])) {
        if ((n - i) % 2 != 0) return false;
        any = true;
      }
      i = n - 1;
    }
    return any;
  }

  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void push(Tok type, std::string_view value, std::size_t end) {
    if (out_.all.size() >= kMaxTokens) {
      out_.over = true;
      if (type != Tok::end) return;
    }
    out_.all.push_back({type, space_, at_ < text_end_, static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(end), value});
    space_ = false;
    at_ = end;
  }
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

  void step() {
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

  // White space, or what an encoder made of \frac, \boxed, \times, \right by taking the first letter for an escape.
  void damaged(char c) {
    static constexpr struct {
      char c;
      std::string_view rest;
      std::string_view name;
    } kDamage[] = {{'\f', "rac", "frac"},  {'\f', "orall", "forall"}, {'\b', "inom", "binom"}, {'\b', "egin", "begin"},
                   {'\b', "ar", "bar"},    {'\b', "eta", "beta"},     {'\t', "imes", "times"}, {'\t', "heta", "theta"},
                   {'\t', "ext{", "text"}, {'\t', "frac", "tfrac"},   {'\t', "an", "tan"},     {'\r', "ight", "right"},
                   {'\r', "angle", "rangle"}, {'\r', "floor", "rfloor"}, {'\n', "eq", "neq"}, {'\a', "lpha", "alpha"},
                   {'\b', "oxed", "boxed"}, {'\t', "au", "tau"}, {'\r', "ho", "rho"}};
    for (const auto& d : kDamage) {
      if (d.c == c && text_.substr(at_ + 1, d.rest.size()) == d.rest) {
        const std::size_t size = d.name.size() == d.rest.size() ? d.rest.size() : 1 + d.rest.size();
        return command(d.name, at_ + (d.rest.back() == '{' ? d.rest.size() : size));
      }
    }
    blank(1);
  }

  std::size_t digits_from(std::size_t i) const {
    while (i < text_.size() && is_digit(text_[i])) ++i;
    return i;
  }
  bool three_digits(std::size_t i) const {
    return i + 3 <= text_.size() && digits_from(i) == i + 3 && !(i + 3 < text_.size() && text_[i + 3] == '.' && false);
  }

  // The size of a thousands separator at `i`, or 0.
  std::size_t separator(std::size_t i) const {
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

  void number() {
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
  bool repeating(std::size_t whole_end, std::size_t i) {
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
    if (text_[close] == ')' && i == whole_end + 0 && false) return false;
    std::string s(text_.substr(at_, j - at_));
    s += '(';
    s += std::string(text_.substr(open, close - open));
    s += ')';
    push(Tok::repeating, own(std::move(s)), close + 1);
    return true;
  }

  // 2.5E2, 1500E-1, 3e8: as a number with an exponent; the parser reads "2.5e2".
  bool exponent(std::string_view value, std::size_t i) {
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

  void letters() {
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
  static bool consecutive(std::string_view run) {
    for (std::size_t i = 1; i < run.size(); ++i) {
      if (run[i] != run[i - 1] + 1) return false;
    }
    return true;
  }

  void single(std::string_view run, std::size_t end) {
    const bool alone = at_ < text_end_;
    if (run == "e" && !alone) return push(Tok::constant, "e", end);
    if (run == "i" && !alone) return push(Tok::constant, "i", end);
    push(Tok::symbol, run, end);
  }

  void backslash() {
    std::size_t slashes = 1;
    if (peek(1) == '\\') {
      if (halve_) {
        if (is_letter(peek(2))) slashes = 2;
        if (slashes == 1 && peek(2) == '\\' && peek(3) == '\\') return row(4);
        if (slashes == 1) return row(2);
      } else if (is_letter(peek(2)) && environments_ == 0) {
        std::size_t end = at_ + 2;
        while (end < text_.size() && is_letter(text_[end])) ++end;
        if (!known_command(text_.substr(at_ + 2, end - at_ - 2))) return row(2);
        slashes = 2;
      } else if (peek(2) == '{' || peek(2) == '}' || peek(2) == '%' || peek(2) == '$') {
        slashes = environments_ == 0 ? 2 : 1;
        if (slashes == 1) return row(2);
      } else {
        return row(2);
      }
    }
    const std::size_t name_at = at_ + slashes;
    if (name_at >= text_.size()) return blank(slashes);
    const char c = text_[name_at];
    if (is_letter(c)) {
      std::size_t end = name_at;
      while (end < text_.size() && is_letter(text_[end])) ++end;
      return command(text_.substr(name_at, end - name_at), end);
    }
    escaped(c, name_at + 1);
  }

  void row(std::size_t size) { push(environments_ > 0 ? Tok::row : Tok::semicolon, {}, at_ + size); }

  static bool known_command(std::string_view name) {
    return command_meaning(name).type != Tok::bad || is_text_command(name) || is_layout_command(name);
  }

  void escaped(char c, std::size_t end) {
    switch (c) {
      case '{': ++brackets_; return push(Tok::open_set, {}, end);
      case '}': if (brackets_ > 0) --brackets_; return push(Tok::close_set, {}, end);
      case '%': return push(Tok::percent, {}, end);
      case '$': return money(end) ? push(Tok::currency, {}, end) : blank(end - at_);
      case '|': return push(Tok::bar, {}, end);
      case '&': return push(Tok::both, {}, end);
      case '_': return blank(end - at_);
      case '*': return push(Tok::times, {}, end);
      default: return blank((c == '(' || c == ')' || c == '[' || c == ']' || c == '.' || c == '#' ? end : end) - at_);
    }
  }

  bool money(std::size_t at) const {
    while (at < text_.size() && text_[at] == ' ') ++at;
    return at < text_.size() && (is_digit(text_[at]) || text_[at] == '.');
  }

  void command(std::string_view name, std::size_t end) {
    Meaning m = command_meaning(name);
    if (m.type == Tok::bad && !is_text_command(name) && !is_layout_command(name)) {
      // "\lvertx": the longest known name that it begins with.
      std::size_t n = name.size();
      while (n > 2 && !known_command(name.substr(0, n))) --n;
      if (n <= 2) return push(Tok::word, name, end);
      end -= name.size() - n;
      name = name.substr(0, n);
      m = command_meaning(name);
    }
    if (is_text_command(name)) return text_command(end);
    if (m.type == Tok::bad) {
      if (name == "left" || name == "mleft" || name == "right" || name == "mright") return delimiter(name, end);
      return blank(end - at_);
    }
    if (m.text == "begin" || m.text == "end") return environment(m.text == "begin", end);
    if (m.text == "operatorname" || m.text == "mathbb") return named(m.text == "mathbb", end);
    if (m.text == "char") return character(end);
    if (m.type == Tok::open || m.type == Tok::open_set || m.type == Tok::open_bracket) ++brackets_;
    if ((m.type == Tok::close || m.type == Tok::close_set || m.type == Tok::close_bracket) && brackets_ > 0) --brackets_;
    push(m.type, m.text.empty() ? name : m.text, end);
  }

  // \left| and \right| say which way a bar faces; "\left." is nothing.
  void delimiter(std::string_view name, std::size_t end) {
    const bool left = name == "left" || name == "mleft";
    std::size_t i = end;
    while (i < text_.size() && text_[i] == ' ') ++i;
    const std::string_view rest = text_.substr(i);
    if (rest.substr(0, 1) == "." ) return blank(i + 1 - at_);
    for (const std::string_view bar : {"|", "\\vert", "\\|", "\\lvert", "\\rvert", "\\Vert"}) {
      if (rest.substr(0, bar.size()) == bar && !(bar.size() > 2 && rest.size() > bar.size() && is_letter(rest[bar.size()]))) {
        return push(left ? Tok::open_bar : Tok::close_bar, {}, i + bar.size());
      }
    }
    if (rest.substr(0, 1) == "{" || rest.substr(0, 1) == "}") {
      brackets_ += left ? 1 : (brackets_ > 0 ? -1 : 0);
      return push(left ? Tok::open_set : Tok::close_set, {}, i + 1);
    }
    if (rest.substr(0, 1) == "<") return push(Tok::open_angle, {}, i + 1);
    if (rest.substr(0, 1) == ">") return push(Tok::close_angle, {}, i + 1);
    blank(end - at_);
  }

  // Where the brace that opens at `open` closes, or npos.
  std::size_t closing(std::size_t open) const {
    int depth = 0;
    for (std::size_t i = open; i < text_.size(); ++i) {
      if (text_[i] == '\\') {
        ++i;
      } else if (text_[i] == '{') {
        ++depth;
      } else if (text_[i] == '}' && --depth == 0) {
        return i;
      }
    }
    return std::string_view::npos;
  }

  void text_command(std::size_t end) {
    while (end < text_.size() && text_[end] == ' ') ++end;
    if (end < text_.size() && text_[end] == '{' && text_end_ == 0) {
      const std::size_t close = closing(end);
      if (close != std::string_view::npos) {
        text_end_ = close + 1;
        return blank(end + 1 - at_);
      }
    }
    blank(end - at_);
  }

  void environment(bool begin, std::size_t end) {
    while (end < text_.size() && text_[end] == ' ') ++end;
    if (end >= text_.size() || text_[end] != '{') return push(Tok::bad, {}, end);
    const std::size_t close = text_.find('}', end);
    if (close == std::string_view::npos || close - end > 20) return push(Tok::bad, {}, end + 1);
    const std::string_view name = text_.substr(end + 1, close - end - 1);
    std::size_t next = close + 1;
    if (begin && (name == "array" || name == "tabular") && next < text_.size() && text_[next] == '{') {
      const std::size_t columns = closing(next);
      if (columns != std::string_view::npos) next = columns + 1;
    }
    environments_ += begin ? 1 : -1;
    if (environments_ < 0) environments_ = 0;
    push(begin ? Tok::begin_env : Tok::end_env, name, next);
  }

  // \operatorname{lcm}, \mathbb{R}, \mathbb R
  void named(bool set, std::size_t end) {
    while (end < text_.size() && (text_[end] == ' ' || text_[end] == '*')) ++end;
    std::size_t begin = end;
    std::size_t stop = end + 1;
    if (end < text_.size() && text_[end] == '{') {
      const std::size_t close = text_.find('}', end);
      if (close == std::string_view::npos || close - end > 24) return push(Tok::bad, {}, end);
      begin = end + 1;
      stop = close;
      end = close + 1;
    } else {
      end = std::min(end + 1, text_.size());
      stop = end;
    }
    std::string_view name = text_.substr(begin, stop - begin);
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    if (set) return push(Tok::named_set, name, end);
    const Meaning m = name_meaning(name);
    if (m.type != Tok::bad) return push(m.type, m.text.empty() ? name : m.text, end);
    push(Tok::word, name, end);
  }

  // \char"000190: a code point in hexadecimal.
  void character(std::size_t end) {
    std::size_t i = end;
    char32_t value = 0;
    if (i < text_.size() && text_[i] == '"') ++i;
    const std::size_t first = i;
    for (; i < text_.size() && i < first + 6; ++i) {
      const char c = text_[i];
      if (is_digit(c)) {
        value = value * 16 + static_cast<char32_t>(c - '0');
      } else if (c >= 'A' && c <= 'F') {
        value = value * 16 + static_cast<char32_t>(c - 'A' + 10);
      } else {
        break;
      }
    }
    const Meaning m = unicode_meaning(value);
    push(i == first ? Tok::bad : m.type, m.text, i);
  }

  void sign() {
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

  void scripts(Tok which, char (*digit)(char32_t)) {
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

  void wide_digits() {
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

  void punctuation(char c) {
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
  void dollar() {
    if (is_digit(peek(1)) || peek(1) == '.') return push(Tok::currency, {}, at_ + 1);
    blank(1);
  }

  void dots() {
    if (peek(1) == '.' && peek(2) == '.') return push(Tok::ellipsis, {}, at_ + 3);
    // A full stop ends the answer; anywhere else it is no mathematics.
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
      if (!is_blank(text_[i]) && text_[i] != '$' && text_[i] != '}' && text_[i] != '.') return push(Tok::bad, {}, at_ + 1);
    }
    blank(1);
  }

  void compare(char c) {
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

  void html(std::size_t size, Tok which) {
    push(which, {}, at_);
    push(Tok::open_brace, {}, at_ + size);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t text_end_ = 0;  // one past the brace that ends \text{...}; 0 outside
  int brackets_ = 0;
  int environments_ = 0;
  bool space_ = false;
  bool halve_ = false;
  Tokens out_;
};

}  // namespace

Tokens tokenize(std::string_view text) { return Lexer(text).run(); }

}  // namespace assay::math
