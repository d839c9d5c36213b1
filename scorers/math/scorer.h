// The factories of the scorer `math` and of the grader behind `assay grade`; scorers/catalog.cc lists them.
#pragma once

#include <memory>

#include "harness/api/grader.h"
#include "harness/api/scorer.h"
#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay::math {

// Error: Code::invalid for an unknown or ill-typed option (policy.h).
Result<std::unique_ptr<Scorer>> make_math(const Json& options);
Result<std::unique_ptr<Grader>> make_math_grader(const Json& options);

}  // namespace assay::math
