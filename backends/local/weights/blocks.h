// Sizes of the numeric types, and shapes checked against overflow.
//
// The quantised types are ggml's: blocks of 32 values along the last dimension, each a half-precision
//   scale and (Q4_1) a half-precision minimum before the packed integers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "backends/local/weights/tensor_source.h"

namespace assay::local {

inline constexpr std::int64_t kBlockValues = 32;

struct BlockLayout {
  std::int64_t values = 1;  // in one block along the last dimension
  std::int64_t bytes = 4;
};

constexpr BlockLayout layout_of(DType dtype) {
  switch (dtype) {
    case DType::f32: return {1, 4};
    case DType::f16:
    case DType::bf16: return {1, 2};
    case DType::q8_0: return {kBlockValues, 2 + 32};
    case DType::q4_0: return {kBlockValues, 2 + 16};
    case DType::q4_1: return {kBlockValues, 2 + 2 + 16};
  }
  return {1, 4};
}

const char* name(DType dtype);

// Product of a shape's dimensions; nullopt when one is negative or the product passes 2^62.
std::optional<std::int64_t> count_values(std::span<const std::int64_t> shape);
// Bytes of a tensor; nullopt as above, or when the last dimension is no multiple of the block.
std::optional<std::int64_t> count_bytes(DType dtype, std::span<const std::int64_t> shape);
std::string shape_text(std::span<const std::int64_t> shape);  // "[576, 1536]"

}  // namespace assay::local
