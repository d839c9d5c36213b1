#include "scorers/answer/short_answer.h"

#include <cstddef>
#include <string>

#include "harness/base/regex.h"
#include "scorers/answer/ascii.h"

namespace assay::answer {
namespace {

constexpr std::size_t kMaxShort = 24;
constexpr std::size_t kMaxClause = 2000;

bool is_part(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

std::size_t skip_marks(std::string_view text, std::size_t at) {
  while (at < text.size() && std::string_view(" \t*_`\"'").find(text[at]) != std::string_view::npos) ++at;
  return at;
}

// Words that answer the same question.
constexpr std::string_view kKinds[][2] = {{"yes", "no"},
                                          {"true", "false"},
                                          {"valid", "invalid"},
                                          {"plausible", "implausible"},
                                          {"correct", "incorrect"},
                                          {"entailment", "contradiction"}};

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_part(text[at - 1])) && (end == text.size() || !is_part(text[end]))) return true;
  }
  return false;
}

// Both in lower case; `clause` stands behind the answer and the mark that parts them.
bool explains(std::string_view answer, std::string_view clause) {
  static const Regex retracts =
      Regex::constant(R"(\b(?:or|but|however|wait|actually|sorry|either|maybe|unless|wrong|incorrect)\b|\?)");
  static const Regex reason = Regex::constant(
      R"(^(?:because|since|as|it|he|she|they|we|i|this|that|these|those|there|the|which|who)\b)");
  if (retracts.contains(clause)) return false;
  for (const auto& kind : kKinds) {
    if (answer != kind[0] && answer != kind[1]) continue;
    return !has_word(clause, answer == kind[0] ? kind[1] : kind[0]);
  }
  if (clause.find_first_of("0123456789") != std::string_view::npos && is_digit(answer.back())) return false;
  return reason.contains(clause);
}

}  // namespace

bool is_short(std::string_view text) {
  if (text.empty() || text.size() > kMaxShort) return false;
  for (const char c : text) {
    if (!is_part(c)) return false;
  }
  return true;
}

std::string_view short_answer(std::string_view text) {
  if (text.size() > kMaxClause) return {};
  const std::size_t begin = skip_marks(text, 0);
  std::size_t end = begin;
  while (end < text.size() && is_part(text[end])) ++end;
  const std::string_view found = text.substr(begin, end - begin);
  if (!is_short(found)) return {};
  std::size_t at = skip_marks(text, end);
  const bool mark = at < text.size() && (text[at] == ',' || text[at] == '.' || text[at] == ';');
  if (mark) at = skip_marks(text, at + 1);
  if (at == text.size()) return found;
  const std::string clause = lower(trim(text.substr(at)));
  if (clause.empty()) return found;
  const bool because = starts_with_nocase(clause, "because ") || starts_with_nocase(clause, "since ");
  const bool parted = mark ? is_space(text[at - 1]) : because;
  return parted && explains(lower(found), clause) ? found : std::string_view();
}

}  // namespace assay::answer
