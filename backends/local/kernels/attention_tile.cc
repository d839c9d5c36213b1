#include "backends/local/kernels/attention_tile.h"

#include "backends/local/kernels/attention_body.h"
#include "backends/local/kernels/targets.h"

namespace assay::local::kernels::attention {
namespace {

void plain_f32(Tile& tile) { body<false>(tile); }
void plain_bf16(Tile& tile) { body<true>(tile); }
ASSAY_AVX2 void avx2_f32(Tile& tile) { body<false>(tile); }
ASSAY_AVX2 void avx2_bf16(Tile& tile) { body<true>(tile); }
ASSAY_AVX512 void avx512_f32(Tile& tile) { body<false>(tile); }
ASSAY_AVX512 void avx512_bf16(Tile& tile) { body<true>(tile); }
void plain_f32_int8(Tile& tile) { body_int8<false>(tile); }
void plain_bf16_int8(Tile& tile) { body_int8<true>(tile); }
ASSAY_AVX2 void avx2_f32_int8(Tile& tile) { body_int8<false>(tile); }
ASSAY_AVX2 void avx2_bf16_int8(Tile& tile) { body_int8<true>(tile); }
ASSAY_AVX512 void avx512_f32_int8(Tile& tile) { body_int8<false>(tile); }
ASSAY_AVX512 void avx512_bf16_int8(Tile& tile) { body_int8<true>(tile); }

#define ASSAY_MERGE(name, target)                                                                   \
  target void name(float* total, float& maximum, float& sum, const float* part, float part_maximum, \
                   float part_sum, std::int32_t dim) {                                              \
    merge_body(total, maximum, sum, part, part_maximum, part_sum, dim);                             \
  }
ASSAY_MERGE(merge_plain, )
ASSAY_MERGE(merge_avx2, ASSAY_AVX2)
ASSAY_MERGE(merge_avx512, ASSAY_AVX512)
#undef ASSAY_MERGE

Kernel int8_kernel(Isa isa, bool f32) {
  switch (isa) {
    case Isa::plain:
      break;
    case Isa::avx2:
      return f32 ? avx2_f32_int8 : avx2_bf16_int8;
    case Isa::avx512:
      return f32 ? avx512_f32_int8 : avx512_bf16_int8;
#if defined(__x86_64__)
    case Isa::avx512_bf16:
      return f32 ? avx512_f32_int8 : avx512_bf16_int8_tile;
    case Isa::amx_bf16:
      return f32 ? avx512_f32_int8 : amx_int8_tile;
#else
    default:
      break;
#endif
  }
  return f32 ? plain_f32_int8 : plain_bf16_int8;
}

}  // namespace

Kernel kernel(Isa isa, const AttentionShape& shape) {
  const bool f32 = shape.precision == Precision::f32;
  if (shape.kv == KvType::int8) return int8_kernel(isa, f32);
  switch (isa) {
    case Isa::plain:
      break;
    case Isa::avx2:
      return f32 ? avx2_f32 : avx2_bf16;
    case Isa::avx512:
      return f32 ? avx512_f32 : avx512_bf16;
#if defined(__x86_64__)
    case Isa::avx512_bf16:
      return f32 ? avx512_f32 : avx512_bf16_tile;
    case Isa::amx_bf16:
      return f32 ? avx512_f32 : amx_tile;
#else
    default:
      break;
#endif
  }
  return f32 ? plain_f32 : plain_bf16;
}

void merge(Isa isa, float* total, float& maximum, float& sum, const float* part, float part_maximum,
           float part_sum, std::int32_t dim) {
  const auto one = isa >= Isa::avx512 ? merge_avx512 : isa == Isa::avx2 ? merge_avx2 : merge_plain;
  one(total, maximum, sum, part, part_maximum, part_sum, dim);
}

}  // namespace assay::local::kernels::attention
