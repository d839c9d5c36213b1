// How PackedMatrix lays out weights, and the kernels over it: internal to backends/local/kernels.
//
// Columns of y (rows of W) go in panels of 32, the last one filled up with zeros. A panel of
//   f32 is [k][32] floats, k as it is;
//   bf16 is [2][k / 32][16][16][2]: two halves of 16 columns, each of tiles of 32 k: 16 rows of pairs (even
//     k, odd k). One row of a tile is a vector register for VDPBF16PS, a tile is what TDPBF16PS takes. k is
//     filled up with zeros to a multiple of 32. Two halves apart are two streams from memory: where
//     arithmetic takes its share of the time (17 rows and more), one was measured to be a quarter slower.
#pragma once

#include <cstdint>

#include "backends/local/kernels/isa.h"
#include "backends/local/kernels/targets.h"

namespace assay::local::kernels::gemm {

inline constexpr std::int64_t kPanel = 32;
inline constexpr std::int64_t kDepth = 32;  // of k, in bf16

inline std::int64_t round_up(std::int64_t value, std::int64_t to) { return (value + to - 1) / to * to; }

// Where W[n][k] lies in a bf16 matrix of padded depth, in elements.
inline std::int64_t bf16_index(std::int64_t n, std::int64_t k, std::int64_t depth) {
  const std::int64_t panel = n / kPanel;
  const std::int64_t column = n % kPanel;
  return panel * kPanel * depth + column / 16 * 16 * depth + k / kDepth * 512 + k % kDepth / 2 * 32 +
         column % 16 * 2 + k % 2;
}

inline std::int64_t f32_index(std::int64_t n, std::int64_t k, std::int64_t depth) {
  return n / kPanel * kPanel * depth + k * kPanel + n % kPanel;
}

struct Job {
  const void* x = nullptr;  // float, or bfloat16 whose rows are filled up with zeros to the depth
  std::int64_t ldx = 0;     // elements
  const void* w = nullptr;
  std::int64_t depth = 0;  // of a panel: k, padded for bf16
  std::int64_t outputs = 0;
  float* y = nullptr;
  std::int64_t ldy = 0;
  const float* bias = nullptr;
  bool add = false;  // to y
};

// One row of one panel to y: sums of 32 columns, bias and what is there added.
ASSAY_INLINE void finish(const Job& job, std::int64_t row, std::int64_t panel, const float* sums) {
  const std::int64_t first = panel * kPanel;
  const std::int64_t count = job.outputs - first < kPanel ? job.outputs - first : kPanel;
  float* to = job.y + row * job.ldy + first;
  for (std::int64_t i = 0; i < count; ++i) {
    const float sum = job.bias != nullptr ? sums[i] + job.bias[first + i] : sums[i];
    to[i] = job.add ? to[i] + sum : sum;
  }
}

// Rows [row, row_end) of panels [panel, panel_end). x and y point at row 0.
using Kernel = void (*)(const Job& job, std::int64_t row, std::int64_t row_end, std::int64_t panel,
                        std::int64_t panel_end);

void plain_f32(const Job& job, std::int64_t row, std::int64_t row_end, std::int64_t panel,
               std::int64_t panel_end);
void plain_bf16(const Job& job, std::int64_t row, std::int64_t row_end, std::int64_t panel,
                std::int64_t panel_end);
#if defined(__x86_64__)
void avx2_f32(const Job& job, std::int64_t row, std::int64_t row_end, std::int64_t panel,
              std::int64_t panel_end);
void avx2_bf16(const Job& job, std::int64_t row, std::int64_t row_end, std::int64_t panel,
               std::int64_t panel_end);
void avx512_f32(const Job& job, std::int64_t row, std::int64_t row_end, std::int64_t panel,
                std::int64_t panel_end);
void avx512_bf16(const Job& job, std::int64_t row, std::int64_t row_end, std::int64_t panel,
                 std::int64_t panel_end);
void avx512_dot_bf16(const Job& job, std::int64_t row, std::int64_t row_end, std::int64_t panel,
                     std::int64_t panel_end);
void amx_bf16(const Job& job, std::int64_t row, std::int64_t row_end, std::int64_t panel,
              std::int64_t panel_end);
#endif

Kernel kernel(Isa isa, Precision precision);

// count floats to bfloat16, round to nearest even.
void round_bf16(Isa isa, const float* from, std::int64_t count, std::uint16_t* to);

}  // namespace assay::local::kernels::gemm
