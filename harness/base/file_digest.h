// SHA-256 of a file's bytes, as they are on disk.
#pragma once

#include <filesystem>

#include "harness/base/digest.h"
#include "harness/base/result.h"

namespace assay {

// Constant memory. Error: Code::invalid when the file cannot be read, naming it.
Result<Digest> file_digest(const std::filesystem::path& path);

}  // namespace assay
