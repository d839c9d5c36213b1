// TorchCache: keys and values of all layers as tensors on a device, for the operations of LibTorch.
//
// A slot is one position of a block: block * kBlockTokens + offset. In int8 a head of a token is kept as
// kernels/attention.h says, its scale beside it; what is read is in the type of the queries again.
// Threads: one. Errors: throws what LibTorch throws.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "backends/local/config/model_config.h"
#include "backends/local/kernels/attention.h"

namespace assay::local {

class TorchCache {
 public:
  TorchCache(const ModelConfig& config, at::TensorOptions options, kernels::KvType kv);

  std::uint64_t block_bytes() const;  // over all layers
  void reserve(std::int32_t blocks);
  void copy_block(std::int32_t from, std::int32_t to);

  // Rows of `keys` and `values`, [rows, kv_heads, head_dim], to `slots`.
  void store(std::int64_t layer, const at::Tensor& slots, const at::Tensor& keys, const at::Tensor& values);
  at::Tensor keys(std::int64_t layer, const at::Tensor& slots) const;
  at::Tensor values(std::int64_t layer, const at::Tensor& slots) const;

 private:
  struct Half {
    at::Tensor held;    // [slots, kv_heads, head_dim]
    at::Tensor scales;  // [slots, kv_heads, 1], float; undefined where there are none
  };
  void put(Half& half, const at::Tensor& slots, const at::Tensor& rows) const;
  at::Tensor get(const Half& half, const at::Tensor& slots) const;

  const std::int64_t layers_, kv_heads_, head_dim_;
  const at::TensorOptions options_;
  const bool int8_;
  std::vector<Half> halves_;  // keys, then values, layer by layer
};

}  // namespace assay::local
