#include "harness/base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

Error failed(const std::filesystem::path& file, int error) {
  return invalid(format("{}: {}", printable(file.string()), std::strerror(error)));
}

// 0, or errno.
int write_all(int fd, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t n = ::write(fd, text.data() + at, text.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    at += static_cast<std::size_t>(n);
  }
  return ::fsync(fd) == 0 ? 0 : errno;
}

}  // namespace

Result<FileLock> FileLock::take(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return failed(file, errno);
  while (::flock(fd, LOCK_EX) != 0) {
    if (errno == EINTR) continue;
    const int error = errno;
    ::close(fd);
    return failed(file, error);
  }
  return FileLock(fd);
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

void FileLock::sync() const { (void)::fsync(fd_); }

Result<void> replace_file(const std::filesystem::path& file, const std::string& text) {
  std::string part = format("{}.XXXXXX", file.string());
  const int fd = ::mkostemp(part.data(), O_CLOEXEC);
  if (fd < 0) return failed(file, errno);
  int error = ::fchmod(fd, 0644) == 0 ? write_all(fd, text) : errno;
  ::close(fd);
  if (error == 0 && ::rename(part.c_str(), file.c_str()) != 0) error = errno;
  if (error == 0) return {};
  ::unlink(part.c_str());
  return failed(file, error);
}

}  // namespace assay
