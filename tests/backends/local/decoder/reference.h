// The forward pass written down once more, in double, one token after the other, as plainly as it can be: no
// cache, no batch, no fused matrices, none of the decoder's code.
#pragma once

#include <span>
#include <vector>

#include "backends/local/config/model_config.h"
#include "backends/local/weights/tensor_source.h"
#include "harness/text/tokenizer.h"

namespace assay::local::test {

// The logits after each token. REQUIRES: tensors of type f32.
std::vector<std::vector<double>> reference_logits(const ModelConfig& config, const TensorSource& source,
                                                  std::span<const TokenId> tokens);

// Frequencies of the rotary pairs, from the formulas in docs/local-models.md.
std::vector<double> reference_frequencies(const ModelConfig& config);

}  // namespace assay::local::test
