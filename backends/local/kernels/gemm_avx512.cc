#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>

#include "backends/local/kernels/gemm.h"
#include "backends/local/kernels/targets.h"

namespace assay::local::kernels::gemm {
namespace {

constexpr std::int64_t kAhead = 4096;  // bytes: what is fetched while this is worked on

ASSAY_AVX512 inline void fetch(const void* at, std::int64_t second) {
  _mm_prefetch(static_cast<const char*>(at) + kAhead, _MM_HINT_T0);
  _mm_prefetch(static_cast<const char*>(at) + kAhead + second, _MM_HINT_T0);
}

template <int kRows>
ASSAY_AVX512 inline void finish_rows(const Job& job, std::int64_t row, std::int64_t panel,
                                     __m512 (&sums)[kRows][2]) {
  const std::int64_t first = panel * kPanel;
  const std::int64_t columns = job.outputs - first;
  for (int v = 0; v < 2; ++v) {
    const std::int64_t left = columns - v * 16;
    if (left <= 0) return;
    const auto mask = static_cast<__mmask16>(left >= 16 ? 0xffff : (1 << left) - 1);
    for (int r = 0; r < kRows; ++r) {
      float* to = job.y + (row + r) * job.ldy + first + v * 16;
      __m512 sum = sums[r][v];
      if (job.bias != nullptr)
        sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(mask, job.bias + first + v * 16));
      if (job.add) sum = _mm512_add_ps(_mm512_maskz_loadu_ps(mask, to), sum);
      _mm512_mask_storeu_ps(to, mask, sum);
    }
  }
}

template <int kRows>
ASSAY_AVX512 inline void f32_rows(const Job& job, std::int64_t row, std::int64_t panel) {
  const float* x = static_cast<const float*>(job.x) + row * job.ldx;
  const float* w = static_cast<const float*>(job.w) + panel * kPanel * job.depth;
  __m512 sums[kRows][2];
  for (auto& of_row : sums) of_row[0] = of_row[1] = _mm512_setzero_ps();
  for (std::int64_t k = 0; k < job.depth; ++k, w += kPanel) {
    fetch(w, 64);
    const __m512 low = _mm512_load_ps(w);
    const __m512 high = _mm512_load_ps(w + 16);
    for (int r = 0; r < kRows; ++r) {
      const __m512 value = _mm512_set1_ps(x[r * job.ldx + k]);
      sums[r][0] = _mm512_fmadd_ps(value, low, sums[r][0]);
      sums[r][1] = _mm512_fmadd_ps(value, high, sums[r][1]);
    }
  }
  finish_rows(job, row, panel, sums);
}

ASSAY_AVX512 inline __m512i pair_of(const std::uint16_t* x) {
  int bits = 0;
  std::memcpy(&bits, x, sizeof bits);
  return _mm512_set1_epi32(bits);
}

// The masked form, with every lane: g++ 12 takes the plain one for a use of something uninitialised.
ASSAY_AVX512 inline __m512 first_of(__m512i pairs) {
  return _mm512_castsi512_ps(_mm512_maskz_slli_epi32(0xffff, pairs, 16));
}

// Without VDPBF16PS: a bfloat16 is a float once shifted.
template <int kRows>
ASSAY_AVX512 inline void bf16_rows(const Job& job, std::int64_t row, std::int64_t panel) {
  const std::uint16_t* x = static_cast<const std::uint16_t*>(job.x) + row * job.ldx;
  const std::uint16_t* w = static_cast<const std::uint16_t*>(job.w) + panel * kPanel * job.depth;
  const __m512i upper = _mm512_set1_epi32(static_cast<int>(0xffff0000u));
  __m512 sums[kRows][2];
  for (auto& of_row : sums) of_row[0] = of_row[1] = _mm512_setzero_ps();
  for (std::int64_t k = 0; k < job.depth; k += 2) {
    const std::uint16_t* pairs = w + bf16_index(0, k, job.depth);
    fetch(pairs, 32 * job.depth);
    __m512 even[2];
    __m512 odd[2];
    for (int v = 0; v < 2; ++v) {
      const __m512i both = _mm512_load_si512(pairs + v * 16 * job.depth);
      even[v] = first_of(both);
      odd[v] = _mm512_castsi512_ps(_mm512_and_si512(both, upper));
    }
    for (int r = 0; r < kRows; ++r) {
      const __m512i pair = pair_of(x + r * job.ldx + k);
      const __m512 x_even = first_of(pair);
      const __m512 x_odd = _mm512_castsi512_ps(_mm512_and_si512(pair, upper));
      for (int v = 0; v < 2; ++v) {
        sums[r][v] = _mm512_fmadd_ps(x_even, even[v], sums[r][v]);
        sums[r][v] = _mm512_fmadd_ps(x_odd, odd[v], sums[r][v]);
      }
    }
  }
  finish_rows(job, row, panel, sums);
}

template <int kRows>
ASSAY_AVX512_BF16 inline void dot_rows(const Job& job, std::int64_t row, std::int64_t panel) {
  const std::uint16_t* x = static_cast<const std::uint16_t*>(job.x) + row * job.ldx;
  const std::uint16_t* w = static_cast<const std::uint16_t*>(job.w) + panel * kPanel * job.depth;
  __m512 sums[kRows][2];
  for (auto& of_row : sums) of_row[0] = of_row[1] = _mm512_setzero_ps();
  for (std::int64_t k = 0; k < job.depth; k += 2, w += 32) {
    fetch(w, 32 * job.depth);
    const auto low = (__m512bh)_mm512_load_si512(w);
    const auto high = (__m512bh)_mm512_load_si512(w + 16 * job.depth);
    for (int r = 0; r < kRows; ++r) {
      const auto pair = (__m512bh)pair_of(x + r * job.ldx + k);
      sums[r][0] = _mm512_dpbf16_ps(sums[r][0], pair, low);
      sums[r][1] = _mm512_dpbf16_ps(sums[r][1], pair, high);
    }
  }
  finish_rows(job, row, panel, sums);
}

}  // namespace

// All rows of a panel, as many at a time as registers hold sums for, then what is left over.
#define ASSAY_ALL_ROWS(function)                                \
  for (std::int64_t p = panel; p < panel_end; ++p) {            \
    std::int64_t r = row;                                       \
    for (; r + 12 <= row_end; r += 12) function<12>(job, r, p); \
    for (; r + 8 <= row_end; r += 8) function<8>(job, r, p);    \
    for (; r + 4 <= row_end; r += 4) function<4>(job, r, p);    \
    for (; r + 2 <= row_end; r += 2) function<2>(job, r, p);    \
    for (; r < row_end; ++r) function<1>(job, r, p);            \
  }

ASSAY_AVX512 void avx512_f32(const Job& job, std::int64_t row, std::int64_t row_end, std::int64_t panel,
                             std::int64_t panel_end){ASSAY_ALL_ROWS(f32_rows)}

ASSAY_AVX512 void avx512_bf16(const Job& job, std::int64_t row, std::int64_t row_end, std::int64_t panel,
                              std::int64_t panel_end){ASSAY_ALL_ROWS(bf16_rows)}

ASSAY_AVX512_BF16 void avx512_dot_bf16(const Job& job, std::int64_t row, std::int64_t row_end,
                                       std::int64_t panel, std::int64_t panel_end) {
  ASSAY_ALL_ROWS(dot_rows)
}
#undef ASSAY_ALL_ROWS

}  // namespace assay::local::kernels::gemm

#endif
