// `replay`: answers from a recorded JSON Lines file, plain or gzip, several epochs a sample. Format and
// options: docs/backends.md.
#pragma once

#include "harness/api/backend.h"

namespace assay {

// Reads the whole file. Errors: Code::invalid for an unknown option, a file that cannot be read, and
// a bad row, by file and line.
Result<std::unique_ptr<Backend>> make_replay(const BackendOptions& options);

}  // namespace assay
