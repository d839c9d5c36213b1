// Random inputs for kernels.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "backends/local/kernels/bf16.h"
#include "harness/base/rng.h"

namespace assay::local::kernels::test {

inline float uniform(Rng& rng) { return static_cast<float>(rng.unit() * 2.0 - 1.0); }

// In [-1, 1) times scale.
inline std::vector<float> random_floats(std::uint64_t seed, std::int64_t count, float scale = 1.0f) {
  Rng rng(seed);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = uniform(rng) * scale;
  return values;
}

inline float rounded(float value) { return from_bf16(to_bf16(value)); }

}  // namespace assay::local::kernels::test
