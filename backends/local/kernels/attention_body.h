// One tile of attention in C++, one body for every instruction set. Internal to backends/local/kernels.
#pragma once

#include <cmath>
#include <cstdint>

#include "backends/local/kernels/attention_tile.h"
#include "backends/local/kernels/bf16.h"
#include "backends/local/kernels/targets.h"
#include "backends/local/kernels/vector_math.h"

namespace assay::local::kernels::attention {

// Turns a row of products into weights 2^(scale * product - maximum), 0 for keys that the row does not see.
// `count` is a multiple of 16, and visible <= count.
ASSAY_INLINE void weights(float* row, std::int32_t count, std::int32_t visible, float scale, float& maximum,
                          float& sum) {
  float lanes[16];
  for (int j = 0; j < 16; ++j) lanes[j] = -INFINITY;
  for (std::int32_t i = 0; i < count; i += 16) {
    for (int j = 0; j < 16; ++j) {
      const float score = i + j < visible ? row[i + j] * scale : -INFINITY;
      row[i + j] = score;
      lanes[j] = score > lanes[j] ? score : lanes[j];
    }
  }
  float top = lanes[0];
  for (int j = 1; j < 16; ++j) top = lanes[j] > top ? lanes[j] : top;
  float sums[16] = {};
  for (std::int32_t i = 0; i < count; i += 16) {
    for (int j = 0; j < 16; ++j) {
      const float weight = exp2_fast(row[i + j] - top);
      row[i + j] = weight;
      sums[j] += weight;
    }
  }
  maximum = top;
  sum = sum_lanes(sums);
}

ASSAY_INLINE float rounded(float value) { return from_bf16(to_bf16(value)); }

template <bool kBf16>
ASSAY_INLINE void body(Tile& tile) {
  alignas(64) float scores[kChunk];
  const std::int32_t dim = tile.dim;
  const std::int32_t padded = padded_dim(dim);
  const std::size_t key_bytes = static_cast<std::size_t>(padded) * kBlock * (kBf16 ? 2 : 4);
  for (std::int32_t r = 0; r < tile.rows; ++r) {
    for (std::int32_t b = 0; b < tile.blocks; ++b) {
      float sums[16] = {};
      for (std::int32_t d = 0; d < dim; ++d) {
        if constexpr (kBf16) {
          const auto* pairs = reinterpret_cast<const std::uint16_t*>(tile.keys[b]) + d / 2 * 32 + d % 2;
          const float q = rounded(tile.query[r][d]);
          for (int j = 0; j < 16; ++j) sums[j] += q * from_bf16(pairs[2 * j]);
        } else {
          const auto* keys = reinterpret_cast<const float*>(tile.keys[b]) + d * 16;
          const float q = tile.query[r][d];
          for (int j = 0; j < 16; ++j) sums[j] += q * keys[j];
        }
      }
      for (int j = 0; j < 16; ++j) scores[b * 16 + j] = sums[j];
    }
    weights(scores, tile.blocks * 16, tile.visible[r], tile.scale, tile.maximum[r], tile.sum[r]);
    float* out = tile.out[r];
    for (std::int32_t d = 0; d < dim; ++d) out[d] = 0;
    for (std::int32_t b = 0; b < tile.blocks; ++b) {
      for (std::int32_t p = 0; p < 16; ++p) {
        if constexpr (kBf16) {
          const auto* values =
              reinterpret_cast<const std::uint16_t*>(tile.keys[b] + key_bytes) + p / 2 * padded * 2 + p % 2;
          const float weight = rounded(scores[b * 16 + p]);
          for (std::int32_t d = 0; d < dim; ++d) out[d] += weight * from_bf16(values[2 * d]);
        } else {
          const auto* values = reinterpret_cast<const float*>(tile.keys[b] + key_bytes) + p * padded;
          const float weight = scores[b * 16 + p];
          for (std::int32_t d = 0; d < dim; ++d) out[d] += weight * values[d];
        }
      }
    }
  }
}

// The same over a cache in int8. Scales are applied to products and weights: integers to 127 are exact in
// bfloat16. A position that is not visible takes no part, whatever scale was left there.
template <bool kBf16>
ASSAY_INLINE void body_int8(Tile& tile) {
  alignas(64) float scores[kChunk];
  const std::int32_t dim = tile.dim;
  const std::int32_t padded = padded_dim(dim);
  for (std::int32_t r = 0; r < tile.rows; ++r) {
    for (std::int32_t b = 0; b < tile.blocks; ++b) {
      const auto* keys = reinterpret_cast<const std::int8_t*>(tile.keys[b]);
      float sums[16] = {};
      for (std::int32_t d = 0; d < dim; ++d) {
        const float q = kBf16 ? rounded(tile.query[r][d]) : tile.query[r][d];
        for (int j = 0; j < 16; ++j) sums[j] += q * static_cast<float>(keys[d * 16 + j]);
      }
      const float* scales = scales_of(tile.keys[b], padded);
      for (int j = 0; j < 16; ++j) scores[b * 16 + j] = sums[j] * scales[j];
    }
    weights(scores, tile.blocks * 16, tile.visible[r], tile.scale, tile.maximum[r], tile.sum[r]);
    float* out = tile.out[r];
    for (std::int32_t d = 0; d < dim; ++d) out[d] = 0;
    for (std::int32_t i = 0; i < tile.visible[r]; ++i) {
      const std::int32_t b = i / 16, p = i % 16;
      const float scaled = scores[i] * scales_of(tile.keys[b], padded)[kBlock + p];
      const float weight = kBf16 ? rounded(scaled) : scaled;
      const auto* values = reinterpret_cast<const std::int8_t*>(tile.keys[b]) + (kBlock + p) * padded;
      for (std::int32_t d = 0; d < dim; ++d) out[d] += weight * static_cast<float>(values[d]);
    }
  }
}

ASSAY_INLINE void merge_body(float* total, float& maximum, float& sum, const float* part, float part_maximum,
                             float part_sum, std::int32_t dim) {
  const float top = part_maximum > maximum ? part_maximum : maximum;
  const float old_weight = exp2_fast(maximum - top);
  const float new_weight = exp2_fast(part_maximum - top);
  for (std::int32_t d = 0; d < dim; ++d) total[d] = total[d] * old_weight + part[d] * new_weight;
  sum = sum * old_weight + part_sum * new_weight;
  maximum = top;
}

}  // namespace assay::local::kernels::attention
