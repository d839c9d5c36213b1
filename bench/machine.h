// What the machine can do, measured: bytes read a second, and floating-point operations a second of the
// instructions that the kernels of local models use. Header only: every bench is one source.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#include "backends/local/kernels/amx.h"
#include "backends/local/kernels/buffer.h"
#include "backends/local/kernels/isa.h"
#include "backends/local/kernels/targets.h"
#include "backends/local/kernels/team.h"

namespace assay::bench {

using local::kernels::Isa;
using local::kernels::Team;

inline double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// The best of `tries` tries, each of as many calls as take `least` seconds, after one call to warm up.
template <typename Run>
double best_seconds(int tries, double least, Run&& run) {
  run();
  double best = 1e30;
  for (int i = 0; i < tries; ++i) {
    const double start = seconds_now();
    double now = start;
    int calls = 0;
    do {
      const double before = now;
      run();
      ++calls;
      now = seconds_now();
      best = std::min(best, now - before);
    } while (now - start < least);
    if (calls > 1) best = std::min(best, (now - start) / calls);
  }
  return best;
}

// Read in turn, this much is not in a cache of the processor's own.
inline constexpr std::size_t kColdBytes = std::size_t{256} << 20;

struct Machine {
  double read_bytes = 0;  // a second
  double f32_flops = 0;
  double bf16_flops = 0;  // of the fastest instruction for them
};

// The loops are assembly, of enough independent sums, so that no compiler makes less or more of them.
#if defined(__x86_64__)
#define ASSAY_SUMS_24(instruction, width)                                                          \
  ".irp r,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23\n" instruction " %%" width \
  "30, %%" width "31, %%" width "\\r\n.endr\n"
// Nothing that a register held before may slow down the sums.
#define ASSAY_CLEAR_24                                                                                      \
  ".irp r,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,30,31\nvpxord %%zmm\\r, %%zmm\\r, " \
  "%%zmm\\r\n.endr\n"
#define ASSAY_CLOBBERED                                                                                      \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", \
      "xmm13", "xmm14", "xmm15"
#define ASSAY_CLOBBERED_UPPER \
  "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm30", "xmm31"

constexpr int kPeakLoops = 2000;
struct Peak {
  const char* name;
  Isa needs;
  void (*run)();
  double flops;
};

ASSAY_AVX2 inline void peak_avx2() {
  __asm__ volatile(".irp r,0,1,2,3,4,5,6,7,8,9,10,11,14,15\nvpxor %%ymm\\r, %%ymm\\r, %%ymm\\r\n.endr\n" ::
                       : ASSAY_CLOBBERED);
  for (int i = 0; i < kPeakLoops; ++i) {
    __asm__ volatile(".irp r,0,1,2,3,4,5,6,7,8,9,10,11\nvfmadd231ps %%ymm14, %%ymm15, %%ymm\\r\n.endr\n" ::
                         : ASSAY_CLOBBERED);
  }
}
ASSAY_AVX512 inline void peak_avx512() {
  __asm__ volatile(ASSAY_CLEAR_24 ::: ASSAY_CLOBBERED, ASSAY_CLOBBERED_UPPER);
  for (int i = 0; i < kPeakLoops; ++i) {
    __asm__ volatile(ASSAY_SUMS_24("vfmadd231ps", "zmm")::: ASSAY_CLOBBERED, ASSAY_CLOBBERED_UPPER);
  }
}
ASSAY_AVX512_BF16 inline void peak_bf16() {
  __asm__ volatile(ASSAY_CLEAR_24 ::: ASSAY_CLOBBERED, ASSAY_CLOBBERED_UPPER);
  for (int i = 0; i < kPeakLoops; ++i) {
    __asm__ volatile(ASSAY_SUMS_24("vdpbf16ps", "zmm")::: ASSAY_CLOBBERED, ASSAY_CLOBBERED_UPPER);
  }
}
ASSAY_AMX inline void peak_amx() {
  local::kernels::TileShapes shapes;
  for (int tile = 0; tile < 8; ++tile) shapes.set(tile, 16, 64);
  local::kernels::tiles_begin(shapes);  // all zero
  for (int i = 0; i < kPeakLoops; ++i) {
    ASSAY_TILE_DOT(0, 4, 6);
    ASSAY_TILE_DOT(1, 4, 7);
    ASSAY_TILE_DOT(2, 5, 6);
    ASSAY_TILE_DOT(3, 5, 7);
  }
  local::kernels::tiles_end();
}
inline constexpr Peak kPeaks[] = {
    {"f32 avx2", Isa::avx2, peak_avx2, kPeakLoops * 12.0 * 8 * 2},
    {"f32 avx512", Isa::avx512, peak_avx512, kPeakLoops * 24.0 * 16 * 2},
    {"bf16 avx512", Isa::avx512_bf16, peak_bf16, kPeakLoops * 24.0 * 32 * 2},
    {"bf16 amx", Isa::amx_bf16, peak_amx, kPeakLoops * 4.0 * 16 * 16 * 32 * 2},
};
#endif

// A best run of all threads at once is rare on a busy machine: figures for several threads are those of one,
// times the cores, for arithmetic; memory is shared, so it is measured.
inline Machine measure(int threads, bool print) {
  Machine machine;
  local::kernels::Buffer memory(kColdBytes);
  std::memset(memory.as<char>(), 1, memory.bytes());  // pages of its own
  // Four streams at once, each asked for ahead: one alone does not fill the path to memory.
  const auto read = [&](Team& team) {
    constexpr std::int64_t kStream = std::int64_t{1} << 18;
    constexpr std::int64_t kPart = 4 * kStream;
    return static_cast<double>(memory.bytes()) / best_seconds(12, 0.001, [&] {
             team.run(static_cast<std::int64_t>(memory.bytes()) / kPart, [&](std::int64_t part) {
               const char* at = memory.as<char>() + part * kPart;
               for (std::int64_t i = 0; i < kStream; i += 64, at += 64) {
                 std::uint64_t sum = 0;
                 for (std::int64_t stream = 0; stream < 4; ++stream) {
                   __builtin_prefetch(at + stream * kStream + 4096);
                   sum += *reinterpret_cast<const std::uint64_t*>(at + stream * kStream);
                 }
                 __asm__ volatile("" ::"r"(sum));
               }
             });
           });
  };
  Team one(1);
  Team all(threads);
  machine.read_bytes = read(one);
  if (print) std::printf("memory read, 1 thread: %.1f GB/s\n", machine.read_bytes * 1e-9);
  if (threads > 1) {
    machine.read_bytes = std::max(machine.read_bytes, read(all));
    if (print) std::printf("memory read, %d threads: %.1f GB/s\n", threads, machine.read_bytes * 1e-9);
  }
#if defined(__x86_64__)
  for (const Peak& peak : kPeaks) {
    if (local::kernels::best_isa() < peak.needs) continue;
    const double flops = peak.flops / best_seconds(20, 0.001, peak.run);
    if (print) std::printf("%s, 1 thread: %.0f GFLOP/s\n", peak.name, flops * 1e-9);
    double& best = peak.name[0] == 'f' ? machine.f32_flops : machine.bf16_flops;
    best = std::max(best, flops * threads);
  }
  machine.bf16_flops = std::max(machine.bf16_flops, machine.f32_flops);
#endif
  return machine;
}

}  // namespace assay::bench
