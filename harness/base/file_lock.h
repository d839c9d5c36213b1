// An advisory lock between processes: held on an open file, gone with the process that holds it.
//
//   auto lock = FileLock::take(dir / "models.lock");
//   if (!lock) return lock.error();
//
// Threads: one owner; locks of the same file in two threads of one process exclude each other too.
#pragma once

#include <filesystem>
#include <string>

#include "harness/base/result.h"

namespace assay {

class FileLock {
 public:
  // Makes the file where it is missing and waits until nobody else holds it. The file is never removed.
  // Error: Code::invalid naming the file.
  static Result<FileLock> take(const std::filesystem::path& file);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  FileLock(const FileLock&) = delete;
  ~FileLock();

  void sync() const;  // what was written into the file itself; a failure shows at the rename or the next read

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

// Puts the text in place of the file, whole or not at all, also when the power fails. Of several at once the
// last wins; who reads first and writes then holds a lock of its own. Error: Code::invalid naming the file.
Result<void> replace_file(const std::filesystem::path& file, const std::string& text);

}  // namespace assay
