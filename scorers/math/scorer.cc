#include "scorers/math/scorer.h"

#include <numeric>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "scorers/math/grade.h"
#include "scorers/math/plain.h"

namespace assay::math {
namespace {

constexpr std::size_t kMaxClass = 240;

// One line that is safe to store and to show.
std::string line(std::string_view text) { return printable(truncate_utf8(text, 200)); }

// Equal text for plain numbers of one value and for texts that differ in white space alone. Answers of two classes
// may still be the same: same_answer() decides.
std::string class_of(std::string_view text) {
  if (const auto n = plain_number(text)) {
    const std::int64_t g = std::gcd(n->numerator, n->denominator);
    return format("number:{}/{}", n->numerator / g, n->denominator / g);
  }
  std::string out = "answer:";
  for (const char c : truncate_utf8(text, kMaxClass)) {
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r') out += c;
  }
  return out;
}

// Equality for votes must be transitive: nothing that depends on how only one side is written.
Policy for_votes(Policy p) {
  p.percent = PercentPolicy::same;
  p.units = UnitPolicy::ignore;
  p.digits = 0;
  p.precision = -1;
  p.decimal_comma = CommaPolicy::thousands;
  if (p.log == LogPolicy::by_context) p.log = LogPolicy::ten;
  p.names_ignored = true;
  p.base_optional = false;
  return p;
}

// math: the answer is mathematically the target. How answers are found, read and compared: docs/math-scoring.md.
//
// Outcomes: undecided is incorrect where the prediction itself is over a limit or has no value, else unscored.
class Math : public Scorer {
 public:
  Math(Policy policy, PredictionKind kind) : policy_(policy), votes_(for_votes(policy)), kind_(kind) {}

  const ScorerInfo& describe() const override {
    static const ScorerInfo info{"math", 1, "mathematically equal to the target: exact, by type, never by guessing"};
    return info;
  }

  std::variant<Score, std::vector<Work>> score(const Sample& sample, const Response& response,
                                               std::span<const WorkResult>) const override {
    Score s;
    if (sample.targets.empty()) {
      s.explanation = "the sample has no target";
      return s;
    }
    Verdict best;
    std::string_view target = sample.targets.front();
    for (std::size_t i = 0; i < sample.targets.size(); ++i) {
      Verdict v = grade(sample.targets[i], response.split.answer, policy_, kind_);
      const bool better = i == 0 || v.equal == Equal::yes || (best.equal == Equal::no && v.equal == Equal::undecided);
      if (!better) continue;
      best = std::move(v);
      target = sample.targets[i];
      if (best.equal == Equal::yes) break;
    }
    return finished(best, target, response.split.answer.size());
  }

  bool same_answer(const Sample&, const Score& a, const Score& b) const override {
    if (a.answer_class.empty() || b.answer_class.empty()) return false;
    return a.answer_class == b.answer_class || math::same_answer(a.extracted, b.extracted, votes_) == Equal::yes;
  }

 private:
  static Score finished(const Verdict& v, std::string_view target, std::size_t size) {
    Score s;
    s.rule = v.rule;
    if (v.no_answer) {
      s.outcome = Outcome::no_answer;
      s.explanation = v.reason;
      return s;
    }
    s.extracted = std::string(truncate_utf8(v.extracted, kMaxExtracted));
    s.span = Span{std::min(v.begin, size), std::min(std::max(v.begin, v.end), size)};
    s.explanation = format("extracted '{}' ({}); target '{}': {}", line(v.extracted), v.rule, line(target), line(v.reason));
    if (v.equal == Equal::undecided && !v.prediction_at_fault) {
      s.outcome = Outcome::unscored;
      return s;
    }
    s.outcome = v.equal == Equal::yes ? Outcome::correct : Outcome::incorrect;
    s.value = v.equal == Equal::yes ? 1 : 0;
    if (v.equal == Equal::undecided) s.explanation = format("undecided: {}", s.explanation);
    s.answer_class = class_of(v.extracted);
    return s;
  }

  Policy policy_;
  Policy votes_;
  PredictionKind kind_;
};

class MathGrader : public Grader {
 public:
  explicit MathGrader(Policy policy) : policy_(policy) {}
  Grade grade(std::string_view gold, std::string_view prediction, PredictionIs kind) const override {
    Verdict v = math::grade(gold, prediction, policy_, static_cast<PredictionKind>(kind));
    return {name(v.equal), std::move(v.reason), std::move(v.rule), std::move(v.extracted), v.prediction_at_fault};
  }

 private:
  Policy policy_;
};

}  // namespace

Result<std::unique_ptr<Scorer>> make_math(const Json& options) {
  auto policy = policy_from_json(options);
  if (!policy) return policy.error();
  PredictionKind kind = PredictionKind::by_looks;
  if (const Json* v = json_find(options, "prediction")) {
    if (*v == "response") {
      kind = PredictionKind::response;
    } else if (*v == "answer") {
      kind = PredictionKind::answer;
    } else if (*v != "by_looks") {
      return invalid("scorer math: prediction must be by_looks, response or answer");
    }
  }
  return std::unique_ptr<Scorer>(std::make_unique<Math>(*policy, kind));
}

Result<std::unique_ptr<Grader>> make_math_grader(const Json& options) {
  auto policy = policy_from_json(options);
  if (!policy) return policy.error();
  return std::unique_ptr<Grader>(std::make_unique<MathGrader>(*policy));
}

}  // namespace assay::math
