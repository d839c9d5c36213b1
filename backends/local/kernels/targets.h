// How one source serves several instruction sets: a body that is always inlined, in a function a set. The
// compiler vectorises the body with what the function may use. Internal to backends/local/kernels.
#pragma once

#define ASSAY_INLINE inline __attribute__((always_inline))

#if defined(__clang__)
#define ASSAY_WIDE __attribute__((min_vector_width(512)))
#define ASSAY_WIDE_TARGET
#else
#define ASSAY_WIDE
#define ASSAY_WIDE_TARGET ",prefer-vector-width=512"
#endif

#if defined(__x86_64__)
#define ASSAY_AVX2 __attribute__((target("avx2,fma")))
#define ASSAY_AVX512 \
  __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl" ASSAY_WIDE_TARGET))) ASSAY_WIDE
#define ASSAY_AVX512_BF16                                                                             \
  __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16" ASSAY_WIDE_TARGET))) \
  ASSAY_WIDE
#else
#define ASSAY_AVX2
#define ASSAY_AVX512
#define ASSAY_AVX512_BF16
#endif
