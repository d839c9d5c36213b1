// The rows of elementwise.h, one body for every instruction set. Internal to backends/local/kernels.
#pragma once

#include <cmath>
#include <cstdint>

#include "backends/local/kernels/targets.h"
#include "backends/local/kernels/vector_math.h"

namespace assay::local::kernels::rows {

inline constexpr std::int64_t kLanes = 16;

// 1 / sqrt(mean(x^2) + eps): sixteen sums side by side, then one.
ASSAY_INLINE float inverse_rms(const float* x, std::int64_t width, float eps) {
  float lanes[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= width; i += kLanes) {
    for (std::int64_t j = 0; j < kLanes; ++j) lanes[j] += x[i + j] * x[i + j];
  }
  for (std::int64_t j = 0; i + j < width; ++j) lanes[j] += x[i + j] * x[i + j];
  return 1.0f / std::sqrt(sum_lanes(lanes) / static_cast<float>(width) + eps);
}

ASSAY_INLINE void rms_norm(const float* x, std::int64_t width, const float* weight, float eps, float* y) {
  const float scale = inverse_rms(x, width, eps);
  for (std::int64_t i = 0; i < width; ++i) y[i] = x[i] * scale * weight[i];
}

ASSAY_INLINE void rope(float* x, std::int64_t heads, std::int64_t pairs, const float* cosines,
                       const float* sines, const float* norm_weight, float eps) {
  for (std::int64_t h = 0; h < heads; ++h, x += 2 * pairs) {
    if (norm_weight != nullptr) rms_norm(x, 2 * pairs, norm_weight, eps, x);
    float* __restrict low = x;
    float* __restrict high = x + pairs;
    for (std::int64_t i = 0; i < pairs; ++i) {
      const float a = low[i];
      const float b = high[i];
      low[i] = a * cosines[i] - b * sines[i];
      high[i] = b * cosines[i] + a * sines[i];
    }
  }
}

ASSAY_INLINE void silu_mul(const float* gate, const float* up, std::int64_t width, float* y) {
  for (std::int64_t i = 0; i < width; ++i) y[i] = silu(gate[i]) * up[i];
}

}  // namespace assay::local::kernels::rows
