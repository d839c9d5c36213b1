// Countdown: every equation of the trace is exact, and the answer reaches the target with the numbers given.
//
// What a trace tries and leaves ("25 - 7 = 18, not 24") is true as an equation; a question ("25 * 2 = 49?")
// states nothing.
#include <vector>

#include "harness/base/format.h"
#include "harness/puzzle/countdown.h"
#include "scorers/trace/verify/expression.h"
#include "scorers/trace/verify/report.h"
#include "scorers/trace/verify/text.h"

namespace assay::verify {
namespace {

struct Question {
  std::vector<std::int64_t> numbers;
  std::optional<std::int64_t> target;
};

std::optional<Question> read_question(const Input& input) {
  Question q;
  const Tokens t(input.prompt);
  for (std::size_t i = 0; i < t.size() && (q.numbers.empty() || !q.target); ++i) {
    if (t.at(i) == "numbers" && q.numbers.empty()) {
      for (std::size_t j = i + 1; j < t.size() && (t[j].kind == Token::Kind::number ||
                                                   is_one_of(t.at(j), {",", "and", ":", "[", "("}));
           ++j) {
        if (const auto n = t[j].kind == Token::Kind::number ? cardinal(t.at(j)) : std::nullopt)
          q.numbers.push_back(*n);
      }
    }
    if (is_one_of(t.at(i), {"exactly", "equals", "target", "reach", "make", "to"}) && i + 1 < t.size()) {
      std::size_t j = is_one_of(t.at(i + 1), {"is", ":", "of"}) ? i + 2 : i + 1;
      const bool minus = t.at(j) == "-";
      if (minus) ++j;
      const auto n = j < t.size() && t[j].kind == Token::Kind::number ? cardinal(t.at(j)) : std::nullopt;
      if (n) q.target = minus ? -*n : *n;
    }
  }
  return q.numbers.empty() || !q.target ? std::nullopt : std::optional(q);
}

class Check {
 public:
  Check(const Input& input, Question q) : input_(input), q_(std::move(q)), report_(input) {}

  StateVerdict run() {
    for (step_ = 0; step_ < input_.steps.size() && !report_.full(); ++step_) {
      const std::string_view text = input_.steps[step_].text;
      for (const auto& chain : equation_chains(text)) {
        if (chain.size() > 1 && !asked(text, chain.back().end)) equal(chain);
      }
      answer(text);
    }
    return report_.verdict("no step holds an equation");
  }

 private:
  static bool asked(std::string_view text, std::size_t at) {
    while (at < text.size() && is_blank(text[at])) ++at;
    return at < text.size() && text[at] == '?';
  }

  void equal(const std::vector<Member>& chain) {
    std::optional<puzzle::Rational> last;
    for (const Member& m : chain) {
      const Expression e = evaluate_expression(m.text, {});
      if (!e.value || e.variables) {
        last.reset();
        continue;
      }
      if (last && *last != *e.value) {
        report_.wrong(
            step_, chain.front().begin, m.end, "false_equation",
            format("{} is {}, not {}", chain.front().text.substr(0, 80), last->text(), e.value->text()));
      } else if (last) {
        report_.checked();
      }
      last = e.value;
    }
  }

  void answer(std::string_view text) {
    const auto part = stated_answer(text);
    if (!part) return;
    const std::string_view said = trimmed(part->text.substr(0, expression_end(part->text, 0)));
    const auto value = puzzle::evaluate(said);
    if (!value) return;
    const std::size_t end = part->begin + said.size();
    if (value->numbers.size() < 2) return;  // "the answer is 24" names the target
    if (value->value != puzzle::Rational(*q_.target)) {
      report_.wrong(step_, part->begin, end, "wrong_answer",
                    format("{} is {}, not {}", said, value->value.text(), *q_.target));
    } else if (!puzzle::drawn_from(value->numbers, q_.numbers)) {
      report_.wrong(step_, part->begin, end, "wrong_answer",
                    "it uses a number that is not there, or too often");
    } else {
      report_.checked();
    }
  }

  const Input& input_;
  Question q_;
  Report report_;
  std::size_t step_ = 0;
};

}  // namespace

StateVerdict verify_countdown(const Input& input) {
  auto question = read_question(input);
  if (!question) return Report::unparsed("the question names no numbers and target");
  return Check(input, std::move(*question)).run();
}

}  // namespace assay::verify
