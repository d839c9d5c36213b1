#if defined(__x86_64__)

#include <immintrin.h>

#include "backends/local/kernels/gemm.h"
#include "backends/local/kernels/targets.h"

namespace assay::local::kernels::gemm {
namespace {

constexpr int kVectors = 4;            // of a panel's 32 columns
constexpr std::int64_t kAhead = 4096;  // bytes: what is fetched while this is worked on

// kRows rows of one panel. Sums are over k in order, product by product.
template <int kRows>
ASSAY_AVX2 inline void f32_rows(const Job& job, std::int64_t row, std::int64_t panel) {
  const float* x = static_cast<const float*>(job.x) + row * job.ldx;
  const float* w = static_cast<const float*>(job.w) + panel * kPanel * job.depth;
  __m256 sums[kRows][kVectors];
  for (auto& of_row : sums) {
    for (__m256& sum : of_row) sum = _mm256_setzero_ps();
  }
  for (std::int64_t k = 0; k < job.depth; ++k, w += kPanel) {
    _mm_prefetch(reinterpret_cast<const char*>(w) + kAhead, _MM_HINT_T0);
    _mm_prefetch(reinterpret_cast<const char*>(w) + kAhead + 64, _MM_HINT_T0);
    for (int v = 0; v < kVectors; ++v) {
      const __m256 weights = _mm256_load_ps(w + v * 8);
      for (int r = 0; r < kRows; ++r) {
        sums[r][v] = _mm256_fmadd_ps(_mm256_broadcast_ss(x + r * job.ldx + k), weights, sums[r][v]);
      }
    }
  }
  for (int r = 0; r < kRows; ++r) {
    alignas(32) float out[kPanel];
    for (int v = 0; v < kVectors; ++v) _mm256_store_ps(out + v * 8, sums[r][v]);
    finish(job, row + r, panel, out);
  }
}

template <int kRows>
ASSAY_AVX2 inline void bf16_rows(const Job& job, std::int64_t row, std::int64_t panel) {
  const std::uint16_t* x = static_cast<const std::uint16_t*>(job.x) + row * job.ldx;
  const std::uint16_t* w = static_cast<const std::uint16_t*>(job.w) + panel * kPanel * job.depth;
  const __m256i upper = _mm256_set1_epi32(static_cast<int>(0xffff0000u));
  __m256 sums[kRows][kVectors];
  for (auto& of_row : sums) {
    for (__m256& sum : of_row) sum = _mm256_setzero_ps();
  }
  for (std::int64_t k = 0; k < job.depth; k += 2) {
    const std::uint16_t* pairs = w + bf16_index(0, k, job.depth);
    _mm_prefetch(reinterpret_cast<const char*>(pairs) + kAhead, _MM_HINT_T0);
    _mm_prefetch(reinterpret_cast<const char*>(pairs + 16 * job.depth) + kAhead, _MM_HINT_T0);
    for (int v = 0; v < kVectors; ++v) {
      const auto* from = reinterpret_cast<const __m256i*>(pairs + v / 2 * 16 * job.depth + v % 2 * 16);
      const __m256i both = _mm256_load_si256(from);
      const __m256 even = _mm256_castsi256_ps(_mm256_slli_epi32(both, 16));
      const __m256 odd = _mm256_castsi256_ps(_mm256_and_si256(both, upper));
      for (int r = 0; r < kRows; ++r) {
        const __m256i pair = _mm256_set1_epi32(*reinterpret_cast<const int*>(x + r * job.ldx + k));
        const __m256 x_even = _mm256_castsi256_ps(_mm256_slli_epi32(pair, 16));
        const __m256 x_odd = _mm256_castsi256_ps(_mm256_and_si256(pair, upper));
        sums[r][v] = _mm256_fmadd_ps(x_even, even, sums[r][v]);
        sums[r][v] = _mm256_fmadd_ps(x_odd, odd, sums[r][v]);
      }
    }
  }
  for (int r = 0; r < kRows; ++r) {
    alignas(32) float out[kPanel];
    for (int v = 0; v < kVectors; ++v) _mm256_store_ps(out + v * 8, sums[r][v]);
    finish(job, row + r, panel, out);
  }
}

}  // namespace

ASSAY_AVX2 void avx2_f32(const Job& job, std::int64_t row, std::int64_t row_end, std::int64_t panel,
                         std::int64_t panel_end) {
  for (std::int64_t p = panel; p < panel_end; ++p) {
    std::int64_t r = row;
    for (; r + 3 <= row_end; r += 3) f32_rows<3>(job, r, p);
    if (row_end - r == 2) f32_rows<2>(job, r, p);
    if (row_end - r == 1) f32_rows<1>(job, r, p);
  }
}

ASSAY_AVX2 void avx2_bf16(const Job& job, std::int64_t row, std::int64_t row_end, std::int64_t panel,
                          std::int64_t panel_end) {
  for (std::int64_t p = panel; p < panel_end; ++p) {
    std::int64_t r = row;
    for (; r + 2 <= row_end; r += 2) bf16_rows<2>(job, r, p);
    if (r < row_end) bf16_rows<1>(job, r, p);
  }
}

}  // namespace assay::local::kernels::gemm

#endif
