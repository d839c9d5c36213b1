// `scripted`: a backend that says what it is told to, for tests and demonstrations. It knows the
// targets, and turns them into right, wrong, cut, refused, late or failed answers; each goes the
// whole way that a model's answer goes. Options: docs/backends.md.
#pragma once

#include "harness/api/backend.h"

namespace assay {

// Errors: Code::invalid for an unknown option, a wrong value, or a log that cannot be opened.
Result<std::unique_ptr<Backend>> make_scripted(const BackendOptions& options);

}  // namespace assay
