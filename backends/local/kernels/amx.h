// The tile registers of AMX. Only in functions marked ASSAY_AMX, on processors that have them. Internal to
// backends/local/kernels.
//
// Written as assembly: the compilers' own functions say nothing of the memory that they read and write, and
// g++ 12 drops the stores before them. Compilers keep nothing in tile registers.
#pragma once

#include <cstdint>

#include "backends/local/kernels/targets.h"

#if defined(__x86_64__)

#define ASSAY_AMX                                                                                            \
  __attribute__((                                                                                            \
      target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,amx-tile,amx-bf16" ASSAY_WIDE_TARGET))) \
  ASSAY_WIDE

#define ASSAY_TILE_ZERO(tile) __asm__ volatile("tilezero %%tmm" #tile ::)
#define ASSAY_TILE_LOAD(tile, from, stride)                                                               \
  __asm__ volatile("tileloadd (%0,%1,1), %%tmm" #tile ::"r"(from), "r"(static_cast<std::int64_t>(stride)) \
                   : "memory")
#define ASSAY_TILE_STORE(tile, to, stride)                                                                  \
  __asm__ volatile("tilestored %%tmm" #tile ", (%0,%1,1)" ::"r"(to), "r"(static_cast<std::int64_t>(stride)) \
                   : "memory")
// sums += a * b, of pairs of bfloat16.
#define ASSAY_TILE_DOT(sums, a, b) __asm__ volatile("tdpbf16ps %%tmm" #b ", %%tmm" #a ", %%tmm" #sums ::)

namespace assay::local::kernels {

struct alignas(64) TileShapes {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t bytes[16] = {};  // of a row
  std::uint8_t rows[16] = {};

  void set(int tile, int tile_rows, int row_bytes) {
    rows[tile] = static_cast<std::uint8_t>(tile_rows);
    bytes[tile] = static_cast<std::uint16_t>(row_bytes);
  }
};

ASSAY_AMX inline void tiles_begin(const TileShapes& shapes) {
  __asm__ volatile("ldtilecfg %0" ::"m"(shapes) : "memory");
}
// Tiles in their initial state cost nothing when threads are switched.
ASSAY_AMX inline void tiles_end() { __asm__ volatile("tilerelease" ::: "memory"); }

}  // namespace assay::local::kernels

#endif
