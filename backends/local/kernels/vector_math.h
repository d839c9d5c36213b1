// Functions without branches, that a compiler vectorises in a loop. Internal to backends/local/kernels.
#pragma once

#include <bit>
#include <cstdint>

#include "backends/local/kernels/targets.h"

namespace assay::local::kernels {

// 2^x for x <= 127.4, within 2e-7 relatively; 0 below 2^-126.5. A NaN stays one.
// x = n + f with n whole: 2^f by a polynomial of degree 6 through the Chebyshev nodes of [-0.5, 0.5] (2.5e-9
// off).
ASSAY_INLINE float exp2_fast(float x) {
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: the sum's last bit is worth 1
  const float clamped = x < -127.0f ? -127.0f : x;
  const float shifted = clamped + kRound;
  const float f = clamped - (shifted - kRound);
  float p = 0.000154614447f;
  p = p * f + 0.00134004282f;
  p = p * f + 0.00961805668f;
  p = p * f + 0.0555032723f;
  p = p * f + 0.240226509f;
  p = p * f + 0.693147207f;
  p = p * f + 1.0f;
  const std::uint32_t exponent =
      std::bit_cast<std::uint32_t>(shifted) - std::bit_cast<std::uint32_t>(kRound) + 127u;
  return p * std::bit_cast<float>(exponent << 23);
}

inline constexpr float kLog2E = 1.44269504088896340736f;

// x / (1 + e^-x), for any x: e^-x is cut off at 2^126, where the result is below the smallest normal number's
// rounding.
ASSAY_INLINE float silu(float x) {
  const float power = -kLog2E * x;
  return x / (1.0f + exp2_fast(power > 126.0f ? 126.0f : power));
}

// The sum of 16 lanes in one fixed order.
ASSAY_INLINE float sum_lanes(const float* lanes) {
  float eight[8];
  for (int i = 0; i < 8; ++i) eight[i] = lanes[i] + lanes[i + 8];
  const float a = (eight[0] + eight[4]) + (eight[2] + eight[6]);
  const float b = (eight[1] + eight[5]) + (eight[3] + eight[7]);
  return a + b;
}

}  // namespace assay::local::kernels
