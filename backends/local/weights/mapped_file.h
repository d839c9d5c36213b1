// MappedFile: a file's bytes, read-only, mapped and not copied.
//
// Threads: const after opening, any thread. Ownership: move-only; the bytes keep their address when it is
//   moved. The file must not be cut short while it is mapped: the system ends whoever reads past its end.
// Errors: Code::invalid naming the file and the system's reason; what is no regular file is refused.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "harness/base/result.h"

namespace assay::local {

class MappedFile {
 public:
  static Result<MappedFile> open(const std::filesystem::path& path);
  MappedFile() = default;  // nothing is mapped
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  // Lets the memory of a part go; reading it again reads the file again. A part outside the file is ignored.
  void release(std::span<const std::byte> part) const;

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace assay::local
