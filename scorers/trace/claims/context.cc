#include "scorers/trace/claims/context.h"

#include <algorithm>
#include <string>

namespace assay::trace {
namespace {

constexpr std::size_t kWindow = 160;

constexpr std::string_view kAfter[] = {
    "contradict",   "not true",       "false",       "incorrect",   "impossible", "not possible",
    "not equal",    "does not",       "doesn't",     "\\neq",       "\\ne ",      "≠",
    "not satisf",   "not a solution", "extraneous",  "not valid",   "invalid",    "not hold",
    "isn't",        "not work",       "no solution", "not correct", "cannot",     "can't",
    "not the same", "is not",         "wrong",       "mistake",     "never"};
constexpr std::string_view kBefore[] = {
    "whether", "check if",   "see if", "suppose",   "assum", "were to",   "would mean",   "would imply",
    "impl",    "contradict", "trying", "let's try", "guess", "not equal", "we can write", "both sides"};

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

template <typename Table>
bool any_in(const std::string& text, const Table& table) {
  return std::any_of(std::begin(table), std::end(table),
                     [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

}  // namespace

bool is_refuted(std::string_view text, Span claim) {
  const std::size_t from = claim.begin > kWindow ? claim.begin - kWindow : 0;
  std::string_view before = text.substr(from, claim.begin - from);
  if (const std::size_t end = before.find_last_of(".\n?!"); end != std::string_view::npos)
    before.remove_prefix(end);
  if (any_in(lowered(before), kBefore)) return true;
  std::string_view after = text.substr(claim.end, kWindow);
  // The rest of this sentence, and the next.
  const std::size_t first = after.find(". ");
  const std::size_t second = first == std::string_view::npos ? first : after.find(". ", first + 2);
  if (second != std::string_view::npos) after = after.substr(0, second);
  return any_in(lowered(after), kAfter) || text.substr(claim.end, 3).find('?') != std::string_view::npos;
}

bool other_arithmetic(std::string_view text) {
  for (std::size_t at = text.find("base"); at != std::string_view::npos; at = text.find("base", at + 4)) {
    // "base 5", "base ten", "base-$b$" ; not "the base of the triangle", "based".
    const std::string_view after = text.substr(at + 4, 12);
    if (after.size() < 2 || (after[0] != ' ' && after[0] != '-' && after[0] != '~')) continue;
    const std::string word = lowered(after.substr(after.find_first_not_of(" -~$\\(") == std::string_view::npos
                                                      ? 0
                                                      : after.find_first_not_of(" -~$\\(")));
    if (!word.empty() && word[0] >= '0' && word[0] <= '9') return true;
    for (const std::string_view name :
         {"ten", "two", "three", "four", "five", "six", "seven", "eight", "nine", "b$", "sixteen"}) {
      if (word.rfind(name, 0) == 0) return true;
    }
  }
  for (std::size_t at = text.find('_'); at != std::string_view::npos; at = text.find('_', at + 1)) {
    if (at == 0 || text[at - 1] < '0' || text[at - 1] > '9' || at + 1 >= text.size()) continue;
    const char next = text[at + 1] == '{' && at + 2 < text.size() ? text[at + 2] : text[at + 1];
    if (next >= '0' && next <= '9') return true;
  }
  return false;
}

}  // namespace assay::trace
