#if defined(__x86_64__)

#include <immintrin.h>

#include <algorithm>

#include "backends/local/kernels/amx.h"
#include "backends/local/kernels/gemm.h"

namespace assay::local::kernels::gemm {
namespace {

constexpr std::int64_t kTileRows = 16;
constexpr std::int64_t kTileBytes = 1024;

// Sums are tiles 0, 1 (rows of the upper half by columns), 2, 3 (lower); activations 4, 5; weights 6, 7.
ASSAY_AMX void shape_tiles(std::int64_t upper, std::int64_t lower) {
  TileShapes shapes;
  for (const int tile : {0, 1, 4}) shapes.set(tile, static_cast<int>(upper), 64);
  for (const int tile : {2, 3, 5}) shapes.set(tile, static_cast<int>(std::max<std::int64_t>(lower, 1)), 64);
  for (const int tile : {6, 7}) shapes.set(tile, 16, 64);
  tiles_begin(shapes);
}

// Weights are asked for four tiles ahead in each of the two streams, over the end of a panel into the next
// one. That is done once a panel: by the first block of rows.
ASSAY_AMX inline void fetch(const char* w, std::int64_t half, std::int64_t tile) {
  constexpr std::int64_t kAhead = 4;
  const char* const at = w + (tile + kAhead) * kTileBytes + (tile + kAhead < half / kTileBytes ? 0 : half);
  for (std::int64_t line = 0; line < kTileBytes; line += 64) {
    _mm_prefetch(at + line, _MM_HINT_T0);
    _mm_prefetch(at + half + line, _MM_HINT_T0);
  }
}

// Up to 16 rows of a panel whose halves are `half` bytes long.
ASSAY_AMX inline void one_tile_row(const char* x, std::int64_t x_bytes, const char* w, std::int64_t half,
                                   bool first) {
  ASSAY_TILE_ZERO(0);
  ASSAY_TILE_ZERO(1);
  for (std::int64_t tile = 0; tile < half / kTileBytes; ++tile) {
    if (first) fetch(w, half, tile);
    const char* const at = w + tile * kTileBytes;
    ASSAY_TILE_LOAD(4, x + tile * 64, x_bytes);
    ASSAY_TILE_LOAD(6, at, 64);
    ASSAY_TILE_DOT(0, 4, 6);
    ASSAY_TILE_LOAD(7, at + half, 64);
    ASSAY_TILE_DOT(1, 4, 7);
  }
}

// 17 to 32 rows.
ASSAY_AMX inline void two_tile_rows(const char* x, std::int64_t x_bytes, const char* w, std::int64_t half,
                                    bool first) {
  ASSAY_TILE_ZERO(0);
  ASSAY_TILE_ZERO(1);
  ASSAY_TILE_ZERO(2);
  ASSAY_TILE_ZERO(3);
  const char* const lower = x + kTileRows * x_bytes;
  for (std::int64_t tile = 0; tile < half / kTileBytes; ++tile) {
    if (first) fetch(w, half, tile);
    const char* const at = w + tile * kTileBytes;
    ASSAY_TILE_LOAD(4, x + tile * 64, x_bytes);
    ASSAY_TILE_LOAD(6, at, 64);
    ASSAY_TILE_DOT(0, 4, 6);
    ASSAY_TILE_LOAD(7, at + half, 64);
    ASSAY_TILE_DOT(1, 4, 7);
    ASSAY_TILE_LOAD(5, lower + tile * 64, x_bytes);
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

}  // namespace

ASSAY_AMX void amx_bf16(const Job& job, std::int64_t row, std::int64_t row_end, std::int64_t panel,
                        std::int64_t panel_end) {
  const auto* x = static_cast<const char*>(job.x);
  const std::int64_t x_bytes = job.ldx * 2;
  const std::int64_t half = job.depth / kDepth * kTileBytes;
  std::int64_t shaped_upper = -1;
  std::int64_t shaped_lower = -1;
  for (std::int64_t p = panel; p < panel_end; ++p) {
    const char* w = static_cast<const char*>(job.w) + p * 2 * half;
    const bool direct = job.bias == nullptr && !job.add && (p + 1) * kPanel <= job.outputs;
    for (std::int64_t r = row; r < row_end; r += 2 * kTileRows) {
      const std::int64_t upper = std::min(kTileRows, row_end - r);
      const std::int64_t lower = std::min(kTileRows, row_end - r - upper);
      if (upper != shaped_upper || lower != shaped_lower) {
        shape_tiles(upper, lower);
        shaped_upper = upper;
        shaped_lower = lower;
      }
      if (lower > 0) {
        two_tile_rows(x + r * x_bytes, x_bytes, w, half, r == row);
      } else {
        one_tile_row(x + r * x_bytes, x_bytes, w, half, r == row);
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
