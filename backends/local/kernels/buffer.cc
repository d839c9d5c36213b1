#include "backends/local/kernels/buffer.h"

#include <cstring>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace assay::local::kernels {
namespace {
constexpr std::size_t kLine = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

std::size_t alignment(std::size_t bytes) { return bytes >= 2 * kHugePage ? kHugePage : kLine; }
}  // namespace

Buffer::Buffer(std::size_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  data_ = ::operator new (bytes, std::align_val_t{alignment(bytes)});
#if defined(__linux__)
  if (bytes >= 2 * kHugePage) madvise(data_, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
#endif
  std::memset(data_, 0, bytes);
}

Buffer::~Buffer() {
  if (data_ != nullptr) ::operator delete (data_, std::align_val_t{alignment(bytes_)});
}

}  // namespace assay::local::kernels
