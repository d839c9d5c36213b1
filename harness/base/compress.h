// Compression: zstd for texts that are kept, gzip for files that are read and bodies that are sent. The one door to zlib
// and libzstd.
//
// Threads: the functions from any thread; an InputStream is used by one thread at a time.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace assay {

// One zstd frame that states its content's size. Level 1 is fast, 19 is small.
std::string zstd_compress(std::string_view text, int level = 1);

// Inverse of zstd_compress. Nothing larger than `max_size` bytes is allocated, whatever the frame
// claims. Error: Code::corrupt for a damaged frame or one that is too large.
Result<std::string> zstd_decompress(std::string_view frame, std::size_t max_size);

// The same beside a text that the reader has too, and that repeats much of this one: only what differs takes
// room. The frame is damaged for whoever has another reference.
std::string zstd_compress_against(std::string_view text, std::string_view reference, int level = 3);
Result<std::string> zstd_decompress_against(std::string_view frame, std::string_view reference, std::size_t max_size);

// One gzip member (RFC 1952), the same bytes for the same text on every machine.
std::string gzip_compress(std::string_view text);

// Reads a file that is plain or gzip (told by its first bytes, not by its name), in bounded memory.
// Several gzip members in a row read as one text.
//
//   auto in = InputStream::open(path);
//   auto n = (*in)->read(buffer, sizeof buffer);   // 0: end of the file
class InputStream {
 public:
  // Error: Code::invalid when the file is missing, a directory or not readable, naming the path.
  static Result<std::unique_ptr<InputStream>> open(const std::filesystem::path& path);
  ~InputStream();
  InputStream(const InputStream&) = delete;
  InputStream& operator=(const InputStream&) = delete;

  // Up to `size` decoded bytes; fewer only at the end of the file, where it is 0 from then on.
  // Error: Code::corrupt for damaged or truncated gzip; Code::unavailable when reading fails.
  Result<std::size_t> read(char* out, std::size_t size);

 private:
  struct Impl;
  explicit InputStream(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay
