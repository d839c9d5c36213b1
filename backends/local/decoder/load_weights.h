// The tensors of a model's files, repacked as Ops wants them.
//
// Errors: invalid, naming the tensor, for one that is missing, has another shape than the configuration says,
// or
//   has no place in the model (a bias where there should be none: leaving it out would be another model).
#pragma once

#include <cstdint>

#include "backends/local/decoder/decoder.h"
#include "backends/local/decoder/ops.h"
#include "backends/local/weights/tensor_source.h"
#include "harness/base/result.h"

namespace assay::local {

Result<void> check_tensors(const ModelConfig& config, const TensorSource& source);

std::uint64_t weight_bytes(const ModelConfig& config, const Ops& ops);

// REQUIRES: check_tensors passed. Throws what LibTorch throws.
DecoderWeights load_weights(const ModelConfig& config, const TensorSource& source, Ops& ops);

}  // namespace assay::local
