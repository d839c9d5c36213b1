// Numbers within sentences.
#include <algorithm>
#include <optional>
#include <string>

#include "scorers/answer/ascii.h"
#include "scorers/answer/number.h"
#include "scorers/answer/number_words.h"

namespace assay::answer {
namespace {

bool is_number_part(char c) { return is_digit(c) || c == '.' || c == ',' || c == '/'; }

constexpr std::size_t kMaxSentence = 300;

// The sign in words or apart from the number, which `before` ends in and loses: "is - 5", "negative 5".
// nullopt where the mark may as well be a dash or a subtraction.
std::optional<bool> sign_apart(std::string_view& before) {
  const std::string_view whole = trim(before);
  std::string_view text = whole;
  if (text.empty()) return false;
  constexpr std::string_view kSigns[] = {"negative",     "minus",        "-",           "\xE2\x88\x92",
                                         "\xE2\x80\x93", "\xE2\x80\x90", "\xE2\x80\x91"};
  for (const std::string_view sign : kSigns) {
    if (text.size() < sign.size() || lower(text.substr(text.size() - sign.size())) != sign) continue;
    text = trim(text.substr(0, text.size() - sign.size()));
    if (is_letter(sign[0]) && text.size() + sign.size() == whole.size() && !text.empty() &&
        is_letter(text.back()))
      return false;  // the end of a longer word
    const std::string tail = lower(text.substr(text.size() - std::min<std::size_t>(text.size(), 7)));
    const auto ends = [&tail](std::string_view word) {
      return tail.size() >= word.size() && tail.substr(tail.size() - word.size()) == word;
    };
    const bool clear = text.empty() || text.back() == ':' || ends(" is") || ends(" be") || ends(" equals") ||
                       ends(" to") || ends(" was") || sign == "negative";
    if (!clear) return std::nullopt;
    before = before.substr(0, static_cast<std::size_t>(text.data() + text.size() - before.data()));
    return true;
  }
  return false;
}

}  // namespace

std::optional<PlacedNumber> only_number(std::string_view text, const NumberOptions& options) {
  const std::string_view body = trim(text);
  if (body.size() > kMaxSentence || body.find('\n') != std::string_view::npos) return std::nullopt;
  auto found = last_number(text, options);
  if (!found) return std::nullopt;
  std::string_view before = text.substr(0, found->span.begin);
  const std::string_view after = text.substr(found->span.end);
  constexpr std::string_view kDigits = "0123456789";
  if (before.find_first_of(kDigits) != std::string_view::npos) return std::nullopt;
  constexpr std::string_view kLeft = " (*\"'$:";
  constexpr std::string_view kRight = " .,!)*\"'%$";
  const std::string_view operators = "+/=<>^|\\";
  if (!before.empty() && kLeft.find(before.back()) == std::string_view::npos) return std::nullopt;
  if (!after.empty() && kRight.find(after.front()) == std::string_view::npos) return std::nullopt;
  if (before.size() > 1 && before.back() == '(' && before[before.size() - 2] != ' ') return std::nullopt;
  if (before.find_first_of(operators) != std::string_view::npos) return std::nullopt;
  if (after.find_first_of(operators) != std::string_view::npos) return std::nullopt;
  if (after.substr(0, 1) == "!" && trim(after.substr(1)) != "") return std::nullopt;  // a factorial
  const std::optional<bool> negative = sign_apart(before);
  if (!negative || !says_just_the_number(before, after) || clause_takes_back(after)) return std::nullopt;
  if (!*negative) return found;
  if (found->value[0] == '-') return std::nullopt;
  found->span.begin = before.size() + text.substr(before.size()).find_first_not_of(" *\"'");
  if (found->value != "0") found->value.insert(0, 1, '-');
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
  for (const std::string_view minus :
       {std::string_view("-"), std::string_view("\xE2\x88\x92"), std::string_view("\xE2\x80\x93"),
        std::string_view("\xE2\x80\x90"), std::string_view("\xE2\x80\x91")}) {
    if (!before(minus)) continue;
    const std::size_t at = begin - minus.size();
    constexpr std::string_view kOpen = " \n\t(*$:";
    if (at == 0 || kOpen.find(text[at - 1]) != std::string_view::npos) begin = at;
    break;
  }
  const bool percent = text.substr(end, 1) == "%";
  const auto value = parse_number(text.substr(begin, end - begin + (percent ? 1 : 0)), options);
  if (!value) return std::nullopt;
  return PlacedNumber{*value, {begin, end}};
}

}  // namespace assay::answer
