#if defined(__x86_64__)

#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "backends/local/kernels/amx.h"
#include "backends/local/kernels/attention_body.h"
#include "backends/local/kernels/attention_tile.h"

namespace assay::local::kernels::attention {
namespace {

// Queries in bfloat16, products of a chunk, and weights in bfloat16, of all rows of a tile.
struct Scratch {
  alignas(64) std::uint16_t query[kRows][kMaxDim];
  alignas(64) float scores[kRows][kChunk];
  alignas(64) std::uint16_t weight[kRows][kChunk];
};

// A block's keys, and 32 dimensions of a chunk's values, of a cache in int8: as they lie in one of bfloat16.
struct Widened {
  alignas(64) std::uint16_t keys[kMaxDim * kBlock];
  alignas(64) std::uint16_t values[kChunkBlocks][kBlock / 2][32 * 2];
};

ASSAY_AVX512_BF16 inline __m512i sixteen(const std::byte* from) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return _mm512_castps_si512(_mm512_maskz_cvtepi32_ps(0xffff, _mm512_maskz_cvtepi8_epi32(0xffff, bytes)));
}

// Pairs of bfloat16 of 16 bytes each: the upper halves of two floats. Exact.
ASSAY_AVX512_BF16 inline void widen(const std::byte* first, const std::byte* second, std::uint16_t* to) {
  const __m512i low = _mm512_maskz_srli_epi32(0xffff, sixteen(first), 16);
  const __m512i upper = _mm512_set1_epi32(static_cast<int>(0xffff0000));
  constexpr int kAndOr = 0xea;  // (first and second) or third
  _mm512_store_si512(to, _mm512_ternarylogic_epi32(sixteen(second), upper, low, kAndOr));
}

ASSAY_AVX512_BF16 inline void widen_keys(const std::byte* head, std::int32_t padded, Widened& wide) {
  for (std::int32_t d = 0; d < padded; d += 2)
    widen(head + d * kBlock, head + (d + 1) * kBlock, wide.keys + d * kBlock);
}

ASSAY_AVX512_BF16 inline void widen_values(const Tile& tile, std::int32_t padded, std::int32_t first,
                                           Widened& wide) {
  for (std::int32_t b = 0; b < tile.blocks; ++b) {
    const std::byte* from = tile.keys[b] + padded * kBlock + first;
    for (std::int32_t p = 0; p < kBlock / 2; ++p, from += 2 * padded) {
      widen(from, from + padded, wide.values[b][p]);
      widen(from + 16, from + padded + 16, wide.values[b][p] + 32);
    }
  }
}

// AMX code may call it too: what it uses is a part of what that may.
ASSAY_AVX512_BF16 inline void round_row(const float* from, std::int32_t count, std::int32_t padded,
                                        std::uint16_t* to) {
  for (std::int32_t i = 0; i < count; ++i) to[i] = to_bf16(from[i]);
  for (std::int32_t i = count; i < padded; ++i) to[i] = 0;
}

ASSAY_AVX512_BF16 inline void round_queries(const Tile& tile, std::int32_t padded, Scratch& scratch) {
  for (std::int32_t r = 0; r < tile.rows; ++r) round_row(tile.query[r], tile.dim, padded, scratch.query[r]);
}

// exp2_fast of sixteen values at most 0. The masked forms, with every lane: g++ 12 takes the others for uses
// of something uninitialised.
ASSAY_AVX512_BF16 inline __m512 exp2_of(__m512 x) {
  constexpr __mmask16 kAll = 0xffff;
  const __m512 whole = _mm512_maskz_roundscale_ps(kAll, x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  const __m512 f = _mm512_sub_ps(x, whole);
  __m512 p = _mm512_set1_ps(0.000154614447f);
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.00134004282f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.00961805668f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.0555032723f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.240226509f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.693147207f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1.0f));
  return _mm512_maskz_scalef_ps(kAll, p, whole);
}

// Of the row's products with keys i to i + 15.
template <bool kInt8>
ASSAY_AVX512_BF16 inline __m512 scaled(const Tile& tile, const float* scores, std::int32_t i) {
  const __m512 product = _mm512_mul_ps(_mm512_load_ps(scores + i), _mm512_set1_ps(tile.scale));
  if constexpr (!kInt8) return product;
  return _mm512_mul_ps(product, _mm512_load_ps(scales_of(tile.keys[i / kBlock], padded_dim(tile.dim))));
}

// weights() of attention_body.h, in bfloat16, for one row; times the scales of the values, where they have
// any.
template <bool kInt8>
ASSAY_AVX512_BF16 inline void weigh_row(const Tile& tile, const float* scores, std::int32_t seen,
                                        std::uint16_t* weight, float& maximum, float& sum) {
  const __m512 lowest = _mm512_set1_ps(-INFINITY);
  const std::int32_t whole = seen / 16 * 16;
  const auto rest = static_cast<__mmask16>((1u << (seen - whole)) - 1);
  __m512 tops = lowest;
  for (std::int32_t i = 0; i < whole; i += 16) {
    tops = _mm512_maskz_max_ps(0xffff, tops, scaled<kInt8>(tile, scores, i));
  }
  if (rest != 0) {
    tops = _mm512_mask_max_ps(tops, rest, tops, scaled<kInt8>(tile, scores, whole));
  }
  alignas(64) float lanes[16];
  _mm512_store_ps(lanes, tops);
  float top = lanes[0];
  for (int j = 1; j < 16; ++j) top = lanes[j] > top ? lanes[j] : top;
  const __m512 top_of_all = _mm512_set1_ps(top);
  __m512 sums = _mm512_setzero_ps();
  for (std::int32_t i = 0; i < tile.blocks * kBlock; i += 16) {
    const auto mask = static_cast<__mmask16>(i < whole ? 0xffff : i == whole ? rest : 0);
    const __m512 all = exp2_of(_mm512_sub_ps(scaled<kInt8>(tile, scores, i), top_of_all));
    __m512 kept = _mm512_maskz_mov_ps(mask, all);
    sums = _mm512_add_ps(sums, kept);
    if constexpr (kInt8) {
      const float* values = scales_of(tile.keys[i / kBlock], padded_dim(tile.dim)) + kBlock;
      kept = _mm512_maskz_mul_ps(mask, kept, _mm512_load_ps(values));
    }
    const __m256bh rounded = _mm512_maskz_cvtneps_pbh(0xffff, kept);
    std::memcpy(weight + i, &rounded, sizeof rounded);
  }
  _mm512_store_ps(lanes, sums);
  maximum = top;
  sum = sum_lanes(lanes);
}

template <bool kInt8>
ASSAY_AVX512_BF16 inline void weigh(Tile& tile, Scratch& scratch) {
  for (std::int32_t r = 0; r < tile.rows; ++r) {
    weigh_row<kInt8>(tile, scratch.scores[r], tile.visible[r], scratch.weight[r], tile.maximum[r],
                     tile.sum[r]);
  }
}

inline const std::uint16_t* bf16_values(const std::byte* head, std::int32_t padded) {
  return reinterpret_cast<const std::uint16_t*>(head) + padded * kBlock;
}

ASSAY_AVX512_BF16 inline __m512bh pair_at(const std::uint16_t* at) {
  int bits = 0;
  std::memcpy(&bits, at, sizeof bits);
  return (__m512bh)_mm512_set1_epi32(bits);
}

// Products of up to four rows with the 16 keys of a block.
template <int kCount>
ASSAY_AVX512_BF16 inline void dot_keys(const std::uint16_t* k, std::int32_t padded, Scratch& scratch,
                                       std::int32_t row, std::int32_t block) {
  __m512 sums[kCount];
  for (__m512& sum : sums) sum = _mm512_setzero_ps();
  for (std::int32_t d = 0; d < padded; d += 2) {
    const auto pairs = (__m512bh)_mm512_load_si512(k + d * kBlock);
    for (int r = 0; r < kCount; ++r) {
      sums[r] = _mm512_dpbf16_ps(sums[r], pair_at(&scratch.query[row + r][d]), pairs);
    }
  }
  for (int r = 0; r < kCount; ++r) _mm512_store_ps(&scratch.scores[row + r][block * kBlock], sums[r]);
}

// Weighted sums of 32 dimensions of the values, of up to four rows.
template <int kCount, bool kInt8>
ASSAY_AVX512_BF16 inline void dot_values(Tile& tile, std::int32_t padded, const Scratch& scratch,
                                         const Widened* wide, std::int32_t row, std::int32_t first) {
  const std::int32_t step = kInt8 ? 64 : 2 * padded;
  __m512 sums[kCount][2];
  for (auto& sum : sums) sum[0] = sum[1] = _mm512_setzero_ps();
  for (std::int32_t b = 0; b < tile.blocks; ++b) {
    const auto* v = kInt8 ? wide->values[b][0] : bf16_values(tile.keys[b], padded) + first * 2;
    for (std::int32_t p = 0; p < kBlock; p += 2, v += step) {
      const auto low = (__m512bh)_mm512_load_si512(v);
      const auto high = (__m512bh)_mm512_load_si512(v + 32);
      for (int r = 0; r < kCount; ++r) {
        const __m512bh pair = pair_at(&scratch.weight[row + r][b * kBlock + p]);
        sums[r][0] = _mm512_dpbf16_ps(sums[r][0], pair, low);
        sums[r][1] = _mm512_dpbf16_ps(sums[r][1], pair, high);
      }
    }
  }
  for (int r = 0; r < kCount; ++r) {
    for (int half = 0; half < 2; ++half) {
      const std::int32_t left = tile.dim - first - half * 16;
      if (left <= 0) break;
      const auto mask = static_cast<__mmask16>(left >= 16 ? 0xffff : (1 << left) - 1);
      _mm512_mask_storeu_ps(tile.out[row + r] + first + half * 16, mask, sums[r][half]);
    }
  }
}

template <bool kInt8>
ASSAY_AVX512_BF16 inline void dot_tile(Tile& tile, Widened* wide) {
  Scratch scratch;
  const std::int32_t padded = padded_dim(tile.dim);
  round_queries(tile, padded, scratch);
  for (std::int32_t b = 0; b < tile.blocks; ++b) {
    const auto* keys = reinterpret_cast<const std::uint16_t*>(tile.keys[b]);
    if constexpr (kInt8) {
      widen_keys(tile.keys[b], padded, *wide);
      keys = wide->keys;
    }
    std::int32_t r = 0;
    for (; r + 4 <= tile.rows; r += 4) dot_keys<4>(keys, padded, scratch, r, b);
    for (; r < tile.rows; ++r) dot_keys<1>(keys, padded, scratch, r, b);
  }
  weigh<kInt8>(tile, scratch);
  for (std::int32_t first = 0; first < padded; first += 32) {
    if constexpr (kInt8) widen_values(tile, padded, first, *wide);
    std::int32_t r = 0;
    for (; r + 4 <= tile.rows; r += 4) dot_values<4, kInt8>(tile, padded, scratch, wide, r, first);
    for (; r < tile.rows; ++r) dot_values<1, kInt8>(tile, padded, scratch, wide, r, first);
  }
}

// Tiles 0 to 3: sums. 4: queries, or weights. 5: keys, 32 dimensions of 16 positions. 6: values, 8 pairs of
// positions of 16 dimensions.
template <bool kInt8>
ASSAY_AMX inline void dot_amx(Tile& tile, Widened* wide) {
  Scratch scratch;
  const std::int32_t padded = padded_dim(tile.dim);
  const std::int64_t step = kInt8 ? 32 * 4 : padded * 4;  // bytes between pairs of positions
  round_queries(tile, padded, scratch);
  TileShapes shapes;
  for (int t = 0; t < 5; ++t) shapes.set(t, tile.rows, 64);
  shapes.set(5, 16, 64);
  shapes.set(6, 8, 64);
  shapes.set(7, tile.rows, 32);
  tiles_begin(shapes);
  for (std::int32_t b = 0; b < tile.blocks; ++b) {
    const auto* keys = reinterpret_cast<const std::uint16_t*>(tile.keys[b]);
    if constexpr (kInt8) {
      widen_keys(tile.keys[b], padded, *wide);
      keys = wide->keys;
    }
    ASSAY_TILE_ZERO(0);
    for (std::int32_t d = 0; d < padded; d += 32) {
      ASSAY_TILE_LOAD(4, &scratch.query[0][d], kMaxDim * 2);
      ASSAY_TILE_LOAD(5, keys + d * kBlock, 64);
      ASSAY_TILE_DOT(0, 4, 5);
    }
    ASSAY_TILE_STORE(0, &scratch.scores[0][b * kBlock], kChunk * 4);
  }
  weigh<kInt8>(tile, scratch);
  for (std::int32_t first = 0; first < padded; first += 32) {
    if constexpr (kInt8) widen_values(tile, padded, first, *wide);
    ASSAY_TILE_ZERO(0);
    ASSAY_TILE_ZERO(1);
    for (std::int32_t b = 0; b < tile.blocks; ++b) {
      const auto* values = kInt8 ? wide->values[b][0] : bf16_values(tile.keys[b], padded) + first * 2;
      ASSAY_TILE_LOAD(7, &scratch.weight[0][b * kBlock], kChunk * 2);
      ASSAY_TILE_LOAD(6, values, step);
      ASSAY_TILE_DOT(0, 7, 6);
      ASSAY_TILE_LOAD(6, values + 32, step);
      ASSAY_TILE_DOT(1, 7, 6);
    }
    alignas(64) float sums[kRows][32];
    ASSAY_TILE_STORE(0, &sums[0][0], sizeof sums[0]);
    ASSAY_TILE_STORE(1, &sums[0][16], sizeof sums[0]);
    const auto count = static_cast<std::size_t>(std::min(32, tile.dim - first));
    for (std::int32_t r = 0; r < tile.rows; ++r)
      std::memcpy(tile.out[r] + first, sums[r], count * sizeof(float));
  }
  tiles_end();
}

}  // namespace

ASSAY_AVX512_BF16 void avx512_bf16_tile(Tile& tile) { dot_tile<false>(tile, nullptr); }
ASSAY_AVX512_BF16 void avx512_bf16_int8_tile(Tile& tile) {
  Widened wide;
  dot_tile<true>(tile, &wide);
}
ASSAY_AMX void amx_tile(Tile& tile) { dot_amx<false>(tile, nullptr); }
ASSAY_AMX void amx_int8_tile(Tile& tile) {
  Widened wide;
  dot_amx<true>(tile, &wide);
}

}  // namespace assay::local::kernels::attention

#endif
