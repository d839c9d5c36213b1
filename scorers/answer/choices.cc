#include "scorers/answer/choices.h"

#include <algorithm>

#include "harness/base/regex.h"
#include "scorers/answer/ascii.h"
#include "scorers/answer/contradiction.h"

namespace assay::answer {
namespace {

constexpr std::size_t kMaxOptionText = 2000;

// Without Markdown, quotes and punctuation around it, in lower case, runs of white space as one space.
std::string plain(std::string_view text) {
  constexpr std::string_view kAround = " \t\r\n*_`\"'.,;:!$";
  const std::size_t first = text.find_first_not_of(kAround);
  if (first == std::string_view::npos) return lower(trim(text));
  return lower(collapse_space(text.substr(first, text.find_last_not_of(kAround) + 1 - first)));
}

std::vector<std::string> lettered_lines(std::string_view question) {
  static const Regex re = Regex::constant(R"((?m)^[ \t]*(?:\(([A-Z])\)|([A-Z])[).:])[ \t]+([^\n]*)$)");
  std::vector<std::string> out;
  std::size_t from = 0;
  while (const auto match = re.find(question, from)) {
    from = match->end();
    const char letter = match->group(1).matched ? match->text(1)[0] : match->text(2)[0];
    if (letter == 'A') out.clear();  // the last list counts
    if (static_cast<std::size_t>(letter - 'A') == out.size()) out.emplace_back(trim(match->text(3)));
  }
  return out;
}

std::vector<std::string> dashed_lines(std::string_view question) {
  const std::size_t at = question.rfind("Options:");
  std::vector<std::string> out;
  if (at == std::string_view::npos) return out;
  static const Regex re = Regex::constant(R"((?m)^[ \t]*-[ \t]+([^\n]*)$)");
  std::size_t from = at;
  while (const auto match = re.find(question, from)) {
    from = match->end();
    out.emplace_back(trim(match->text(1)));
    if (out.size() == kMaxOptions) break;
  }
  return out;
}

// A letter and what is around it. 1: the letter in brackets, 2: followed by a mark, 3: bare.
const Regex& letter() {
  static const Regex re =
      Regex::constant(R"((?i)^(?:[\s*_"'`$\[{]|\\boxed|\\text(?:bf|it)?|\\mathrm|\\mathbf|\\\()*)"
                      R"((?:(?:option|choice|answer|letter)\b[\s:*_]*)?)"
                      R"((?:[(\[{]+\s*([a-z])\s*[)\]}]|([a-z])(?:\s*[).:]|\s*[*_`"'$}\]]|$)|([a-z])\b))");
  return re;
}

const Regex& second_letter() {
  static const Regex re =
      Regex::constant(R"((?i)^[\s*_"'`)\]}.]*(?:,|/|&|\+|\band\b|\bor\b)+\s*(?:and\s|or\s)?)"
                      R"((?:both\s|option\s)?(?:\([a-z]\)|[a-z](?:[\s.,)*]|$)))");
  return re;
}

bool reason_follows(std::string_view rest) {
  rest = trim(rest);
  for (const std::string_view word : {"because", "since", "as ", "which", "is the", "is correct"}) {
    if (starts_with_nocase(rest, word)) return true;
  }
  return rest.empty() || rest[0] == ',' || rest[0] == ';' || rest[0] == '-' || rest[0] == '(';
}

// "B-flat" is a word.
bool goes_on_as_word(std::string_view rest) {
  return rest.size() > 1 && rest[0] == '-' && is_letter(rest[1]);
}

bool only_closing_marks(std::string_view rest) {
  return rest.find_first_not_of(" \t\r\n*_`\"'.)]}$\\!") == std::string_view::npos;
}

}  // namespace

Choices::Choices(const Sample& sample) : texts_(sample.choices) {
  if (texts_.empty()) texts_ = lettered_lines(sample.question);
  if (texts_.empty()) texts_ = dashed_lines(sample.question);
  if (texts_.size() > kMaxOptions) texts_.resize(kMaxOptions);
  for (const std::string& text : texts_) plain_.push_back(plain(text));
}

std::optional<std::size_t> Choices::by_letter(std::string_view text, bool clause) const {
  const auto match = letter().find(text.substr(0, kMaxOptionText));
  if (!match) return std::nullopt;
  std::size_t which = 1;
  while (which < 3 && !match->group(which).matched) ++which;
  const char found = match->text(which)[0];
  const auto index = static_cast<std::size_t>(lower(found) - 'a');
  if (index >= (size() == 0 ? kMaxOptions : size())) return std::nullopt;
  const std::string_view rest = text.substr(match->group(which).end);
  if (second_letter().contains(rest)) return std::nullopt;
  if (only_closing_marks(rest)) return index;
  std::string_view behind = rest;
  while (!behind.empty() && std::string_view(" \t*_`)]}.:").find(behind.front()) != std::string_view::npos) {
    behind.remove_prefix(1);
  }
  if (size() != 0 && plain(behind) == plain_[index]) return index;
  if ((joined(behind) >> index & 1) != 0) return index;
  if (goes_on_as_word(rest) || contradicted(rest, index, plain_)) return std::nullopt;
  if (which == 1)
    return clause || size() == 0 || !by_text(behind, false) ? std::optional(index) : std::nullopt;
  const bool capital = found >= 'A' && found <= 'Z';
  if (which == 2) return clause && capital ? std::optional(index) : std::nullopt;
  // "B because ..." is a letter, "A car" and "I think" are words.
  return clause && capital && reason_follows(rest) ? std::optional(index) : std::nullopt;
}

std::optional<std::size_t> Choices::by_text(std::string_view text, bool clause) const {
  const std::string answer = plain(text.substr(0, kMaxOptionText));
  if (answer.empty()) return std::nullopt;
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < size(); ++i) {
    if (plain_[i] != answer) continue;
    if (best) return std::nullopt;  // two options of one text
    best = i;
  }
  if (best || !clause || joined(text) != 0) return best;
  for (std::size_t i = 0; i < size(); ++i) {
    const std::string& option = plain_[i];
    if (option.empty() || answer.compare(0, option.size(), option) != 0) continue;
    const std::string_view rest = std::string_view(answer).substr(option.size());
    const bool ends = rest[0] == '.' || rest[0] == ',' || rest[0] == ';' || rest[0] == ':' ||
                      rest[0] == '*' || rest.substr(0, 2) == " (" || rest.substr(0, 9) == " because " ||
                      rest.substr(0, 7) == " since ";
    if (ends && (!best || option.size() > plain_[*best].size())) best = i;
  }
  if (best && contradicted(std::string_view(answer).substr(plain_[*best].size()), *best, plain_))
    return std::nullopt;
  return best;
}

std::uint32_t Choices::joined(std::string_view text) const {
  if (text.size() > kMaxOptionText || text.find(',') == std::string_view::npos) return 0;
  const std::string wanted = plain(text);
  std::uint32_t all = 0;
  for (std::size_t first = 0; first < size(); ++first) {
    std::uint32_t run = 0;
    std::size_t at = 0;
    for (std::size_t i = first; i < size(); ++i) {
      if (plain_[i].empty() || wanted.compare(at, plain_[i].size(), plain_[i]) != 0) break;
      at += plain_[i].size();
      run |= std::uint32_t{1} << i;
      if (at == wanted.size() && i > first) all |= run;
      if (wanted.compare(at, 2, ", ") != 0) break;
      at += 2;
    }
  }
  return all;
}

}  // namespace assay::answer
