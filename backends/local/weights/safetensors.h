// safetensors: one file, or shards named by an index.
//
// The format (Hugging Face's description of it): eight bytes of header length, little-endian; a JSON object
//   from tensor names to {dtype, shape, data_offsets: [begin, end)}; then the data, row-major, the tensors
//   one after the other without holes. Read are BF16, F16 and F32.
// Threads: any. Ownership: the result owns the mapped files.
// Errors: Code::invalid naming the file and the tensor.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/local/weights/tensor_source.h"
#include "harness/base/result.h"

namespace assay::local {

inline constexpr std::uint64_t kMaxSafetensorsHeader = 100'000'000;  // the format's own bound

// `bytes` are borrowed and must outlive the result. In the header's order (by name).
Result<std::vector<TensorView>> read_safetensors(const std::string& name, std::span<const std::byte> bytes);

// Which tensor lies in which file, from model.safetensors.index.json. A file is named without any folder.
struct ShardIndex {
  std::vector<std::pair<std::string, std::string>> tensors;  // tensor, file; by tensor
  std::vector<std::string> files;                            // sorted, each once
};
Result<ShardIndex> read_shard_index(const std::string& name, std::string_view text);

struct SafetensorsFolder {
  std::vector<std::string> files;  // within the folder: weights and, where there is one, the index
  std::unique_ptr<TensorSource> tensors;
};
// model.safetensors or, if there is none, what model.safetensors.index.json names.
Result<SafetensorsFolder> open_safetensors(const std::filesystem::path& folder);

}  // namespace assay::local
