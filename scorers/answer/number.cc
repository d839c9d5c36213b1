#include "scorers/answer/number.h"

#include <algorithm>
#include <utility>

#include "scorers/answer/ascii.h"
#include "scorers/answer/decimal.h"
#include "scorers/answer/number_text.h"
#include "scorers/answer/number_words.h"

namespace assay::answer {
namespace {

constexpr std::size_t kMaxUnitWords = 8;

// Reads a number from the start of normalised text.
class Reader {
 public:
  Reader(std::string_view text, const NumberOptions& options) : text_(text), options_(options) {}

  std::optional<std::string> run() {
    skip_decoration(true);
    take_word("approximately ") || take_word("approx. ") || take_word("approx ");
    skip_decoration(true);
    bool negative = sign();
    skip_decoration(true);
    if (!negative) negative = sign();  // "$-5"
    spaces();
    if (!value(negative)) return std::nullopt;
    scale();
    return rest_is_harmless() ? finish() : std::nullopt;
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void spaces() {
    while (peek() == ' ') ++at_;
  }
  bool sign() {
    if (peek() == '-') return ++at_, spaces(), true;
    if (peek() == '+') return ++at_, spaces(), false;
    return take_word("negative ") || take_word("minus ");
  }
  bool take_word(std::string_view word) {
    if (!starts_with_nocase(text_.substr(at_), word)) return false;
    at_ += word.size();
    return true;
  }

  // Markdown, LaTeX delimiters, quotes and currencies around the number.
  void skip_decoration(bool leading) {
    constexpr std::string_view kMarks = " *_`\"'()[]{}$#";
    while (!at_end()) {
      if (kMarks.find(peek()) != std::string_view::npos) {
        ++at_;
        continue;
      }
      if (!leading) return;
      bool currency = false;
      for (const std::string_view word : {"usd", "us$", "us ", "eur", "gbp", "inr", "rs.", "rs"}) {
        if (!starts_with_nocase(text_.substr(at_), word)) continue;
        at_ += word.size();
        currency = true;
        break;
      }
      if (!currency) return;
    }
  }

  std::string_view digits() {
    const std::size_t begin = at_;
    while (is_digit(peek())) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  // Digits, perhaps with one kind of thousands separator: 1,234,567 or 1 234 567, or 12,34,567 as in India.
  std::string whole() {
    const std::string plain(digits());
    const char mark = peek();
    const bool separator = mark == ',' || mark == ' ' || mark == '\'' || mark == '_';
    if (plain.empty() || plain.size() > 3 || !separator || (mark != ',' && plain[0] == '0')) return plain;
    std::string all = plain;
    std::size_t groups = 0;
    std::size_t twos = 0;
    std::size_t last = 0;
    std::size_t i = at_;
    while (i < text_.size() && text_[i] == mark) {
      std::size_t end = i + 1;
      while (end < text_.size() && is_digit(text_[end])) ++end;
      const std::size_t size = end - i - 1;
      if (size == 0) break;
      if (size != 2 && size != 3) return plain;
      ++groups;
      twos += size == 2 ? 1 : 0;
      last = size;
      all.append(text_.substr(i + 1, size));
      i = end;
    }
    const bool indian = mark == ',' && twos + 1 == groups && plain.size() <= 2;
    if (groups == 0 || last != 3 || (twos != 0 && !indian)) return plain;
    at_ = i;
    return all;
  }

  bool decimal(bool negative, Decimal& out) {
    const std::string integer = whole();
    std::string_view fraction;
    if (peek() == '.' && is_digit(peek(1))) {
      ++at_;
      fraction = digits();
    } else if (!integer.empty() && peek() == '.' && !is_letter(peek(1))) {
      ++at_;  // "5."
    }
    if (integer.empty() && fraction.empty()) return false;
    out = make_decimal(negative, integer, fraction, exponent());
    plain_whole_ = fraction.empty() && out.exponent >= 0;
    return true;
  }

  // "e3", " * 10^3", " * 10^{-3}", " x 10^3".
  std::int64_t exponent() {
    const std::size_t begin = at_;
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
    } else {
      spaces();
      const bool times = take('*') || take('x');
      spaces();
      if (!times || peek() != '1' || peek(1) != '0' || peek(2) != '^') return at_ = begin, 0;
      at_ += 3;
      take('{');
    }
    const bool negative = peek() == '-';
    if (negative || peek() == '+') ++at_;
    const std::string_view value = digits();
    if (value.empty() || value.size() > 9) return at_ = begin, 0;
    take('}');
    std::int64_t out = 0;
    for (const char c : value) out = out * 10 + (c - '0');
    return negative ? -out : out;
  }

  bool frac_argument(Decimal& out) {
    spaces();
    if (take('{')) {
      spaces();
      const bool negative = sign();
      if (!decimal(negative, out)) return false;
      spaces();
      return take('}');
    }
    if (!is_digit(peek())) return false;
    out = make_decimal(false, text_.substr(at_++, 1), "", 0);
    return true;
  }

  // "\frac{a}{b}" behind an optional whole number.
  bool latex_fraction(bool negative, std::string_view mixed_whole) {
    constexpr std::string_view kFrac = "\\frac";
    if (text_.substr(at_, kFrac.size()) != kFrac) return false;
    at_ += kFrac.size();
    Decimal top;
    Decimal bottom;
    if (!frac_argument(top) || !frac_argument(bottom)) return false;
    if (!mixed_whole.empty()) {
      value_ = canonical_mixed(negative, mixed_whole, top, bottom);
      return value_.has_value();
    }
    top.negative = top.negative != negative;
    return quotient(top, bottom);
  }

  bool quotient(const Decimal& top, const Decimal& bottom) {
    value_ = canonical_quotient(top, bottom);
    top_ = top;
    bottom_ = bottom;
    return value_.has_value();
  }

  bool value(bool negative) {
    bottom_ = make_decimal(false, "1", "", 0);
    if (peek() == '\\') return latex_fraction(negative, {});
    if (!decimal(negative, top_)) return false;
    const bool whole_top = plain_whole_;
    const std::size_t begin = at_;
    spaces();
    if (take('/')) {
      spaces();
      Decimal bottom;
      if (decimal(false, bottom)) return quotient(top_, bottom);
      at_ = begin;
      return finish_decimal();
    }
    if (whole_top && (is_digit(peek()) || peek() == '\\')) {
      if (mixed(negative)) return true;
      return false;  // a second number
    }
    if (whole_top && peek() == ':' && peek(1) == '0' && peek(2) == '0' && !is_digit(peek(3))) {
      at_ += 3;
      return finish_decimal();
    }
    at_ = begin;
    return finish_decimal();
  }

  bool mixed(bool negative) {
    const std::string whole_part =
        top_.digits + std::string(static_cast<std::size_t>(std::min<std::int64_t>(top_.exponent, 30)), '0');
    if (peek() == '\\') return latex_fraction(negative, whole_part);
    Decimal top;
    Decimal bottom;
    if (!decimal(false, top) || !plain_whole_) return false;
    spaces();
    if (!take('/')) return false;
    spaces();
    if (!decimal(false, bottom) || !plain_whole_) return false;
    value_ = canonical_mixed(negative, whole_part, top, bottom);
    return value_.has_value();
  }

  bool finish_decimal() {
    value_ = canonical(top_);
    return true;
  }

  std::string_view word() const {
    std::size_t end = at_;
    while (end < text_.size() && is_letter(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }

  // "5 million", "50%", "50 percent".
  void scale() {
    const std::size_t begin = at_;
    spaces();
    int power = scale_of(lower(word()));
    if (power != 0) {
      at_ += word().size();
    } else {
      const bool percent = take('%') || starts_with_nocase(text_.substr(at_), "percent");
      if (percent && options_.percent_divides) power = -2;
      if (!percent) at_ = begin;
    }
    if (power == 0) return;
    top_.exponent += top_.digits == "0" ? 0 : power;
    value_ = canonical_quotient(top_, bottom_);
  }

  // Nothing but a unit and punctuation behind the number?
  bool rest_is_harmless() {
    std::size_t words = 0;
    bool attached = true;  // to the number
    bool slash = false;
    while (!at_end()) {
      const char c = peek();
      if (options_.clause && ends_clause()) return clause_rest_is_harmless();
      if (is_letter(c)) {
        const std::string_view w = word();
        const WordPlace place =
            attached ? WordPlace::attached : words == 0 && !slash ? WordPlace::first : WordPlace::later;
        if (++words > kMaxUnitWords || !is_unit_word(w, place)) return false;
        at_ += w.size();
      } else if (c == '^') {
        ++at_;
        take('{');
        if (words == 0 || (peek() != '2' && peek() != '3')) return false;
        ++at_;
        take('}');
      } else if (is_digit(c) || c == '\\' || c == '+' || c == '=' || c == '<' || c == '>' || c == '|' ||
                 c == '&') {
        return false;
      } else if (c == '*' && peek(1) != '*' && words == 0 && peek(1) != '\0' && is_space(peek(1))) {
        return false;  // a product
      } else if (c == '!' && attached) {
        return false;  // a factorial
      } else if ((c == '-' || c == '/' || c == '*') && !harmless_operator()) {
        return false;
      } else {
        const auto byte = static_cast<unsigned char>(c);  // the leads of signs and Greek letters
        if (byte >= 0x80 && (byte == 0xE2 || byte == 0xCF || byte == 0xCE || byte == 0xC2)) return false;
        ++at_;
      }
      slash = slash || c == '/';
      attached = false;
    }
    return true;
  }

  // "-" within words, "/" before a unit, "*" of Markdown.
  bool harmless_operator() const {
    const char c = peek();
    std::size_t next = 1;
    while (peek(next) == c || peek(next) == ' ' || peek(next) == '(') ++next;
    if (c == '*') return !is_letter(peek(next)) || peek(1) == '*' || peek(1) == ' ';
    return is_letter(peek(next)) && peek(1) != c;
  }

  bool ends_clause() const {
    const char c = peek();
    const bool mark = c == '.' || c == ',' || c == ';' || c == '!' || c == '?' || c == ':';
    const char next = peek(1);
    if (mark && next == '.') return true;
    if (mark) return next == ' ' || next == '\0' || next == '*' || next == '"' || next == '$';
    if (c == '(') return true;
    return starts_with_nocase(text_.substr(at_), "because ") ||
           starts_with_nocase(text_.substr(at_), "since ") ||
           starts_with_nocase(text_.substr(at_), "which ") || starts_with_nocase(text_.substr(at_), "as ");
  }

  // A number straight behind a comma would be a second answer, "or ..." and "no, ..." takes the first back.
  bool clause_rest_is_harmless() const {
    if (clause_takes_back(text_.substr(at_))) return false;
    const char end = peek();
    std::size_t i = at_ + 1;
    constexpr std::string_view kSkip = " ,:;($*_-";
    while (i < text_.size()) {
      if (kSkip.find(text_[i]) != std::string_view::npos) {
        ++i;
      } else if (starts_with_nocase(text_.substr(i), "and ") || starts_with_nocase(text_.substr(i), "or ")) {
        i += 3;
      } else {
        break;
      }
    }
    if (i >= text_.size() || end == '(') return true;
    const char next = text_[i];
    if (end == '!' || end == '?' || end == ':') {  // "5! = 120"
      if (std::string_view("=+/<>^").find(next) != std::string_view::npos) return false;
    }
    return end == '.' || end == '!' || end == '?' || (!is_digit(next) && next != '\\');
  }

  std::optional<std::string> finish() const { return value_; }

  std::string_view text_;
  NumberOptions options_;
  std::size_t at_ = 0;
  bool plain_whole_ = false;  // the decimal just read had no point
  Decimal top_;
  Decimal bottom_;
  std::optional<std::string> value_;
};

}  // namespace

std::optional<std::string> parse_number(std::string_view text, const NumberOptions& options) {
  if (text.size() > kMaxNumberText && !options.clause) return std::nullopt;
  const std::string normal = normalize_number_text(text.substr(0, kMaxNumberText));
  return Reader(trim(normal), options).run();
}

std::optional<std::string> parse_equation(std::string_view text, bool computed,
                                          const NumberOptions& options) {
  const std::size_t at = text.rfind('=');
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  const char before = text[at - 1];
  if (before == '<' || before == '>' || before == '!' || before == '~' || before == '=') return std::nullopt;
  const std::string left = normalize_number_text(text.substr(0, std::min(at, kMaxNumberText)));
  if (!is_name(left) && !(computed && is_computation(left))) return std::nullopt;
  return parse_number(text.substr(at + 1), options);
}

}  // namespace assay::answer
