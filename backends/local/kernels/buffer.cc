#include "backends/local/kernels/buffer.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

namespace assay::local::kernels {
namespace {

constexpr std::size_t kLine = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

bool is_large(std::size_t bytes) { return bytes >= 2 * kHugePage; }
std::size_t mapped_size(std::size_t bytes) { return (bytes + kHugePage - 1) / kHugePage * kHugePage; }

// Pages that cost memory when they are written first, so that a cache costs what of it is used. Mapped with
// room to spare, of which both ends are given back, so that the rest begins with a large page.
void* map_zeros(std::size_t bytes) {
  const std::size_t size = mapped_size(bytes);
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* mapped = mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE, kFlags, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  char* const begin = static_cast<char*>(mapped);
  const std::size_t before = (kHugePage - reinterpret_cast<std::uintptr_t>(begin) % kHugePage) % kHugePage;
  if (before > 0) munmap(begin, before);
  munmap(begin + before + size, kHugePage - before);
  madvise(begin + before, size, MADV_HUGEPAGE);
  return begin + before;
}

}  // namespace

Buffer::Buffer(std::size_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  if (is_large(bytes)) {
    data_ = map_zeros(bytes);
    return;
  }
  data_ = ::operator new (bytes, std::align_val_t{kLine});
  std::memset(data_, 0, bytes);
}

Buffer::~Buffer() {
  if (data_ == nullptr) return;
  if (is_large(bytes_)) {
    munmap(data_, mapped_size(bytes_));
  } else {
    ::operator delete (data_, std::align_val_t{kLine});
  }
}

}  // namespace assay::local::kernels
