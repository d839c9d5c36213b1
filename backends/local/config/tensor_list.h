// The tensors that a model of a given ModelConfig consists of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backends/local/config/model_config.h"
#include "backends/local/weights/tensor_source.h"
#include "harness/base/result.h"

namespace assay::local {

struct TensorSpec {
  std::string name;                 // Hugging Face's
  std::vector<std::int64_t> shape;  // outermost first
};

// In the order of computation: embedding, layers, last norm, head (when it is not tied).
std::vector<TensorSpec> expected_tensors(const ModelConfig& config);

// Every expected tensor is there in its shape, and nothing else is that would change the result.
// Error: Code::invalid naming the tensor; for an embedding, both numbers of rows.
Result<void> check_tensors(std::string_view where, const ModelConfig& config, const TensorSource& source);

}  // namespace assay::local
