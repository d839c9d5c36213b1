// Numbers within sentences.
#include <algorithm>
#include <iterator>

#include "scorers/answer/ascii.h"
#include "scorers/answer/number.h"

namespace assay::answer {
namespace {

bool is_number_part(char c) { return is_digit(c) || c == '.' || c == ',' || c == '/'; }

constexpr std::size_t kMaxSentence = 300;

// A sentence with one of these says something else about its number than that it is the answer.
constexpr std::string_view kDoubt[] = {
    "not",     "no",     "never",   "cannot",   "neither", "nor",     "than",     "least",         "most",
    "between", "or",     "half",    "dozen",    "one",     "two",     "three",    "four",          "five",
    "six",     "seven",  "eight",   "nine",     "ten",     "eleven",  "twelve",   "twenty",        "twice",
    "double",  "triple", "hundred", "thousand", "million", "billion", "trillion", "isn",           "t",
    "wrong",   "unless", "except",  "plus",     "minus",   "times",   "about",    "approximately", "roughly",
    "almost",  "nearly", "if",      "x",        "y",       "n"};

bool has_doubt(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    if (!is_letter(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && is_letter(text[end])) ++end;
    const std::string word = lower(text.substr(i, end - i));
    if (std::find(std::begin(kDoubt), std::end(kDoubt), word) != std::end(kDoubt)) return true;
    i = end;
  }
  return false;
}

}  // namespace

std::optional<PlacedNumber> only_number(std::string_view text, const NumberOptions& options) {
  const std::string_view body = trim(text);
  if (body.size() > kMaxSentence || body.find('\n') != std::string_view::npos) return std::nullopt;
  const auto found = last_number(text, options);
  if (!found || has_doubt(body)) return std::nullopt;
  const std::string_view before = text.substr(0, found->span.begin);
  const std::string_view after = text.substr(found->span.end);
  constexpr std::string_view kDigits = "0123456789";
  if (before.find_first_of(kDigits) != std::string_view::npos) return std::nullopt;
  constexpr std::string_view kLeft = " (*\"'$";
  constexpr std::string_view kRight = " .,!)*\"'%";
  const std::string_view operators = "+/=<>^|\\";
  if (before.empty() || kLeft.find(before.back()) == std::string_view::npos) return std::nullopt;
  if (!after.empty() && kRight.find(after.front()) == std::string_view::npos) return std::nullopt;
  if (before.find_first_of(operators) != std::string_view::npos) return std::nullopt;
  if (after.find_first_of(operators) != std::string_view::npos) return std::nullopt;
  return found;
}

std::optional<PlacedNumber> last_number(std::string_view text, const NumberOptions& options) {
  std::size_t end = text.size();
  while (end > 0 && !is_digit(text[end - 1])) --end;
  if (end == 0) return std::nullopt;
  std::size_t begin = end;
  while (begin > 0 && is_number_part(text[begin - 1])) --begin;
  while (begin < end && (text[begin] == ',' || text[begin] == '/')) ++begin;
  if (end - begin > kMaxNumberText) return std::nullopt;
  const auto before = [&](std::string_view mark) {
    return begin >= mark.size() && text.substr(begin - mark.size(), mark.size()) == mark;
  };
  if (before("$")) --begin;
  // A hyphen is a minus unless it joins words or subtracts.
  for (const std::string_view minus : {std::string_view("-"), std::string_view("\xE2\x88\x92")}) {
    if (!before(minus)) continue;
    const std::size_t at = begin - minus.size();
    constexpr std::string_view kOpen = " \n\t(*$";
    if (at == 0 || kOpen.find(text[at - 1]) != std::string_view::npos) begin = at;
    break;
  }
  const bool percent = text.substr(end, 1) == "%";
  const auto value = parse_number(text.substr(begin, end - begin + (percent ? 1 : 0)), options);
  if (!value) return std::nullopt;
  return PlacedNumber{*value, {begin, end}};
}

}  // namespace assay::answer
