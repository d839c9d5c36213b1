// Dequantising, and rotary rows from interleaved pairs to halves. The loops are plain so that compilers
// vectorise them; nothing here depends on alignment, which mapped files do not promise.
#include <bit>
#include <cstring>
#include <vector>

#include "backends/local/weights/blocks.h"
#include "backends/local/weights/tensor_source.h"
#include "harness/base/check.h"

namespace assay::local {
namespace {

// IEEE 754 half to single, without branches. A subnormal half is made normal by a subtraction and not by a
// multiplication, so that it survives where the processor flushes subnormals to zero.
float half_to_float(std::uint16_t half) {
  const std::uint32_t magnitude = (half & 0x7FFFU) << 13;
  const std::uint32_t exponent = magnitude & 0x0F800000U;
  std::uint32_t normal = magnitude + (112U << 23);
  normal += exponent == 0x0F800000U ? 112U << 23 : 0U;  // infinity and NaN
  const float subnormal = std::bit_cast<float>(magnitude + (113U << 23)) - std::bit_cast<float>(113U << 23);
  const std::uint32_t bits = exponent == 0 ? std::bit_cast<std::uint32_t>(subnormal) : normal;
  return std::bit_cast<float>(bits | (static_cast<std::uint32_t>(half & 0x8000U) << 16));
}

std::uint16_t half_bits(const std::byte* from) {
  std::uint16_t out;
  std::memcpy(&out, from, sizeof(out));
  return out;
}

void from_f32(const std::byte* from, std::size_t n, float* out) { std::memcpy(out, from, n * sizeof(float)); }

void from_f16(const std::byte* from, std::size_t n, float* out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = half_to_float(half_bits(from + 2 * i));
}

void from_bf16(const std::byte* from, std::size_t n, float* out) {
  for (std::size_t i = 0; i < n; ++i) {
    out[i] = std::bit_cast<float>(static_cast<std::uint32_t>(half_bits(from + 2 * i)) << 16);
  }
}

constexpr std::size_t kBlock = static_cast<std::size_t>(kBlockValues);

void from_q8_0(const std::byte* from, std::size_t n, float* out) {
  for (std::size_t b = 0; b < n / kBlock; ++b, from += 34, out += kBlock) {
    const float scale = half_to_float(half_bits(from));
    for (std::size_t i = 0; i < kBlock; ++i) {
      out[i] = scale * static_cast<float>(static_cast<std::int8_t>(from[2 + i]));
    }
  }
}

// The low halves of 16 bytes are the first 16 values, the high halves the other 16.
void from_q4_0(const std::byte* from, std::size_t n, float* out) {
  for (std::size_t b = 0; b < n / kBlock; ++b, from += 18, out += kBlock) {
    const float scale = half_to_float(half_bits(from));
    for (std::size_t i = 0; i < kBlock / 2; ++i) {
      const int packed = std::to_integer<int>(from[2 + i]);
      out[i] = scale * static_cast<float>((packed & 15) - 8);
      out[i + kBlock / 2] = scale * static_cast<float>((packed >> 4) - 8);
    }
  }
}

void from_q4_1(const std::byte* from, std::size_t n, float* out) {
  for (std::size_t b = 0; b < n / kBlock; ++b, from += 20, out += kBlock) {
    const float scale = half_to_float(half_bits(from));
    const float least = half_to_float(half_bits(from + 2));
    for (std::size_t i = 0; i < kBlock / 2; ++i) {
      const int packed = std::to_integer<int>(from[4 + i]);
      out[i] = scale * static_cast<float>(packed & 15) + least;
      out[i + kBlock / 2] = scale * static_cast<float>(packed >> 4) + least;
    }
  }
}

void convert(DType dtype, const std::byte* from, std::size_t n, float* out) {
  switch (dtype) {
    case DType::f32: return from_f32(from, n, out);
    case DType::f16: return from_f16(from, n, out);
    case DType::bf16: return from_bf16(from, n, out);
    case DType::q8_0: return from_q8_0(from, n, out);
    case DType::q4_0: return from_q4_0(from, n, out);
    case DType::q4_1: return from_q4_1(from, n, out);
  }
}

}  // namespace

void to_float(const TensorView& tensor, std::int64_t heads, std::span<float> out) {
  const auto count = count_values(tensor.shape);
  const auto bytes = count_bytes(tensor.dtype, tensor.shape);
  CHECK_THAT_HOLDS(count && bytes && static_cast<std::size_t>(*bytes) == tensor.bytes.size(),
                   "a tensor has as many bytes as its shape says");
  CHECK_THAT_HOLDS(static_cast<std::size_t>(*count) == out.size(), "there is room for every value");
  if (out.empty()) return;
  if (!tensor.interleaved_rotary) {
    return convert(tensor.dtype, tensor.bytes.data(), out.size(), out.data());
  }
  const std::int64_t rows = tensor.shape[0];
  CHECK_THAT_HOLDS(heads > 0 && rows % (2 * heads) == 0, "a head has whole rotary pairs");
  const std::size_t pairs = static_cast<std::size_t>(rows / heads / 2);
  const std::size_t width = out.size() / static_cast<std::size_t>(rows);
  // Row 2j + s of a head holds what stands at row s * pairs + j in halves.
  const auto place = [&](std::size_t row) {
    const std::size_t within = row % (2 * pairs);
    return row - within + within % 2 * pairs + within / 2;
  };
  if (tensor.shape.size() == 1) {  // a bias: its blocks, if any, lie across the rows
    std::vector<float> values(out.size());
    convert(tensor.dtype, tensor.bytes.data(), values.size(), values.data());
    for (std::size_t row = 0; row < values.size(); ++row) out[place(row)] = values[row];
    return;
  }
  const std::size_t row_bytes = tensor.bytes.size() / static_cast<std::size_t>(rows);
  for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
    convert(tensor.dtype, tensor.bytes.data() + row * row_bytes, width, out.data() + place(row) * width);
  }
}

}  // namespace assay::local
