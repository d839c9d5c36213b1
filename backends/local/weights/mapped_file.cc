#include "backends/local/weights/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay::local {
namespace {

Error cannot(const std::filesystem::path& path, int why) {
  return invalid(format("cannot read {}: {}", printable(path.string()), std::strerror(why)));
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return cannot(path, errno);
  struct stat status {};
  if (::fstat(file, &status) != 0) {
    const int why = errno;
    ::close(file);
    return cannot(path, why);
  }
  if (!S_ISREG(status.st_mode)) {
    ::close(file);
    return invalid(format("{} is no regular file", printable(path.string())));
  }
  MappedFile out;
  if (status.st_size > 0) {
    const auto size = static_cast<std::size_t>(status.st_size);
    void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (data == MAP_FAILED) {
      const int why = errno;
      ::close(file);
      return cannot(path, why);
    }
    out.data_ = static_cast<const std::byte*>(data);
    out.size_ = size;
  }
  ::close(file);
  return out;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

void MappedFile::release(std::span<const std::byte> part) const {
  if (part.empty() || part.data() < data_ || part.data() + part.size() > data_ + size_) return;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  // Only whole pages: those at the ends may hold a neighbour's bytes.
  const std::uintptr_t begin = (reinterpret_cast<std::uintptr_t>(part.data()) + page - 1) / page * page;
  const std::uintptr_t end = reinterpret_cast<std::uintptr_t>(part.data() + part.size()) / page * page;
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace assay::local
