#include "backends/local/kernels/bf16.h"
#include "backends/local/kernels/gemm.h"

namespace assay::local::kernels::gemm {
void plain_f32(const Job& job, std::int64_t row, std::int64_t row_end, std::int64_t panel,
               std::int64_t panel_end) {
  for (std::int64_t p = panel; p < panel_end; ++p) {
    for (std::int64_t i = row; i < row_end; ++i) {
      const float* x = static_cast<const float*>(job.x) + i * job.ldx;
      const float* w = static_cast<const float*>(job.w) + p * kPanel * job.depth;
      float sums[kPanel] = {};
      for (std::int64_t k = 0; k < job.depth; ++k, w += kPanel) {
        for (std::int64_t n = 0; n < kPanel; ++n) sums[n] += x[k] * w[n];
      }
      finish(job, i, p, sums);
    }
  }
}

void plain_bf16(const Job& job, std::int64_t row, std::int64_t row_end, std::int64_t panel,
                std::int64_t panel_end) {
  for (std::int64_t p = panel; p < panel_end; ++p) {
    for (std::int64_t i = row; i < row_end; ++i) {
      const std::uint16_t* x = static_cast<const std::uint16_t*>(job.x) + i * job.ldx;
      const std::uint16_t* w = static_cast<const std::uint16_t*>(job.w) + p * kPanel * job.depth;
      float sums[kPanel] = {};
      for (std::int64_t k = 0; k < job.depth; k += 2) {
        const std::uint16_t* pairs = w + bf16_index(0, k, job.depth);
        const float even = from_bf16(x[k]);
        const float odd = from_bf16(x[k + 1]);
        for (std::int64_t n = 0; n < kPanel; ++n) {
          const std::uint16_t* pair = pairs + n / 16 * 16 * job.depth + n % 16 * 2;
          sums[n] += even * from_bf16(pair[0]);
          sums[n] += odd * from_bf16(pair[1]);
        }
      }
      finish(job, i, p, sums);
    }
  }
}

}  // namespace assay::local::kernels::gemm
