#if defined(__x86_64__)

#include <immintrin.h>

#include <algorithm>

#include "backends/local/kernels/amx.h"
#include "backends/local/kernels/gemm.h"

namespace assay::local::kernels::gemm {
namespace {

constexpr std::int64_t kTileRows = 16;
constexpr std::int64_t kGroupBytes = kPanel * kDepth * 2;  // of 32 k of a panel: two tiles

// Sums are tiles 0, 1 (rows of the upper half by columns), 2, 3 (lower); activations 4, 5; weights 6, 7.
ASSAY_AMX void shape_tiles(std::int64_t upper, std::int64_t lower) {
  TileShapes shapes;
  for (const int tile : {0, 1, 4}) shapes.set(tile, static_cast<int>(upper), 64);
  for (const int tile : {2, 3, 5}) shapes.set(tile, static_cast<int>(std::max<std::int64_t>(lower, 1)), 64);
  for (const int tile : {6, 7}) shapes.set(tile, 16, 64);
  tiles_begin(shapes);
}

// Which lines of weights to ask for while a group is worked on: what comes soon, where all rows are in one block,
// and otherwise each block's share of the next panel. Weights then come from memory once, while tiles are busy.
struct Ahead {
  std::int64_t bytes = 0;
  std::int64_t line = 0;
  std::int64_t end = kGroupBytes / 64;
  bool near = true;  // to the first-level cache

  ASSAY_AMX void fetch(const char* w) const {
    const char* const at = w + bytes;
    if (near) {
      for (std::int64_t i = line; i < end; ++i) _mm_prefetch(at + i * 64, _MM_HINT_T0);
    } else {
      for (std::int64_t i = line; i < end; ++i) _mm_prefetch(at + i * 64, _MM_HINT_T1);
    }
  }
};

// Up to 16 rows of a panel.
ASSAY_AMX inline void one_tile_row(const char* x, std::int64_t x_bytes, const char* w, std::int64_t groups,
                                   const Ahead& ahead) {
  ASSAY_TILE_ZERO(0);
  ASSAY_TILE_ZERO(1);
  for (std::int64_t g = 0; g < groups; ++g, w += kGroupBytes, x += 64) {
    ahead.fetch(w);
    ASSAY_TILE_LOAD(4, x, x_bytes);
    ASSAY_TILE_LOAD(6, w, 64);
    ASSAY_TILE_DOT(0, 4, 6);
    ASSAY_TILE_LOAD(7, w + 1024, 64);
    ASSAY_TILE_DOT(1, 4, 7);
  }
}

// 17 to 32 rows.
ASSAY_AMX inline void two_tile_rows(const char* x, std::int64_t x_bytes, const char* w, std::int64_t groups,
                                    const Ahead& ahead) {
  ASSAY_TILE_ZERO(0);
  ASSAY_TILE_ZERO(1);
  ASSAY_TILE_ZERO(2);
  ASSAY_TILE_ZERO(3);
  const char* lower = x + kTileRows * x_bytes;
  for (std::int64_t g = 0; g < groups; ++g, w += kGroupBytes, x += 64, lower += 64) {
    ahead.fetch(w);
    ASSAY_TILE_LOAD(4, x, x_bytes);
    ASSAY_TILE_LOAD(6, w, 64);
    ASSAY_TILE_DOT(0, 4, 6);
    ASSAY_TILE_LOAD(7, w + 1024, 64);
    ASSAY_TILE_DOT(1, 4, 7);
    ASSAY_TILE_LOAD(5, lower, x_bytes);
    ASSAY_TILE_DOT(2, 5, 6);
    ASSAY_TILE_DOT(3, 5, 7);
  }
}

ASSAY_AMX inline void store(float* to, std::int64_t stride_bytes, bool lower) {
  ASSAY_TILE_STORE(0, to, stride_bytes);
  ASSAY_TILE_STORE(1, to + 16, stride_bytes);
  if (!lower) return;
  float* below = to + kTileRows * (stride_bytes / 4);
  ASSAY_TILE_STORE(2, below, stride_bytes);
  ASSAY_TILE_STORE(3, below + 16, stride_bytes);
}

Ahead ahead_of(std::int64_t block, std::int64_t blocks, std::int64_t groups) {
  constexpr std::int64_t kLines = kGroupBytes / 64;
  if (blocks == 1) return {4 * kGroupBytes, 0, kLines, true};
  return {groups * kGroupBytes, kLines * block / blocks, kLines * (block + 1) / blocks, false};
}

}  // namespace

ASSAY_AMX void amx_bf16(const Job& job, std::int64_t row, std::int64_t row_end, std::int64_t panel,
                        std::int64_t panel_end) {
  const auto* x = static_cast<const char*>(job.x);
  const std::int64_t x_bytes = job.ldx * 2;
  const std::int64_t groups = job.depth / kDepth;
  const std::int64_t blocks = (row_end - row + 2 * kTileRows - 1) / (2 * kTileRows);
  std::int64_t shaped_upper = -1;
  std::int64_t shaped_lower = -1;
  for (std::int64_t p = panel; p < panel_end; ++p) {
    const char* w = static_cast<const char*>(job.w) + p * groups * kGroupBytes;
    const bool direct = job.bias == nullptr && !job.add && (p + 1) * kPanel <= job.outputs;
    for (std::int64_t r = row; r < row_end; r += 2 * kTileRows) {
      const std::int64_t upper = std::min(kTileRows, row_end - r);
      const std::int64_t lower = std::min(kTileRows, row_end - r - upper);
      if (upper != shaped_upper || lower != shaped_lower) {
        shape_tiles(upper, lower);
        shaped_upper = upper;
        shaped_lower = lower;
      }
      const Ahead ahead = ahead_of((r - row) / (2 * kTileRows), blocks, groups);
      if (lower > 0) {
        two_tile_rows(x + r * x_bytes, x_bytes, w, groups, ahead);
      } else {
        one_tile_row(x + r * x_bytes, x_bytes, w, groups, ahead);
      }
      if (direct) {
        store(job.y + r * job.ldy + p * kPanel, job.ldy * 4, lower > 0);
        continue;
      }
      alignas(64) float sums[2 * kTileRows * kPanel];
      store(sums, kPanel * 4, lower > 0);
      for (std::int64_t i = 0; i < upper + lower; ++i) finish(job, r + i, p, sums + i * kPanel);
    }
  }
  tiles_end();
}

}  // namespace assay::local::kernels::gemm

#endif
