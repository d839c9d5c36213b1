// Multi-step arithmetic: the trace names parts of the question's expression and works them out.
//
// Every member of a chain a = b = c has the same value; a name keeps the value that it was first given; the
// formula that names the parts, and the last value, equal the question's value. All exact.
#include <vector>

#include "harness/base/format.h"
#include "scorers/trace/verify/expression.h"
#include "scorers/trace/verify/report.h"
#include "scorers/trace/verify/text.h"

namespace assay::verify {
namespace {

using puzzle::Rational;

bool single_name(std::string_view text) { return text.size() == 1 && text[0] >= 'A' && text[0] <= 'Z'; }

// The expression asked about: the longest one of the prompt that has an operator.
std::string_view asked_in(std::string_view prompt) {
  std::string_view best;
  for (const auto& chain : equation_chains(prompt)) {
    for (const Member& m : chain) {
      const Expression e = evaluate_expression(m.text, {});
      if (e.value && e.operators && m.text.size() > best.size()) best = m.text;
    }
  }
  return best;
}

class Check {
 public:
  Check(const Input& input, Rational asked) : input_(input), report_(input), asked_(asked) {}

  StateVerdict run() {
    for (step_ = 0; step_ < input_.steps.size() && !report_.full(); ++step_) read(input_.steps[step_].text);
    if (chains_ == 0) return Report::unparsed("no step holds an equation");
    return report_.verdict("no step holds an equation");
  }

 private:
  void read(std::string_view text) {
    const auto chains = equation_chains(text);
    // Definitions first: "A * B, where A = ... and B = ...".
    for (const auto& chain : chains) {
      if (chain.size() > 1 && single_name(chain[0].text)) define(chain);
    }
    for (const auto& chain : chains) {
      if (chain.size() == 1) {
        formula(chain[0]);
      } else {
        equal(chain);
      }
    }
    answer(text);
  }

  void define(const std::vector<Member>& chain) {
    const auto name = static_cast<std::size_t>(chain[0].text[0] - 'A');
    if (names_[name]) return;
    const Expression e = evaluate_expression(chain[1].text, names_);
    names_[name] = e.value;
  }

  // An expression of names alone stands for the question's.
  void formula(const Member& m) {
    const Expression e = evaluate_expression(m.text, names_);
    if (!e.variables || !e.operators || e.numbers || !e.value) return;
    same(*e.value, asked_, m, "wrong_formula", "with the parts put in");
  }

  void equal(const std::vector<Member>& chain) {
    std::optional<Rational> last;
    ++chains_;
    for (const Member& m : chain) {
      const Expression e = evaluate_expression(m.text, names_);
      if (!e.value) continue;
      if (e.variables && e.operators && !e.numbers) formula(m);
      if (last) same(*e.value, *last, m, "false_equation", "what stands before it");
      last = e.value;
    }
  }

  void same(const Rational& said, const Rational& is, const Member& m, std::string_view kind,
            std::string_view what) {
    if (said == is) return report_.checked();
    report_.wrong(step_, m.begin, m.end, kind,
                  format("{} is {}, {} is {}", m.text.substr(0, 80), said.text(), what, is.text()));
  }

  void answer(std::string_view text) {
    const auto part = stated_answer(text);
    if (!part) return;
    const std::size_t end = expression_end(part->text, 0);
    const Expression e = evaluate_expression(part->text.substr(0, end), {});
    if (!e.value || e.variables) return;
    same(*e.value, asked_, {part->text.substr(0, end), part->begin, part->begin + end}, "wrong_answer",
         "the question");
  }

  const Input& input_;
  Report report_;
  Rational asked_;
  Variables names_{};
  std::size_t step_ = 0;
  std::size_t chains_ = 0;
};

}  // namespace

StateVerdict verify_arithmetic(const Input& input) {
  const std::string_view asked = asked_in(input.prompt);
  if (asked.empty()) return Report::unparsed("the prompt holds no expression");
  const Expression e = evaluate_expression(asked, {});
  return Check(input, *e.value).run();
}

}  // namespace assay::verify
