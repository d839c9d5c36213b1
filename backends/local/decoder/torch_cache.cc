#include "backends/local/decoder/torch_cache.h"

#include <ATen/ATen.h>

#include "backends/local/engine/model.h"

namespace assay::local {

TorchCache::TorchCache(const ModelConfig& config, at::TensorOptions options, kernels::KvType kv)
    : layers_(config.layers),
      kv_heads_(config.kv_heads),
      head_dim_(config.head_dim),
      options_(options),
      int8_(kv == kernels::KvType::int8) {}

std::uint64_t TorchCache::block_bytes() const {
  const auto value = static_cast<std::int64_t>(options_.dtype().itemsize());
  const std::int64_t head = int8_ ? head_dim_ + 4 : head_dim_ * value;
  return static_cast<std::uint64_t>(2 * layers_ * kBlockTokens * kv_heads_ * head);
}

void TorchCache::reserve(std::int32_t blocks) {
  const std::int64_t slots = std::int64_t{blocks} * kBlockTokens;
  halves_.clear();
  for (std::int64_t half = 0; half < 2 * layers_; ++half) {
    Half made;
    made.held = at::empty({slots, kv_heads_, head_dim_}, int8_ ? options_.dtype(at::kChar) : options_);
    if (int8_) made.scales = at::empty({slots, kv_heads_, 1}, options_.dtype(at::kFloat));
    halves_.push_back(std::move(made));
  }
}

void TorchCache::copy_block(std::int32_t from, std::int32_t to) {
  const auto copy = [&](at::Tensor& t) {
    t.narrow(0, std::int64_t{to} * kBlockTokens, kBlockTokens)
        .copy_(t.narrow(0, std::int64_t{from} * kBlockTokens, kBlockTokens));
  };
  for (Half& half : halves_) {
    copy(half.held);
    if (int8_) copy(half.scales);
  }
}

void TorchCache::store(std::int64_t layer, const at::Tensor& slots, const at::Tensor& keys,
                       const at::Tensor& values) {
  put(halves_[static_cast<std::size_t>(2 * layer)], slots, keys);
  put(halves_[static_cast<std::size_t>(2 * layer + 1)], slots, values);
}

at::Tensor TorchCache::keys(std::int64_t layer, const at::Tensor& slots) const {
  return get(halves_[static_cast<std::size_t>(2 * layer)], slots);
}

at::Tensor TorchCache::values(std::int64_t layer, const at::Tensor& slots) const {
  return get(halves_[static_cast<std::size_t>(2 * layer + 1)], slots);
}

void TorchCache::put(Half& half, const at::Tensor& slots, const at::Tensor& rows) const {
  if (!int8_) {
    half.held.index_copy_(0, slots, rows);
    return;
  }
  const at::Tensor wide = rows.to(at::kFloat);
  const at::Tensor top = wide.abs().amax(-1, true);
  const at::Tensor scale = at::where(top > 1e-30, top / 127, top * 0);
  // What is no number stays out of the whole ones; its scale is one that shows it.
  const at::Tensor whole = (wide * (127 / top.clamp_min(1e-30))).round().nan_to_num(0, 0, 0);
  half.held.index_copy_(0, slots, whole.to(at::kChar));
  half.scales.index_copy_(0, slots, at::where(at::isfinite(top), scale, top * 0 / 0));
}

at::Tensor TorchCache::get(const Half& half, const at::Tensor& slots) const {
  const at::Tensor held = half.held.index_select(0, slots);
  if (!int8_) return held;
  return (held.to(at::kFloat) * half.scales.index_select(0, slots)).to(options_);
}

}  // namespace assay::local
