#include "backends/local/kernels/isa.h"

#include <array>

#if defined(__x86_64__)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

namespace assay::local::kernels {
namespace {

#if defined(__x86_64__)

struct Registers {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Registers cpuid(unsigned leaf, unsigned subleaf) {
  Registers r;
  if (__get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx) == 0) return {};
  return r;
}

bool has(unsigned word, unsigned bit) { return (word >> bit & 1u) != 0; }

// Which register files the operating system saves.
std::uint64_t saved_state() {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return std::uint64_t{high} << 32 | low;
}

// Linux saves the tile registers only for processes that have asked.
bool ask_for_tiles() {
#if defined(__linux__)
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

Isa detect() {
  const Registers one = cpuid(1, 0);
  const bool osxsave = has(one.ecx, 27);
  const bool fma = has(one.ecx, 12);
  if (!osxsave) return Isa::plain;
  const std::uint64_t state = saved_state();
  const Registers seven = cpuid(7, 0);
  const Registers seven_one = seven.eax >= 1 ? cpuid(7, 1) : Registers{};
  if ((state & 0x6) != 0x6 || !fma || !has(seven.ebx, 5)) return Isa::plain;
  const bool f = has(seven.ebx, 16);
  const bool dq = has(seven.ebx, 17);
  const bool bw = has(seven.ebx, 30);
  const bool vl = has(seven.ebx, 31);
  if ((state & 0xe6) != 0xe6 || !f || !dq || !bw || !vl) return Isa::avx2;
  if (!has(seven_one.eax, 5)) return Isa::avx512;
  const bool tiles = has(seven.edx, 22) && has(seven.edx, 24) && (state & 0x60000) == 0x60000;
  return tiles && ask_for_tiles() ? Isa::amx_bf16 : Isa::avx512_bf16;
}

#else
Isa detect() { return Isa::plain; }
#endif

constexpr std::array kAll = {Isa::plain, Isa::avx2, Isa::avx512, Isa::avx512_bf16, Isa::amx_bf16};

}  // namespace

Isa best_isa() {
  static const Isa best = detect();
  return best;
}

std::span<const Isa> usable_isas() { return {kAll.data(), static_cast<std::size_t>(best_isa()) + 1}; }

std::string_view isa_name(Isa isa) {
  constexpr std::array<std::string_view, 5> kNames = {"plain", "avx2", "avx512", "avx512_bf16", "amx_bf16"};
  return kNames[static_cast<std::size_t>(isa)];
}

}  // namespace assay::local::kernels
