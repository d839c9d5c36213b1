// Decoder: one dense decoder-only transformer, Llama's and its relatives', by the switches of ModelConfig.
// Mixture of experts and latent attention would be other blocks of the same Ops.
//
// Threads, order and errors: Model's.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "backends/local/config/model_config.h"
#include "backends/local/decoder/ops.h"
#include "backends/local/engine/model.h"

namespace assay::local {

struct LayerWeights {
  at::Tensor attention_norm, mlp_norm;
  at::Tensor q_norm, k_norm;  // undefined without qk_norm
  std::unique_ptr<Matrix> qkv, attention_out, gate_up, down;
};

struct DecoderWeights {
  std::unique_ptr<Matrix> embedding;
  std::unique_ptr<Matrix> head;  // none where the embedding is the head as well
  at::Tensor norm;
  std::vector<LayerWeights> layers;
  std::uint64_t bytes = 0;
};

// `cache_limit`: bytes of cache that there is memory for. `own_memory`: it is the device's own.
std::unique_ptr<Model> make_decoder(const ModelConfig& config, std::unique_ptr<Ops> ops,
                                    DecoderWeights weights, std::uint64_t cache_limit, bool own_memory);

}  // namespace assay::local
