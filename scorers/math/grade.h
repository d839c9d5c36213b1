// Whether a model's answer to a mathematical question is the expected one: exact, bounded, and never by
// guessing. extract -> normalise -> parse -> canonical -> compare; docs/math-scoring.md has the rules.
//
//   Verdict v = grade("\\frac{1}{2}", "so the answer is \\boxed{0.5}.", {});   // yes, "equal: rational"
//
// Threads: any. Total: every pair of byte strings gets a verdict; nothing throws, hangs or allocates beyond
//   the limits, which count work and not seconds, so that a verdict never depends on the machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay::math {

enum class Equal : std::uint8_t { no = 1, yes = 2, undecided = 3 };

// What the prediction is: a whole response in which the answer is looked for, or the answer itself.
enum class PredictionKind : std::uint8_t { by_looks = 1, response = 2, answer = 3 };

struct Verdict {
  Equal equal = Equal::undecided;
  std::string reason;     // one line: "proven equal", "different intervals", "prediction is over the digit limit"
  std::string rule;       // the path: "extract:boxed > parse:latex > compare:number > exact"
  std::string extracted;  // the span of the prediction that was compared
  bool prediction_at_fault = false;  // undecided because the prediction itself cannot be read or is over a limit
};

// Named choices where graders differ. Defaults and their reasons stand in docs/math-scoring.md.
struct Policy;
// From a task file's `options`. Error: Code::invalid naming the key.
Result<Policy> policy_from_json(const Json& options);

Verdict grade(std::string_view gold, std::string_view prediction, const Policy& policy,
              PredictionKind kind = PredictionKind::by_looks);

}  // namespace assay::math
