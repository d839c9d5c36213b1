// Isa: the instruction sets that the CPU kernels are written for, chosen at run time by what the processor
// and the operating system offer, never by how the program was compiled. Exec: what every kernel is told.
//
// The results of a kernel depend on the Isa, not on the number of threads and not on what else is in a batch.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "backends/local/kernels/team.h"

namespace assay::local::kernels {

// In order: each one's processors have all those before it.
enum class Isa : std::uint8_t {
  plain = 0,        // C++ alone; any x86-64, and other processors
  avx2 = 1,         // with FMA
  avx512 = 2,       // F, BW, DQ, VL
  avx512_bf16 = 3,  // VDPBF16PS
  amx_bf16 = 4,     // tiles; Linux gives them on request
};

// The best one here. The first call asks the operating system for the tile registers.
Isa best_isa();
// Those that can run here, plain first.
std::span<const Isa> usable_isas();
std::string_view isa_name(Isa isa);

enum class Precision : std::uint8_t { f32 = 1, bf16 = 2 };

// Which kernels, on which threads.
struct Exec {
  Isa isa = Isa::plain;
  Team* team = nullptr;  // borrowed; never null in a call
};

}  // namespace assay::local::kernels
