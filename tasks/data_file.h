// Finds a task's data file in the data directories and checks that it is the right one.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "harness/base/digest.h"
#include "harness/base/result.h"
#include "tasks/task_file.h"

namespace assay {

struct LocatedFile {
  std::filesystem::path path;
  Digest sha256;  // of its bytes
};

// Looks beside the task file first (for an author's own data), then in `dirs` in order.
// Errors: Code::invalid naming the task, the data set, where it was looked for and what to do; or both digests
// where the file found first is not the one wanted.
Result<LocatedFile> locate_data(const DataFile& file, const std::string& task, const std::filesystem::path& folder,
                                std::span<const std::filesystem::path> dirs);

}  // namespace assay
