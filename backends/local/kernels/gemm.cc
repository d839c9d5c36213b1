#include "backends/local/kernels/gemm.h"

#include "backends/local/kernels/bf16.h"

namespace assay::local::kernels::gemm {

Kernel kernel(Isa, Precision precision) { return precision == Precision::f32 ? plain_f32 : plain_bf16; }

void round_bf16(Isa, const float* from, std::int64_t count, std::uint16_t* to) {
  for (std::int64_t i = 0; i < count; ++i) to[i] = to_bf16(from[i]);
}

}  // namespace assay::local::kernels::gemm
