#include <algorithm>
#include <string>
#include <utility>

#include "harness/base/format.h"
#include "harness/puzzle/countdown.h"
#include "scorers/answer/answer_scorers.h"
#include "scorers/answer/ascii.h"
#include "scorers/answer/latex_text.h"
#include "scorers/answer/options.h"
#include "scorers/answer/verdict.h"

namespace assay::answer {
namespace {

// The LaTeX and Markdown around an expression, and \frac{a}{b} as (a)/(b).
std::string plain_expression(std::string_view text) {
  struct Replacement {
    std::string_view from;
    std::string_view to;
  };
  // Every mark leaves a space, so that the digits around it are not joined to another number.
  constexpr Replacement kReplacements[] = {
      {"\\left", " "},  {"\\right", " "},  {"\\(", " "},       {"\\)", " "},       {"\\[", " "},
      {"\\]", " "},     {"\\,", " "},      {"\\;", " "},       {"\\ ", " "},       {"\\!", " "},
      {"\\textbf", " "}, {"\\textit", " "}, {"\\text{", "{"},   {"\\mathrm", " "},  {"\\mathbf", " "},
      {"\\dfrac", "\\frac"}, {"\\tfrac", "\\frac"}, {"$", " "}, {"`", " "}, {"**", " "}};
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto* r =
        std::find_if(std::begin(kReplacements), std::end(kReplacements),
                     [&](const Replacement& x) { return text.substr(i, x.from.size()) == x.from; });
    if (r != std::end(kReplacements)) {
      out += r->to;
      i += r->from.size();
    } else {
      out += text[i++];
    }
  }
  return out;
}

// Turns \frac{..}{..} into ((..)/(..)) in one pass with a stack of open braces.
std::string without_fractions(const std::string& text) {
  constexpr std::string_view kFrac = "\\frac{";
  std::string out;
  std::vector<char> open;  // 't' and 'b' of a fraction's top and bottom, '{' otherwise
  for (std::size_t i = 0; i < text.size();) {
    if (text.compare(i, kFrac.size(), kFrac) == 0) {
      out += "((";
      open.push_back('t');
      i += kFrac.size();
    } else if (text[i] == '}' && !open.empty()) {
      const char kind = open.back();
      open.pop_back();
      ++i;
      if (kind == 't' && i < text.size() && text[i] == '{') {
        out += ")/(";
        open.push_back('b');
        ++i;
      } else {
        out += kind == 'b' ? "))" : ")";
      }
    } else {
      if (text[i] == '{') open.push_back('{');
      out += text[i] == '{' ? '(' : text[i];
      ++i;
    }
  }
  return out;
}

// countdown: an arithmetic expression that has the target's value and uses each given number at most once.
//
// The expression is the whole answer when that is one line, or stands at a mark (find_answer.h). Of an
// equation or a chain of them ("24 = 3 * 8", "x = 3 * 8", "(1 + 2) * 3 = 3 * 3 = 9") every member must have the
// same value, a name at its start aside; the first member with an operation is the expression. Grammar:
// harness/puzzle/countdown.h, and \frac. The sample's metadata gives the given numbers as `numbers` and the
// target as `target`.
// Options: use_all (false): every number must be used.
// answer_class: "right" and "wrong" do not tell answers apart, so it is the expression without white space.
class Countdown : public Scorer {
 public:
  explicit Countdown(bool use_all) : use_all_(use_all) {}

  const ScorerInfo& describe() const override {
    static const ScorerInfo info{"countdown", 1,
                                 "an expression that reaches the target from the given numbers"};
    return info;
  }

  Verdict score(const Sample& sample, const Response& response, std::span<const WorkResult>) const override {
    const std::optional<std::int64_t> target = json_int(sample.metadata, "target");
    const Json* numbers = json_find(sample.metadata, "numbers");
    if (!target || numbers == nullptr || !numbers->is_array())
      return unscored("the sample has no numbers and target");
    std::vector<std::int64_t> given;
    for (const Json& n : *numbers) {
      if (!n.is_number_integer()) return unscored("the sample's numbers are not whole");
      given.push_back(n.get<std::int64_t>());
    }
    std::optional<Found> found = read(response.split.answer);
    if (!found) return no_answer("no expression stands alone or at a mark");
    return judged(*found, given, *target);
  }

 private:
  struct Found {
    Candidate at;
    Result<puzzle::Evaluation> value;
    std::string expression;
  };

  static Found evaluated(Candidate at) {
    const std::string_view bounded = std::string_view(at.text).substr(0, puzzle::kMaxExpressionBytes);
    std::string text = without_fractions(plain_expression(without_text_commands(bounded)));
    while (!text.empty() && is_space(text.back())) text.pop_back();
    if (at.open_ended && !text.empty() && text.back() == '.') text.pop_back();
    std::vector<std::string> members;
    for (std::size_t from = 0; from <= text.size();) {
      const std::size_t equals = std::min(text.find('=', from), text.size());
      members.push_back(text.substr(from, equals - from));
      from = equals + 1;
    }
    if (members.size() > 1 && is_name(members.front())) members.erase(members.begin());
    return chosen(std::move(at), std::move(members));
  }

  static bool is_name(std::string_view text) {
    text = trim(text);
    return !text.empty() && std::all_of(text.begin(), text.end(), is_letter);
  }

  // REQUIRES: members is not empty.
  static Found chosen(Candidate at, std::vector<std::string> members) {
    std::optional<std::size_t> best;
    std::optional<puzzle::Rational> common;
    Result<puzzle::Evaluation> value = puzzle::evaluate(members[0]);
    for (std::size_t i = 0; i < members.size(); ++i) {
      Result<puzzle::Evaluation> here = puzzle::evaluate(members[i]);
      if (!here) return {std::move(at), std::move(here), std::move(members[i])};
      if (common && !(here->value == *common)) {
        return {std::move(at), invalid("the sides of '=' have different values"), std::move(members[0])};
      }
      common = here->value;
      if (best || here->numbers.size() < 2) continue;
      best = i;
      value = std::move(here);
    }
    return {std::move(at), std::move(value), std::move(members[best.value_or(0)])};
  }

  static std::optional<Found> read(std::string_view answer) {
    std::optional<Found> first;
    std::vector<Candidate> candidates = whole_answer(answer, puzzle::kMaxExpressionBytes);
    for (Candidate& c : find_answers(answer)) candidates.push_back(std::move(c));
    for (Candidate& c : candidates) {
      const bool decisive = c.decisive;
      Found found = evaluated(std::move(c));
      if (found.value) return found;
      if (decisive) return found;
      if (!first) first = std::move(found);
    }
    return first;
  }

  Score judged(const Found& found, const std::vector<std::int64_t>& given, std::int64_t target) const {
    std::string compact = found.expression;
    compact.erase(std::remove_if(compact.begin(), compact.end(), is_space), compact.end());
    const Reading reading{found.at, format("={}", compact)};
    std::string why;
    if (!found.value) {
      why = format("no expression: {}", found.value.error().message);
    } else if (!puzzle::drawn_from(found.value->numbers, given)) {
      why = "it uses a number that is not given, or one too often";
    } else if (use_all_ && found.value->numbers.size() != given.size()) {
      why = "it does not use every number";
    } else if (found.value->value != puzzle::Rational(target)) {
      why = "its value is another";
    }
    Score s = compared(reading, format("{}", target), why.empty());
    s.explanation = format("extracted {} ({}); target {}: {}", shown(found.at.text), found.at.rule, target,
                           why.empty() ? "reached" : why);
    return s;
  }

  bool use_all_;
};

}  // namespace

Result<std::unique_ptr<Scorer>> make_countdown(const Json& options) {
  OptionReader reader("countdown", options);
  const bool use_all = reader.flag("use_all", false);
  if (auto done = reader.finish(); !done) return done.error();
  return std::unique_ptr<Scorer>(std::make_unique<Countdown>(use_all));
}

}  // namespace assay::answer
