// KeptBytes: the bytes of a response for the record, packed while they arrive, since a streamed answer is some sixty
// times its text and thousands may be in flight.
//
// Threads: one at a time. Memory: a block that is not packed yet, and what is packed. Beyond `limit` bytes nothing
// more is kept.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

class KeptBytes {
 public:
  explicit KeptBytes(std::size_t limit) : limit_(limit) {}
  void add(std::string_view bytes);
  std::size_t size() const { return size_; }      // bytes kept, unpacked
  std::size_t packed_size() const;                // bytes of memory that they take
  std::string take();                             // all of them; empty afterwards

 private:
  const std::size_t limit_;
  std::size_t size_ = 0;
  std::string open_;
  std::vector<std::string> blocks_;  // zstd frames
};

}  // namespace assay
