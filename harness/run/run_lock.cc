#include "harness/run/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "harness/base/format.h"

namespace assay {
namespace {

constexpr int kTries = 10;  // a look by run_is_locked() may be in the way for a moment
constexpr auto kPause = std::chrono::milliseconds(20);

// The same file whatever path or link the database was named by.
std::filesystem::path lock_path(const std::filesystem::path& database, const std::string& run_id) {
  std::error_code failed;
  std::filesystem::path base = std::filesystem::canonical(database, failed);
  if (failed) base = database;
  base += "." + run_id + ".lock";
  return base;
}

int open_lock(const std::filesystem::path& path, int flags) {
  return open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0644);
}

// Who held the lock before may have removed the file between our open and our flock.
bool still_there(int fd, const std::filesystem::path& path) {
  struct stat ours, there;
  return fstat(fd, &ours) == 0 && stat(path.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
         ours.st_dev == there.st_dev;
}

std::string holder(int fd) {
  char text[32] = {};
  const ssize_t n = pread(fd, text, sizeof text - 1, 0);
  std::string pid;
  for (ssize_t i = 0; i < n && text[i] >= '0' && text[i] <= '9'; ++i) pid += text[i];
  return pid.empty() ? "another process" : "process " + pid;
}

}  // namespace

Result<RunLock> RunLock::take(const std::filesystem::path& database, const std::string& run_id) {
  const std::filesystem::path path = lock_path(database, run_id);
  std::string by = "another process";
  for (int i = 0; i < kTries; ++i) {
    const int fd = open_lock(path, O_RDWR | O_CREAT);
    const bool locked = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
    const int why = errno;
    if (locked && still_there(fd, path)) {
      const std::string pid = std::to_string(getpid()) + "\n";
      // Only for the message that another process shows: the lock holds without it.
      if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0) by.clear();
      return RunLock(path, fd);
    }
    if (!locked && (fd < 0 || why != EWOULDBLOCK)) {
      if (fd >= 0) close(fd);
      return invalid(format("{}: cannot be locked ({})", path.string(), std::strerror(why)));
    }
    if (!locked) by = holder(fd);
    close(fd);
    std::this_thread::sleep_for(kPause);
  }
  return invalid(format("run {} is being run by {}", run_id, by));
}

RunLock::RunLock(RunLock&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

RunLock::~RunLock() {
  if (fd_ < 0) return;
  unlink(path_.c_str());  // first: nobody else may have the lock by then
  close(fd_);
}

bool run_is_locked(const std::filesystem::path& database, const std::string& run_id) {
  const int fd = open_lock(lock_path(database, run_id), O_RDONLY);
  if (fd < 0) return false;
  const bool locked = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  close(fd);
  return locked;
}

}  // namespace assay
