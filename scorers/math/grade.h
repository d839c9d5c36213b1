// Whether a model's answer to a mathematical question is the expected one: exact, bounded, and never by
// guessing. extract -> normalise -> parse -> canonical -> compare; docs/math-scoring.md has the rules.
//
//   Verdict v = grade("\\frac{1}{2}", "so the answer is \\boxed{0.5}.", {});   // yes, "proven equal: rational"
//
// Threads: any. Total: every pair of byte strings gets a verdict; nothing throws, hangs or allocates beyond
//   the limits (limits.h), which count work and not seconds, so that a verdict never depends on the machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/base/json.h"
#include "harness/base/result.h"
#include "scorers/math/policy.h"

namespace assay::math {

enum class Equal : std::uint8_t { no = 1, yes = 2, undecided = 3 };

// What the prediction is: a whole response in which the answer is looked for, or the answer itself. By looks: a
// response where it has a box, a mark such as "answer is", a maths span or several sentences.
enum class PredictionKind : std::uint8_t { by_looks = 1, response = 2, answer = 3 };

struct Verdict {
  Equal equal = Equal::undecided;
  std::string reason;     // one line: "proven equal: rational", "different intervals", "a number is over the limit"
  std::string rule;       // the path: "box > parse > compare:number"
  std::string extracted;  // the span of the prediction that was compared
  std::size_t begin = 0;  // where it stands in the prediction
  std::size_t end = 0;
  bool prediction_at_fault = false;  // undecided because the prediction itself is over a limit or has no value
  bool no_answer = false;            // nothing in the prediction is an answer
};

// From a task file's `options`. Error: Code::invalid naming the key.
Result<Policy> policy_from_json(const Json& options);

Verdict grade(std::string_view gold, std::string_view prediction, const Policy& policy,
              PredictionKind kind = PredictionKind::by_looks);

// Are two answers, both already extracted, the same? The equivalence that votes use.
Equal same_answer(std::string_view a, std::string_view b, const Policy& policy);

// "yes", "no", "undecided"
const char* name(Equal equal);

}  // namespace assay::math
