// TinyModel: a random model of any ModelConfig, written as a user's files would be.
//
//   TinyModel model{tiny_config("qwen3"), 1, local::DType::bf16};
//   write_safetensors(model, folder);          // config.json, tokenizer, weights: what open_model reads
//   write_gguf(model, dir / "model.gguf");     // the same weights, tokenizer inside
//
// Values depend on the seed and the tensor's name only, so both files hold the same model up to the rounding
//   of dtype.
// Errors: Code::invalid for a config that the format cannot say (a llama with q, k and v biases in
//   config.json; a vocabulary below kTinyVocabulary of tiny_tokenizer.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "backends/local/config/model_config.h"
#include "backends/local/config/tensor_list.h"
#include "backends/local/weights/tensor_source.h"
#include "harness/base/result.h"

namespace assay::test {

struct TinyModel {
  local::ModelConfig config;
  std::uint64_t seed = 1;
  local::DType dtype = local::DType::f32;
};

// Two layers, hidden 64, 4 heads over 2 key-value heads; the switches as the family has them ("llama",
// "mistral", "qwen2", "qwen3"; head_dim is 32 for qwen3, so that it is not hidden / heads). Change what a
// test needs.
local::ModelConfig tiny_config(std::string_view family);

// The values of one tensor before rounding, rows in Hugging Face's order.
std::vector<float> tiny_values(const TinyModel& model, const local::TensorSpec& tensor);

// A folder as `transformers` saves it, created if need be. dtype F32, F16 or BF16. With more than one shard,
// an index.
Result<void> write_safetensors(const TinyModel& model, const std::filesystem::path& folder, int shards = 1);

// Vectors are F32 whatever the dtype, and so are matrices whose rows are no whole number of blocks.
Result<void> write_gguf(const TinyModel& model, const std::filesystem::path& file);

}  // namespace assay::test
