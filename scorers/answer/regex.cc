#include <string>
#include <utility>

#include "harness/base/format.h"
#include "harness/base/regex.h"
#include "scorers/answer/answer_scorers.h"
#include "scorers/answer/ascii.h"
#include "scorers/answer/number.h"
#include "scorers/answer/options.h"
#include "scorers/answer/verdict.h"

namespace assay::answer {
namespace {

enum class Compare { text, nocase, number };

// regex: what a pattern finds in the answer equals a target.
//
// Options:
//   pattern (required)    re2 syntax (harness/base/regex.h); its group `answer`, else its first group, else
//                         the whole match is the answer
//   which (last)          of the matches, `last` (among the first 10,000) or `first`
//   compare (text)        `text` (white space collapsed), `nocase`, or `number` (number.h)
//   ignore_case (false)
//   multi_line (true)     ^ and $ match at line breaks
//   dot_all (false)       . matches a line break
// A sample without targets is answered correctly when the pattern matches at all.
// answer_class: what was found, as it is compared.
class RegexScorer : public Scorer {
 public:
  RegexScorer(Regex pattern, bool last, Compare compare)
      : pattern_(std::move(pattern)), last_(last), compare_(compare) {
    group_ = pattern_.group_named("answer").value_or(pattern_.groups() > 0 ? 1 : 0);
  }

  const ScorerInfo& describe() const override {
    static const ScorerInfo info{"regex", 1, "what a pattern finds in the answer equals a target"};
    return info;
  }

  Verdict score(const Sample& sample, const Response& response, std::span<const WorkResult>) const override {
    const std::string& answer = response.split.answer;
    const auto match = last_ ? pattern_.find_last(answer) : pattern_.find(answer);
    if (!match) return no_answer("the pattern matches nowhere in the answer");
    const RegexMatch::Group& found = match->group(group_);
    if (!found.matched) return no_answer("the pattern's group took no part in the match");
    const std::string_view text = std::string_view(answer).substr(found.begin, found.end - found.begin);
    Reading reading{candidate_at(answer, text, "regex"), class_of(text)};
    if (sample.targets.empty()) return compared(reading, "any match", true);
    return against_targets(
        sample, reading, [&](const std::string& target) { return class_of(target) == reading.answer_class; });
  }

 private:
  std::string class_of(std::string_view text) const {
    if (compare_ == Compare::number) {
      if (auto value = parse_number(text)) return *value;
    }
    const std::string plain = collapse_space(text);
    return format("text:{}", compare_ == Compare::text ? plain : lower(plain));
  }

  Regex pattern_;
  bool last_;
  Compare compare_;
  std::size_t group_ = 0;
};

}  // namespace

Result<std::unique_ptr<Scorer>> make_regex(const Json& options) {
  OptionReader reader("regex", options);
  const std::string pattern = reader.text("pattern", "");
  RegexOptions how;
  how.ignore_case = reader.flag("ignore_case", false);
  how.multi_line = reader.flag("multi_line", true);
  how.dot_all = reader.flag("dot_all", false);
  const bool last = reader.word("which", {"last", "first"}) == "last";
  const std::string compare = reader.word("compare", {"text", "nocase", "number"});
  if (pattern.empty()) reader.fail("pattern", "missing; expected a regular expression");
  if (auto done = reader.finish(); !done) return done.error();
  Result<Regex> compiled = Regex::compile(pattern, how);
  if (!compiled) return invalid(format("scorer regex: {}", compiled.error().message));
  const Compare mode = compare == "number"   ? Compare::number
                       : compare == "nocase" ? Compare::nocase
                                             : Compare::text;
  return std::unique_ptr<Scorer>(std::make_unique<RegexScorer>(std::move(*compiled), last, mode));
}

}  // namespace assay::answer
