#include "backends/local/kernels/gemm.h"

#include "backends/local/kernels/bf16.h"

namespace assay::local::kernels::gemm {
namespace {

ASSAY_INLINE void round_body(const float* from, std::int64_t count, std::uint16_t* to) {
  for (std::int64_t i = 0; i < count; ++i) to[i] = to_bf16(from[i]);
}
void round_plain(const float* from, std::int64_t count, std::uint16_t* to) { round_body(from, count, to); }
ASSAY_AVX2 void round_avx2(const float* from, std::int64_t count, std::uint16_t* to) {
  round_body(from, count, to);
}
ASSAY_AVX512 void round_avx512(const float* from, std::int64_t count, std::uint16_t* to) {
  round_body(from, count, to);
}

}  // namespace

Kernel kernel(Isa isa, Precision precision) {
  const bool f32 = precision == Precision::f32;
#if defined(__x86_64__)
  switch (isa) {
    case Isa::plain:
      break;
    case Isa::avx2:
      return f32 ? avx2_f32 : avx2_bf16;
    case Isa::avx512:
      return f32 ? avx512_f32 : avx512_bf16;
    case Isa::avx512_bf16:
      return f32 ? avx512_f32 : avx512_dot_bf16;
    case Isa::amx_bf16:
      return f32 ? avx512_f32 : amx_bf16;
  }
#else
  static_cast<void>(isa);
#endif
  return f32 ? plain_f32 : plain_bf16;
}

void round_bf16(Isa isa, const float* from, std::int64_t count, std::uint16_t* to) {
  if (isa >= Isa::avx512) return round_avx512(from, count, to);
  if (isa == Isa::avx2) return round_avx2(from, count, to);
  round_plain(from, count, to);
}

}  // namespace assay::local::kernels::gemm
