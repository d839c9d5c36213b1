// What attention.h keeps in a block, and the kernels over up to 16 query rows and one chunk of keys. Internal
// to backends/local/kernels.
//
// A block has, for each key head, keys and then values, D = head_dim filled up with zeros to a multiple of
// 32:
//   f32: keys [D][16], values [16][D];
//   bf16: keys [D / 2][16][2], values [8][D][2]: pairs along what is summed over;
//   int8: keys [D][16], values [16][D], then the scales of the 16 keys and those of the 16 values, floats.
#pragma once

#include <cstddef>
#include <cstdint>

#include "backends/local/kernels/attention.h"

namespace assay::local::kernels::attention {

inline constexpr std::int32_t kChunkBlocks = 16;
inline constexpr std::int32_t kChunk = kChunkBlocks * kBlock;  // positions
inline constexpr std::int32_t kRows = 16;                      // of a tile
inline constexpr std::int32_t kMaxDim = 256;

inline std::int32_t padded_dim(std::int32_t dim) { return (dim + 31) / 32 * 32; }
// Of one key head in a block.
inline std::size_t head_bytes(const AttentionShape& shape) {
  const std::size_t values = 2 * static_cast<std::size_t>(padded_dim(shape.head_dim)) * kBlock;
  if (shape.kv == KvType::int8) return values + 2 * kBlock * sizeof(float);
  return values * (shape.precision == Precision::bf16 ? 2 : 4);
}
// In a head of int8: kBlock scales of keys, then kBlock of values.
inline const float* scales_of(const std::byte* head, std::int32_t padded) {
  return reinterpret_cast<const float*>(head + 2 * padded * kBlock);
}

struct Tile {
  std::int32_t rows = 0;                // 1 to kRows
  std::int32_t dim = 0;                 // head_dim
  std::int32_t blocks = 0;              // of the chunk, that any row sees: 1 to kChunkBlocks
  float scale = 1.0f;                   // times log2(e): weights are powers of 2
  const std::byte* keys[kChunkBlocks];  // a key head in each block
  const float* query[kRows];
  std::int32_t visible[kRows];  // keys of the chunk that a row sees: 1 to kChunk
  // Results.
  float* out[kRows];     // dim values: sum of weight * value, not divided
  float maximum[kRows];  // of scale * product
  float sum[kRows];      // of weights
};

using Kernel = void (*)(Tile& tile);
Kernel kernel(Isa isa, const AttentionShape& shape);

#if defined(__x86_64__)
void avx512_bf16_tile(Tile& tile);
void avx512_bf16_int8_tile(Tile& tile);
void amx_tile(Tile& tile);
void amx_int8_tile(Tile& tile);
#endif

// total = total merged with part, `dim` values each.
void merge(Isa isa, float* total, float& maximum, float& sum, const float* part, float part_maximum,
           float part_sum, std::int32_t dim);

}  // namespace assay::local::kernels::attention
