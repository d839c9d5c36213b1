#include "scorers/trace/verify/text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace assay::verify {
namespace {

struct Spelling {
  std::string_view bytes;
  std::string_view as;
};
// clang-format off
constexpr Spelling kSymbols[] = {
    {"→", "->"}, {"⇒", "->"}, {"⟶", "->"}, {"↔", "<->"},
    {"“", "\""}, {"”", "\""}, {"‘", "\""}, {"’", "'"},
    {"−", "-"}, {"–", "-"}, {"—", "-"}, {"≠", "!="},
    {"×", "*"}, {"÷", "/"}, {"≤", "<="}, {"≥", ">="},
    {"->", "->"}, {"=>", "->"}, {"<->", "<->"}, {"!=", "!="}};
// clang-format on

bool is_plain(char c) { return is_letter(c) || is_digit(c); }

const Spelling* symbol_at(std::string_view rest) {
  if (rest.empty()) return nullptr;
  const char c = rest[0];
  if ((c & 0x80) == 0 && c != '-' && c != '=' && c != '<' && c != '!') return nullptr;
  const auto* found = std::find_if(std::begin(kSymbols), std::end(kSymbols),
                                   [&](const Spelling& s) { return rest.starts_with(s.bytes); });
  return found == std::end(kSymbols) ? nullptr : found;
}

constexpr std::array<std::string_view, 20> kOrdinals = {
    "first",     "second",    "third",       "fourth",     "fifth",      "sixth",      "seventh",
    "eighth",    "ninth",     "tenth",       "eleventh",   "twelfth",    "thirteenth", "fourteenth",
    "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"};
constexpr std::array<std::string_view, 21> kCardinals = {
    "zero",     "one",     "two",     "three",     "four",     "five",     "six",
    "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",   "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"};

}  // namespace

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Tokens::Tokens(std::string_view text) : low_(lowered(text)) {
  const std::string_view low = low_;
  tokens_.reserve(low.size() / 5 + 4);
  for (std::size_t i = 0; i < low.size();) {
    if (is_blank(low[i])) {
      ++i;
      continue;
    }
    if (const Spelling* s = symbol_at(low.substr(i))) {
      const bool joins = s->as == "-" && i > 0 && is_letter(low[i - 1]) && i + s->bytes.size() < low.size() &&
                         is_letter(low[i + s->bytes.size()]);
      if (!joins) tokens_.push_back({Token::Kind::symbol, s->as, i, i + s->bytes.size()});
      i += s->bytes.size();
      continue;
    }
    std::size_t end = i + 1;
    Token::Kind kind = Token::Kind::symbol;
    if (is_plain(low[i])) {
      bool digits = is_digit(low[i]);
      while (end < low.size() && !symbol_at(low.substr(end)) &&
             (is_plain(low[end]) || (low[end] == '\'' && end + 1 < low.size() && is_letter(low[end + 1])))) {
        digits = digits && is_digit(low[end]);
        ++end;
      }
      kind = digits ? Token::Kind::number : Token::Kind::word;
    } else if (low[i] == '-' && i > 0 && is_letter(low[i - 1]) && end < low.size() && is_letter(low[end])) {
      ++i;
      continue;
    }
    tokens_.push_back({kind, low.substr(i, end - i), i, end});
    i = end;
  }
}

bool Tokens::reads(std::size_t i, std::initializer_list<std::string_view> words) const {
  for (const std::string_view w : words) {
    if (at(i++) != w) return false;
  }
  return true;
}

std::optional<int> ordinal(std::string_view word) {
  const auto* found = std::find(kOrdinals.begin(), kOrdinals.end(), word);
  if (found != kOrdinals.end()) return static_cast<int>(found - kOrdinals.begin()) + 1;
  if (word.size() < 3 || !is_one_of(word.substr(word.size() - 2), {"st", "nd", "rd", "th"}))
    return std::nullopt;
  int n = 0;
  const char* end = word.data() + word.size() - 2;
  const auto read = std::from_chars(word.data(), end, n);
  return read.ec == std::errc() && read.ptr == end && n > 0 && n < 1000 ? std::optional<int>(n)
                                                                        : std::nullopt;
}

std::optional<int> cardinal(std::string_view word) {
  const auto* found = std::find(kCardinals.begin(), kCardinals.end(), word);
  if (found != kCardinals.end()) return static_cast<int>(found - kCardinals.begin());
  int n = 0;
  const auto read = std::from_chars(word.data(), word.data() + word.size(), n);
  const bool whole = read.ec == std::errc() && read.ptr == word.data() + word.size() && !word.empty();
  return whole && n >= 0 ? std::optional<int>(n) : std::nullopt;
}

std::optional<AnswerPart> stated_answer(std::string_view text) {
  // The last one: a trace may quote "the answer is" before it comes to its own.
  std::size_t at = std::string_view::npos;
  std::size_t after = 0;
  for (const std::string_view lead : {"answer is", "Answer is", "answer:", "Answer:", "ANSWER:"}) {
    const std::size_t found = text.rfind(lead);
    if (found != std::string_view::npos && (at == std::string_view::npos || found > at)) {
      at = found;
      after = found + lead.size();
    }
  }
  if (at == std::string_view::npos) return std::nullopt;
  while (after < text.size() && (is_blank(text[after]) || text[after] == ':' || text[after] == '*')) ++after;
  std::size_t end = std::min(text.find('\n', after), text.size());
  return AnswerPart{after, trimmed(text.substr(after, end - after))};
}

std::optional<char> option_letter(std::string_view answer) {
  answer = trimmed(answer);
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const char c = answer[i];
    if (c < 'A' || c > 'Z') continue;
    const bool open = i == 0 || !is_plain(answer[i - 1]);
    const bool closed = i + 1 == answer.size() || !is_plain(answer[i + 1]);
    const bool bracketed = i > 0 && answer[i - 1] == '(' && i + 1 < answer.size() && answer[i + 1] == ')';
    if (open && closed && (bracketed || i == 0)) return c;
  }
  return std::nullopt;
}

}  // namespace assay::verify
