// The answer scorers' factories; scorers/catalog.cc lists them. What each one accepts stands above its
// class in its .cc. Errors: Code::invalid for an unknown or ill-typed option.
#pragma once

#include <memory>

#include "harness/api/scorer.h"
#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay::answer {

Result<std::unique_ptr<Scorer>> make_exact(const Json& options);
Result<std::unique_ptr<Scorer>> make_choice(const Json& options);
Result<std::unique_ptr<Scorer>> make_option_text(const Json& options);
Result<std::unique_ptr<Scorer>> make_numeric(const Json& options);
Result<std::unique_ptr<Scorer>> make_regex(const Json& options);
Result<std::unique_ptr<Scorer>> make_pyliteral(const Json& options);
Result<std::unique_ptr<Scorer>> make_countdown(const Json& options);
Result<std::unique_ptr<Scorer>> make_program(const Json& options);

}  // namespace assay::answer
