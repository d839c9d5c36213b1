#include <string>
#include <utility>

#include "harness/base/format.h"
#include "scorers/answer/answer_scorers.h"
#include "scorers/answer/ascii.h"
#include "scorers/answer/choices.h"
#include "scorers/answer/options.h"
#include "scorers/answer/verdict.h"

namespace assay::answer {
namespace {

constexpr std::size_t kMaxLine = 2000;

std::string_view first_line(std::string_view text) {
  text = trim(text);
  return text.substr(0, text.find('\n'));
}

std::string_view last_line(std::string_view text) {
  text = trim(text);
  const std::size_t at = text.rfind('\n');
  return at == std::string_view::npos ? text : text.substr(at + 1);
}

// choice: the letter of the right option, or its text. option_text: the option's text, or its letter.
//
// Both look at the whole answer when it is one line, then at marks (find_answer.h), then at the last and at
// the first line, which must hold nothing but the option. They differ in what is tried first where both could
// be meant, as with options that are letters themselves. What options there are: choices.h. A target is a
// letter ("B", "(B)") or an option's text; where a sample has no options, the target's letter or, for
// option_text, its text is compared alone. A target that is several consecutive options joined by commas,
// since the data set split one option at them, is met by its text and by any of their letters.
// Options: none.
// answer_class: the letter; "text:" and the text where no option is meant.
class ChoiceScorer : public Scorer {
 public:
  explicit ChoiceScorer(bool text_first) : text_first_(text_first) {}

  const ScorerInfo& describe() const override {
    static const ScorerInfo letter{"choice", 1, "the letter of the right option, or its text"};
    static const ScorerInfo text{"option_text", 1, "the text of the right option, or its letter"};
    return text_first_ ? text : letter;
  }

  Verdict score(const Sample& sample, const Response& response, std::span<const WorkResult>) const override {
    const Choices choices(sample);
    const std::optional<Reading> reading = read(choices, response.split.answer);
    if (!reading) return no_answer("no option stands alone or at a mark");
    bool known = false;
    for (const std::string& target : sample.targets)
      known = known || !class_of(choices, target).empty() || choices.joined(target) != 0;
    if (!known && !sample.targets.empty()) return unscored("no target is one of the options");
    return against_targets(sample, *reading, [&](const std::string& target) {
      return meets(choices, target, reading->answer_class);
    });
  }

 private:
  static std::string text_class(std::string_view text) {
    while (!text.empty() && std::string_view(" *_`\"'.").find(text.back()) != std::string_view::npos)
      text.remove_suffix(1);
    while (!text.empty() && std::string_view(" *_`\"'").find(text.front()) != std::string_view::npos)
      text.remove_prefix(1);
    return format("text:{}", lower(collapse_space(text.substr(0, kMaxLine))));
  }

  std::optional<std::string> option(const Choices& choices, std::string_view text, bool clause) const {
    const auto by_letter = [&] { return choices.by_letter(text, clause); };
    const auto by_text = [&] { return choices.by_text(text, clause); };
    std::optional<std::size_t> index = text_first_ ? by_text() : by_letter();
    if (!index)
      index = text_first_ && choices.size() == 0 ? std::nullopt : text_first_ ? by_letter() : by_text();
    if (!index) return std::nullopt;
    return std::string(1, static_cast<char>('A' + *index));
  }

  // Empty for a target that is no option.
  std::string class_of(const Choices& choices, std::string_view target) const {
    if (auto known = option(choices, target, false)) return *known;
    return choices.size() == 0 && text_first_ ? text_class(target) : "";
  }

  bool meets(const Choices& choices, const std::string& target, const std::string& found) const {
    const std::string wanted = class_of(choices, target);
    if (!wanted.empty()) return wanted == found;
    const std::uint32_t joined = choices.joined(target);
    if (joined == 0) return false;
    if (found.size() != 1) return found == text_class(target);
    return (joined >> (found[0] - 'A') & 1) != 0;
  }

  std::optional<Reading> read(const Choices& choices, std::string_view answer) const {
    std::vector<Candidate> whole = whole_answer(answer, kMaxLine);
    if (!whole.empty()) {
      if (auto found = option(choices, whole[0].text, false)) return Reading{std::move(whole[0]), *found};
    }
    std::vector<Candidate> marked = find_answers(answer);
    for (Candidate& c : marked) {
      if (auto found = option(choices, c.text, c.open_ended)) return Reading{std::move(c), *found};
      if (c.decisive) return as_text(std::move(c));
    }
    const bool more = answer.find('\n') != std::string_view::npos;
    for (const auto& [line, rule] :
         {std::pair(last_line(answer), "last_line"), std::pair(first_line(answer), "first_line")}) {
      if (!more || line.size() > kMaxLine) continue;
      if (auto found = option(choices, line, false)) return Reading{candidate_at(answer, line, rule), *found};
    }
    if (!marked.empty()) return as_text(std::move(marked[0]));
    if (!whole.empty()) return as_text(std::move(whole[0]));
    return std::nullopt;
  }

  static Reading as_text(Candidate c) {
    std::string text = text_class(c.text);
    return {std::move(c), std::move(text)};
  }

  bool text_first_;
};

Result<std::unique_ptr<Scorer>> make(const Json& options, std::string_view id, bool text_first) {
  OptionReader reader(id, options);
  if (auto done = reader.finish(); !done) return done.error();
  return std::unique_ptr<Scorer>(std::make_unique<ChoiceScorer>(text_first));
}

}  // namespace

Result<std::unique_ptr<Scorer>> make_choice(const Json& options) { return make(options, "choice", false); }
Result<std::unique_ptr<Scorer>> make_option_text(const Json& options) {
  return make(options, "option_text", true);
}

}  // namespace assay::answer
