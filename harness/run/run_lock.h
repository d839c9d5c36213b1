// RunLock: at most one process works on a run at a time.
//
// An advisory lock (flock) on the file "<database>.<run id>.lock" beside the database. It goes with the
// process however that ends, so that a killed run can be resumed at once; the file is removed at the end and
// may be left behind by a kill, which does no harm.
// Threads: any. Errors: Code::invalid when another holds the lock, naming its process, or when the file
// cannot be made.
#pragma once

#include <filesystem>
#include <string>

#include "harness/base/result.h"

namespace assay {

class RunLock {
 public:
  static Result<RunLock> take(const std::filesystem::path& database, const std::string& run_id);
  RunLock(RunLock&& other) noexcept;
  RunLock& operator=(RunLock&&) = delete;
  ~RunLock();

 private:
  RunLock(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}
  std::filesystem::path path_;
  int fd_;  // -1: moved from
};

// Is the run being worked on now, by this process or another? Takes and writes nothing.
bool run_is_locked(const std::filesystem::path& database, const std::string& run_id);

}  // namespace assay
