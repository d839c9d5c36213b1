#include <string>
#include <utility>

#include "harness/base/format.h"
#include "scorers/answer/answer_scorers.h"
#include "scorers/answer/ascii.h"
#include "scorers/answer/number.h"
#include "scorers/answer/number_words.h"
#include "scorers/answer/options.h"
#include "scorers/answer/verdict.h"

namespace assay::answer {
namespace {

// What stands before the end of the first sentence.
std::string_view sentence(std::string_view text) {
  const std::size_t stop = text.find(". ");
  return stop == std::string_view::npos ? text : text.substr(0, stop);
}

// numeric: the answer is a number equal to the target, exactly. How numbers are read: number.h.
//
// The number is the whole answer ("18 dollars", "x = 18"), the only number of a one-line answer ("Janet makes
// $18 a day.", rule only_number), or stands at a mark (find_answer.h). Where a decisive mark holds no number,
// its text is the answer, and wrong; a number is never picked out of other text but by the option.
// Options: last_number (false): when there is nothing else, the last number of the text;
//          percent_divides (false): "50%" is 0.5, not 50.
// A target that is no number is compared as text, letter case and spaces aside.
// answer_class: the number's canonical text, or "text:" and the text.
class Numeric : public Scorer {
 public:
  Numeric(NumberOptions number, bool use_last) : number_(number), use_last_(use_last) {}

  const ScorerInfo& describe() const override {
    static const ScorerInfo info{"numeric", 1,
                                 "a number equal to the target, in any of its spellings, exactly"};
    return info;
  }

  Verdict score(const Sample& sample, const Response& response, std::span<const WorkResult>) const override {
    const std::optional<Reading> reading = read(response.split.answer);
    if (!reading) return no_answer("no number stands alone or at a mark");
    return against_targets(sample, *reading, [&](const std::string& target) {
      return class_of(target) == reading->answer_class;
    });
  }

 private:
  static std::string text_class(std::string_view text) {
    return format("text:{}", lower(collapse_space(text.substr(0, kMaxExtracted))));
  }

  std::string class_of(std::string_view target) const {
    if (auto value = parse_number(target, number_)) return *value;
    return text_class(target);
  }

  std::optional<std::string> number_in(const Candidate& c) const {
    if (auto value = parse_number(c.text, number_)) return value;
    if (!c.open_ended) return parse_equation(c.text, false, number_);
    if (clause_takes_back(c.text)) return std::nullopt;
    NumberOptions clause = number_;
    clause.clause = true;
    if (auto value = parse_number(c.text, clause)) return value;
    if (auto value = parse_equation(sentence(c.text), true, clause)) return value;
    if (auto only = only_number(sentence(c.text), number_)) return only->value;
    return std::nullopt;
  }

  std::optional<Reading> read(std::string_view answer) const {
    std::vector<Candidate> whole = whole_answer(answer, kMaxNumberText);
    if (!whole.empty()) {
      if (auto value = number_in(whole[0])) return Reading{std::move(whole[0]), *value};
    }
    std::vector<Candidate> marked = find_answers(answer);
    if (!whole.empty() && marked.empty()) {
      if (auto only = only_number(answer.substr(0, whole[0].span.end), number_))
        return placed(answer, *only, "only_number");
    }
    for (Candidate& c : marked) {
      if (c.retracted) return text_reading(std::move(c));
      if (auto value = number_in(c)) return Reading{std::move(c), *value};
      if (c.decisive) return text_reading(std::move(c));
    }
    if (use_last_) {
      if (auto last = last_number(answer, number_)) {
        return placed(answer, *last, "last_number");
      }
    }
    if (!marked.empty()) return text_reading(std::move(marked[0]));
    if (!whole.empty()) return text_reading(std::move(whole[0]));
    return std::nullopt;
  }

  static Reading placed(std::string_view answer, const PlacedNumber& number, const char* rule) {
    const std::string_view part = answer.substr(number.span.begin, number.span.end - number.span.begin);
    return {candidate_at(answer, part, rule), number.value};
  }

  static Reading text_reading(Candidate c) {
    std::string text = text_class(c.text);
    return {std::move(c), std::move(text)};
  }

  NumberOptions number_;
  bool use_last_;
};

}  // namespace

Result<std::unique_ptr<Scorer>> make_numeric(const Json& options) {
  OptionReader reader("numeric", options);
  NumberOptions number;
  number.percent_divides = reader.flag("percent_divides", false);
  const bool use_last = reader.flag("last_number", false);
  if (auto done = reader.finish(); !done) return done.error();
  return std::unique_ptr<Scorer>(std::make_unique<Numeric>(number, use_last));
}

}  // namespace assay::answer
