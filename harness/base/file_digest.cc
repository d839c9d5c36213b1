#include "harness/base/file_digest.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 18;

Error unreadable(const std::filesystem::path& path, int error) {
  return invalid(format("{}: cannot be read: {}", printable(path.string()), std::strerror(error)));
}

}  // namespace

Result<Digest> file_digest(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return unreadable(path, errno);
  DigestBuilder builder;
  std::string buffer(kBufferBytes, '\0');
  while (true) {
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int error = errno;
      ::close(fd);
      if (n < 0) return unreadable(path, error);
      return builder.finish();
    }
    builder.bytes(std::string_view(buffer).substr(0, static_cast<std::size_t>(n)));
  }
}

}  // namespace assay
