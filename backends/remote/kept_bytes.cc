#include "backends/remote/kept_bytes.h"

#include <algorithm>

#include "harness/base/compress.h"

namespace assay {
namespace {

// Bytes that are packed together: events of a stream repeat each other, so that already this many shrink to a tenth.
constexpr std::size_t kBlock = 32 << 10;

}  // namespace

void KeptBytes::add(std::string_view bytes) {
  bytes = bytes.substr(0, limit_ - size_);
  size_ += bytes.size();
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, kBlock - open_.size());
    open_ += part;
    bytes.remove_prefix(part.size());
    if (open_.size() < kBlock) return;
    blocks_.push_back(zstd_compress(open_));
    blocks_.back().shrink_to_fit();
    open_.clear();
  }
}

std::size_t KeptBytes::packed_size() const {
  std::size_t sum = open_.capacity();
  for (const std::string& block : blocks_) sum += block.capacity();
  return sum;
}

std::string KeptBytes::take() {
  std::string out;
  out.reserve(size_);
  for (const std::string& block : blocks_) {
    auto bytes = zstd_decompress(block, kBlock);
    if (bytes) out += *bytes;
  }
  out += open_;
  open_ = {};
  blocks_.clear();
  size_ = 0;
  return out;
}

}  // namespace assay
