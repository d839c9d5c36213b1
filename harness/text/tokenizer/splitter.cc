#include "harness/text/tokenizer/splitter.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "harness/base/unicode.h"
#include "harness/base/utf8.h"
#include "harness/text/tokenizer/split_names.h"

namespace assay {
namespace {

using namespace char_class;

// A class of ours beside those of Unicode: \r and \n, which expressions name apart from other white space.
constexpr std::uint8_t kLineBreak = 64;

struct Char {
  char32_t value = 0;
  std::uint8_t size = 0;  // bytes; 0 at the end of the text
  std::uint8_t bits = 0;
  bool is(std::uint8_t any) const { return (bits & any) != 0; }
};

inline Char char_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) {
    std::uint8_t bits = char_class_of(lead);
    if (lead == '\n' || lead == '\r') bits |= kLineBreak;
    return {lead, 1, bits};
  }
  const CodePoint p = decode_utf8(text, at);
  return {p.value, p.size, char_class_of(p.value)};
}

// Where the run of characters that `holds` accepts ends, from `at` on.
template <typename Holds>
std::size_t run(std::string_view text, std::size_t at, Holds holds) {
  for (Char c = char_at(text, at); c.size > 0 && holds(c); c = char_at(text, at)) at += c.size;
  return at;
}

std::size_t run_of(std::string_view text, std::size_t at, std::uint8_t any) {
  return run(text, at, [any](const Char& c) { return c.is(any); });
}

// The matchers return where a match that starts at `at` ends; `at` itself where there is none.

// 's 't 're 've 'm 'll 'd. In any case: also U+017F, which folds to s.
std::size_t contraction(std::string_view text, std::size_t at, bool any_case) {
  if (text[at] != '\'') return at;
  const auto letter = [&](std::size_t i) {
    if (i >= text.size()) return '\0';
    const char c = text[i];
    return any_case && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  const char first = letter(at + 1);
  const char second = letter(at + 2);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return at + 2;
  if ((first == 'r' && second == 'e') || (first == 'v' && second == 'e') || (first == 'l' && second == 'l')) {
    return at + 3;
  }
  if (any_case && text.substr(at + 1, 2) == "\u017F") return at + 3;
  return at;
}

// \s+(?!\S)|\s+ : a run of white space leaves its last character to the word that follows it.
std::size_t white_space(std::string_view text, std::size_t at) {
  std::size_t last = at;
  std::size_t end = at;
  for (Char c = char_at(text, at); c.size > 0 && c.is(kSpace); c = char_at(text, end)) {
    last = end;
    end += c.size;
  }
  return end < text.size() && last > at ? last : end;
}

// \s*[\r\n]+|\s+(?!\S)|\s+ : up to the last line break of the run, where it has one.
std::size_t lines_or_white_space(std::string_view text, std::size_t at) {
  std::size_t after_break = at;
  std::size_t end = at;
  std::size_t last = at;
  for (Char c = char_at(text, at); c.size > 0 && c.is(kSpace); c = char_at(text, end)) {
    last = end;
    end += c.size;
    if (c.is(kLineBreak)) after_break = end;
  }
  if (after_break > at) return after_break;
  return end < text.size() && last > at ? last : end;
}

std::size_t match_gpt2(std::string_view text, std::size_t at) {
  const std::size_t short_form = contraction(text, at, false);
  if (short_form > at) return short_form;
  const std::size_t word = text[at] == ' ' ? at + 1 : at;
  const Char c = char_at(text, word);
  if (c.is(kLetter)) return run_of(text, word, kLetter);
  if (c.is(kNumber)) return run_of(text, word, kNumber);
  if (c.size > 0 && !c.is(kSpace)) {
    return run(text, word, [](const Char& x) { return !x.is(kSpace | kLetter | kNumber); });
  }
  return white_space(text, at);
}

std::size_t up_to(std::string_view text, std::size_t at, std::uint8_t any, int most) {
  for (Char c = char_at(text, at); most > 0 && c.is(any); c = char_at(text, at), --most) at += c.size;
  return at;
}

std::size_t match_qwen2_or_llama3(std::string_view text, std::size_t at, int most_digits) {
  const std::size_t short_form = contraction(text, at, true);
  if (short_form > at) return short_form;
  const Char c = char_at(text, at);
  if (c.is(kLetter)) return run_of(text, at, kLetter);
  if (c.is(kNumber)) return up_to(text, at, kNumber, most_digits);
  const Char next = char_at(text, at + c.size);
  if (!c.is(kLineBreak) && next.is(kLetter)) return run_of(text, at + c.size, kLetter);
  const auto other = [](const Char& x) { return !x.is(kSpace | kLetter | kNumber); };
  if (other(c) || (c.value == ' ' && next.size > 0 && other(next))) {
    return run_of(text, run(text, at + c.size, other), kLineBreak);
  }
  return lines_or_white_space(text, at);
}

bool is_ascii_letter(const Char& c) { return c.value < 128 && c.is(kLetter); }

std::size_t match_deepseek_v3(std::string_view text, std::size_t at) {
  const Char c = char_at(text, at);
  const Char next = char_at(text, at + c.size);
  const bool ascii_mark = c.value < 128 && c.is(kPunctuation | kSymbol);
  if (ascii_mark && next.size > 0 && is_ascii_letter(next)) return run(text, at + c.size, is_ascii_letter);
  if (c.is(kLetter | kMark)) return run_of(text, at, kLetter | kMark);
  if (!c.is(kLineBreak | kPunctuation | kSymbol) && next.is(kLetter | kMark)) {
    return run_of(text, at + c.size, kLetter | kMark);
  }
  constexpr std::uint8_t kSigns = kPunctuation | kSymbol;
  if (c.is(kSigns) || (c.value == ' ' && next.is(kSigns))) {
    return run_of(text, run_of(text, at + c.size, kSigns), kLineBreak);
  }
  return c.is(kSpace) ? lines_or_white_space(text, at) : at;
}

// \s?[...]+ where `holds` is what the brackets accept.
template <typename Holds>
std::size_t match_with_space(std::string_view text, std::size_t at, Holds holds) {
  const Char c = char_at(text, at);
  if (c.is(kSpace)) {
    const std::size_t end = run(text, at + c.size, holds);
    if (end > at + c.size) return end;
  }
  return run(text, at, holds);
}

// A set of code points from the ranges between an expression's brackets: "A-Zx\u0370-\u0373".
class RangeSet {
 public:
  explicit RangeSet(std::string_view written) {
    for (std::size_t at = 0; at < written.size();) {
      const char32_t first = take(written, at);
      char32_t last = first;
      if (at < written.size() && written[at] == '-') last = take(written, ++at);
      ranges_.push_back({first, last});
    }
    std::sort(ranges_.begin(), ranges_.end(),
              [](const Range& a, const Range& b) { return a.first < b.first; });
  }
  bool has(char32_t c) const {
    const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), c,
                                        [](char32_t value, const Range& r) { return value < r.first; });
    return after != ranges_.begin() && c <= std::prev(after)->last;
  }

 private:
  struct Range {
    char32_t first;
    char32_t last;
  };
  static char32_t take(std::string_view written, std::size_t& at) {
    const CodePoint p = decode_utf8(written, at);
    at += p.size;
    return p.value;
  }
  std::vector<Range> ranges_;
};

const RangeSet& set_of(Split how) {
  static const RangeSet cased(ranges_of(Split::cased_letters));
  static const RangeSet punctuation(ranges_of(Split::ascii_punctuation));
  static const RangeSet kana(ranges_of(Split::han_and_kana));
  static const RangeSet hangul(ranges_of(Split::han_and_hangul));
  switch (how) {
    case Split::cased_letters:
      return cased;
    case Split::ascii_punctuation:
      return punctuation;
    case Split::han_and_kana:
      return kana;
    default:
      return hangul;
  }
}

template <typename Match>
void split_where(std::string_view text, Piece within, std::vector<Piece>& out, Match match) {
  const std::string_view part = text.substr(within.begin, within.end - within.begin);
  std::size_t done = 0;
  for (std::size_t at = 0; at < part.size();) {
    const std::size_t end = match(part, at);
    if (end == at) {
      at += char_at(part, at).size;
      continue;
    }
    if (at > done) out.push_back({within.begin + done, within.begin + at});
    out.push_back({within.begin + at, within.begin + end});
    done = at = end;
  }
  if (done < part.size()) out.push_back({within.begin + done, within.end});
}

// \s+$ in one pass; tried at each place of a long run it would take quadratic time.
void split_space_at_end(std::string_view text, Piece within, std::vector<Piece>& out) {
  const std::string_view part = text.substr(within.begin, within.end - within.begin);
  std::size_t start = 0;
  for (std::size_t at = 0; at < part.size();) {
    const Char c = char_at(part, at);
    at += c.size;
    if (!c.is(kSpace)) start = at;
  }
  if (start > 0) out.push_back({within.begin, within.begin + start});
  if (start < part.size()) out.push_back({within.begin + start, within.end});
}

void split_at_metaspace(std::string_view text, Piece within, bool runs, std::vector<Piece>& out) {
  constexpr std::string_view kMark = "\u2581";
  const std::string_view part = text.substr(within.begin, within.end - within.begin);
  std::size_t done = 0;
  for (std::size_t at = part.find(kMark); at != std::string_view::npos; at = part.find(kMark, at)) {
    if (at > done) out.push_back({within.begin + done, within.begin + at});
    done = at;
    do {
      at += kMark.size();
    } while (runs && part.substr(at).starts_with(kMark));
  }
  if (done < part.size()) out.push_back({within.begin + done, within.end});
}

}  // namespace

void split_piece(Split how, std::string_view text, Piece within, std::vector<Piece>& out) {
  using View = std::string_view;
  using At = std::size_t;
  const auto with = [&](auto match) { split_where(text, within, out, match); };
  const auto in_ranges = [how](const Char& c) { return set_of(how).has(c.value); };
  const auto has = [](std::uint8_t any) { return [any](const Char& c) { return c.is(any); }; };
  switch (how) {
    case Split::gpt2:
      return with(match_gpt2);
    case Split::qwen2:
      return with([](View t, At at) { return match_qwen2_or_llama3(t, at, 1); });
    case Split::llama3:
      return with([](View t, At at) { return match_qwen2_or_llama3(t, at, 3); });
    case Split::deepseek_v3:
      return with(match_deepseek_v3);
    case Split::numbers_to_three:
      return with([](View t, At at) { return up_to(t, at, kNumber, 3); });
    case Split::digits_apart:
      return with([](View t, At at) { return up_to(t, at, kNumber, 1); });
    case Split::line_breaks:
      return with([](View t, At at) { return up_to(t, at, kLineBreak, 1); });
    case Split::digit_runs:
      return with([](View t, At at) { return run_of(t, at, kNumber); });
    case Split::han_and_kana:
    case Split::han_and_hangul:
      return with([&](View t, At at) { return run(t, at, in_ranges); });
    case Split::cased_letters:
    case Split::ascii_punctuation:
      return with([&](View t, At at) { return match_with_space(t, at, in_ranges); });
    case Split::letters:
      return with([&](View t, At at) { return match_with_space(t, at, has(kLetter)); });
    case Split::punctuation:
      return with([&](View t, At at) { return match_with_space(t, at, has(kPunctuation)); });
    case Split::space_at_end:
      return split_space_at_end(text, within, out);
    case Split::metaspace:
      return split_at_metaspace(text, within, false, out);
    case Split::metaspace_words:
      return split_at_metaspace(text, within, true, out);
  }
}

std::vector<Piece> split_text(const std::vector<Split>& how, std::string_view text) {
  std::vector<Piece> pieces;
  if (!text.empty()) pieces.push_back({0, text.size()});
  std::vector<Piece> finer;
  for (const Split split : how) {
    finer.clear();
    for (const Piece& piece : pieces) split_piece(split, text, piece, finer);
    pieces.swap(finer);
  }
  return pieces;
}

}  // namespace assay
