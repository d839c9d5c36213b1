// Grader: whether a prediction is the expected answer, outside of a run: for `assay grade` and for other programs.
//
// Order: make_grader() once, grade() for each pair.
// Threads: const after construction and called concurrently.
// Bounds: as a scorer's; what would cost too much is "undecided".
// Errors: make_grader: Code::invalid for an unknown or ill-typed option. grade has none.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay {

// What a prediction is: a whole response in which the answer is looked for, or the answer itself.
enum class PredictionIs : std::uint8_t { by_looks = 1, response = 2, answer = 3 };

struct Grade {
  std::string verdict;    // "true", "false" or "undecided"
  std::string reason;     // one line
  std::string rule;       // how the answer was found and compared: "box > parse > compare:value"
  std::string extracted;  // what was compared
  bool prediction_at_fault = false;  // undecided, and because of the prediction
};

class Grader {
 public:
  virtual ~Grader() = default;
  virtual Grade grade(std::string_view gold, std::string_view prediction, PredictionIs kind) const = 0;
};

// The mathematical one; the options are those of the scorer `math`. scorers/catalog.cc defines it.
Result<std::unique_ptr<Grader>> make_grader(const Json& options);

}  // namespace assay
