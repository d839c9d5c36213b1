#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "scorers/answer/answer_scorers.h"
#include "scorers/answer/ascii.h"
#include "scorers/answer/latex_text.h"
#include "scorers/answer/options.h"
#include "scorers/answer/short_answer.h"
#include "scorers/answer/verdict.h"

namespace assay::answer {
namespace {

constexpr std::size_t kMaxAnswer = std::size_t{64} << 10;

struct Normal {
  bool ignore_case = false;
  enum class Space { collapse, keep, ignore };
  Space space = Space::collapse;
  bool strip_punctuation = false;
  bool strip_quotes = false;
};

bool is_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

std::string_view without_quotes(std::string_view text) {
  while (text.size() >= 2 && text.front() == text.back() &&
         (text.front() == '"' || text.front() == '\'' || text.front() == '`' || text.front() == '*')) {
    text = trim(text.substr(1, text.size() - 2));
  }
  return text;
}

std::string normalized(std::string_view raw, const Normal& how) {
  std::string_view text = trim(raw);
  if (how.strip_quotes) text = without_quotes(without_text_commands(text));
  std::string out;
  if (how.strip_punctuation) {
    for (const char c : text) out += is_punctuation(c) ? ' ' : c;
  } else {
    out = std::string(text);
  }
  if (how.space != Normal::Space::keep) out = collapse_space(out);
  if (how.space == Normal::Space::ignore) out.erase(std::remove(out.begin(), out.end(), ' '), out.end());
  return how.ignore_case ? lower(out) : out;
}

// exact: the answer's text equals a target's.
//
// The answer stands at a mark (find_answer.h), with `anywhere` off or without a mark it is the whole text.
// White space around it never counts. Where every target is one word, a clause may follow the answer ("Yes,
// it is plausible.", short_answer.h), and without a mark the last line may be the answer, alone.
// Options:
//   ignore_case (false)        A-Z only
//   space (collapse)           white space inside: `collapse` makes every run one space, or `keep`, `ignore`
//   strip_punctuation (false)  ASCII punctuation counts as a space
//   strip_quotes (true)        quotation marks, backticks, asterisks and \text{} around it are no part of it
//   anywhere (true)            look for marks; false: the whole text only
// answer_class: the text under these options.
class Exact : public Scorer {
 public:
  Exact(Normal normal, bool marks) : normal_(normal), marks_(marks) {}

  const ScorerInfo& describe() const override {
    static const ScorerInfo info{"exact", 1, "the same text as a target, by default white space aside"};
    return info;
  }

  Verdict score(const Sample& sample, const Response& response, std::span<const WorkResult>) const override {
    const std::string& answer = response.split.answer;
    std::vector<Candidate> whole = whole_answer(answer, kMaxAnswer, true);
    if (whole.empty())
      return no_answer(trim(answer).empty() ? "the answer is empty" : "the answer is too long");
    Reading as_whole = reading(std::move(whole[0]));
    const auto equal = [&](const Reading& r) {
      return
          [&](const std::string& target) { return normalized(target, normal_) == r.answer_class.substr(1); };
    };
    // A target that holds a mark itself ("the answer is yes") is met by the whole text.
    Score of_whole = against_targets(sample, as_whole, equal(as_whole));
    if (of_whole.outcome == Outcome::correct || !marks_) return of_whole;
    std::vector<Candidate> marked = find_answers(answer);
    const bool words = normal_.strip_quotes && all_short(sample);
    if (marked.empty()) {
      const std::optional<Candidate> word = words ? unmarked(answer) : std::nullopt;
      if (!word) return of_whole;
      const Reading alone = reading(*word);
      return against_targets(sample, alone, equal(alone));
    }
    Candidate found = sentence(answer, std::move(marked[0]), sample);
    const std::string_view word = words && found.open_ended ? short_answer(found.text) : std::string_view();
    if (!word.empty()) {
      const std::size_t begin = found.span.begin + offset(found.text, word);
      found = candidate_at(answer, std::string_view(answer).substr(begin, word.size()), found.rule);
    }
    const Reading at_mark = reading(std::move(found));
    return against_targets(sample, at_mark, equal(at_mark));
  }

 private:
  // The class is never empty, even where the text without punctuation is.
  Reading reading(Candidate c) const {
    std::string text = format("={}", normalized(c.text, normal_));
    return {std::move(c), std::move(text)};
  }

  static bool all_short(const Sample& sample) {
    const std::vector<std::string>& all = sample.targets;
    return std::all_of(all.begin(), all.end(), [](const std::string& t) { return is_short(t); });
  }

  static std::size_t offset(std::string_view text, std::string_view part) {
    return static_cast<std::size_t>(part.data() - text.data());
  }

  // The word that a line is or begins with, or that stands alone on the last of several.
  static std::optional<Candidate> unmarked(std::string_view answer) {
    const std::string_view body = trim(answer);
    const std::size_t newline = body.rfind('\n');
    const std::string_view line = newline == std::string_view::npos ? body : trim(body.substr(newline + 1));
    const std::string_view word = short_answer(line);
    if (word.empty()) return std::nullopt;
    if (newline == std::string_view::npos) return candidate_at(answer, word, "whole");
    // Behind the word there may be marks, never a clause: text is full of lines that begin with a word.
    const std::string_view behind = line.substr(offset(line, word) + word.size());
    if (behind.find_first_not_of(" \t*_`\"'.") != std::string_view::npos) return std::nullopt;
    return candidate_at(answer, word, "last_line");
  }

  // "the answer is yes." has a full stop that is the sentence's, unless a target ends in one.
  static Candidate sentence(std::string_view answer, Candidate c, const Sample& sample) {
    if (!c.open_ended || c.text.size() < 2 || c.text.back() != '.') return c;
    for (const std::string& target : sample.targets) {
      if (!target.empty() && target.back() == '.') return c;
    }
    Candidate out = candidate_at(answer, answer.substr(c.span.begin, c.span.end - c.span.begin - 1), c.rule);
    out.open_ended = true;
    return out;
  }

  Normal normal_;
  bool marks_;
};

}  // namespace

Result<std::unique_ptr<Scorer>> make_exact(const Json& options) {
  OptionReader reader("exact", options);
  Normal normal;
  normal.ignore_case = reader.flag("ignore_case", false);
  const std::string space = reader.word("space", {"collapse", "keep", "ignore"});
  if (space == "keep") normal.space = Normal::Space::keep;
  if (space == "ignore") normal.space = Normal::Space::ignore;
  normal.strip_punctuation = reader.flag("strip_punctuation", false);
  normal.strip_quotes = reader.flag("strip_quotes", true);
  const bool marks = reader.flag("anywhere", true);
  if (auto done = reader.finish(); !done) return done.error();
  return std::unique_ptr<Scorer>(std::make_unique<Exact>(normal, marks));
}

}  // namespace assay::answer
