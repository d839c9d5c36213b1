#include "tests/backends/local/tiny_encode.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "tests/backends/local/gguf_bytes.h"

namespace assay::test {
namespace {

using local::DType;

// The scale as it will be read back, so that the integers fit the rounded one.
float rounded_half(float value, std::string& out) {
  const std::uint16_t half = to_half(value);
  append_bytes(out, half);
  const int exponent = (half >> 10) & 31;
  const int fraction = half & 1023;
  const double magnitude =
      exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
  return static_cast<float>((half & 0x8000) != 0 ? -magnitude : magnitude);
}

int nearest(float value, float scale, int low, int high) {
  return scale == 0 ? std::clamp(0, low, high)
                    : std::clamp(static_cast<int>(std::nearbyint(value / scale)), low, high);
}

void q8_0(std::span<const float> block, std::string& out) {
  float most = 0;
  for (const float v : block) most = std::max(most, std::abs(v));
  const float scale = rounded_half(most / 127, out);
  for (const float v : block) out += static_cast<char>(nearest(v, scale, -127, 127));
}

void pack(const int (&values)[32], std::string& out) {
  for (int i = 0; i < 16; ++i) out += static_cast<char>(values[i] | (values[i + 16] << 4));
}

void q4_0(std::span<const float> block, std::string& out) {
  float most = 0;
  for (const float v : block) most = std::abs(v) > std::abs(most) ? v : most;
  const float scale = rounded_half(most / -8, out);
  int values[32];
  for (std::size_t i = 0; i < 32; ++i) values[i] = nearest(block[i], scale, -8, 7) + 8;
  pack(values, out);
}

void q4_1(std::span<const float> block, std::string& out) {
  const auto ends = std::minmax_element(block.begin(), block.end());
  const float scale = rounded_half((*ends.second - *ends.first) / 15, out);
  const float least = rounded_half(*ends.first, out);
  int values[32];
  for (std::size_t i = 0; i < 32; ++i) values[i] = nearest(block[i] - least, scale, 0, 15);
  pack(values, out);
}

}  // namespace

std::uint16_t to_half(float value) {
  const std::uint32_t sign = std::bit_cast<std::uint32_t>(value) >> 31 << 15;
  const double magnitude = std::abs(static_cast<double>(value));
  if (std::isnan(value)) return static_cast<std::uint16_t>(sign | 0x7E00);
  if (magnitude >= 65520) return static_cast<std::uint16_t>(sign | 0x7C00);
  if (magnitude == 0) return static_cast<std::uint16_t>(sign);
  const int exponent = std::max(std::ilogb(magnitude), -14);
  // 1024..2047 for a normal number; 2048 carries into the exponent by plain addition, below 1024 is
  // subnormal.
  const auto digits = static_cast<std::uint32_t>(std::nearbyint(std::ldexp(magnitude, 10 - exponent)));
  return static_cast<std::uint16_t>(sign | ((static_cast<std::uint32_t>(exponent + 14) << 10) + digits));
}

std::uint16_t to_bfloat(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

std::string encode_floats(DType dtype, std::span<const float> values) {
  std::string out;
  switch (dtype) {
    case DType::f32:
      for (const float v : values) append_bytes(out, v);
      return out;
    case DType::f16:
      for (const float v : values) append_bytes(out, to_half(v));
      return out;
    case DType::bf16:
      for (const float v : values) append_bytes(out, to_bfloat(v));
      return out;
    default: break;
  }
  for (std::size_t i = 0; i + 32 <= values.size(); i += 32) {
    const auto block = values.subspan(i, 32);
    if (dtype == DType::q8_0) q8_0(block, out);
    if (dtype == DType::q4_0) q4_0(block, out);
    if (dtype == DType::q4_1) q4_1(block, out);
  }
  return out;
}

}  // namespace assay::test
