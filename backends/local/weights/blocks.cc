#include "backends/local/weights/blocks.h"

#include "harness/base/format.h"

namespace assay::local {

const char* name(DType dtype) {
  switch (dtype) {
    case DType::f32: return "F32";
    case DType::f16: return "F16";
    case DType::bf16: return "BF16";
    case DType::q8_0: return "Q8_0";
    case DType::q4_0: return "Q4_0";
    case DType::q4_1: return "Q4_1";
  }
  return "?";
}

std::optional<std::int64_t> count_values(std::span<const std::int64_t> shape) {
  constexpr std::int64_t kMost = std::int64_t{1} << 62;
  std::int64_t product = 1;
  for (const std::int64_t size : shape) {
    if (size < 0) return std::nullopt;
    if (size != 0 && product > kMost / size) return std::nullopt;
    product *= size;
  }
  return product;
}

std::optional<std::int64_t> count_bytes(DType dtype, std::span<const std::int64_t> shape) {
  const auto values = count_values(shape);
  if (!values) return std::nullopt;
  const BlockLayout layout = layout_of(dtype);
  const std::int64_t last = shape.empty() ? 1 : shape.back();
  if (last % layout.values != 0) return std::nullopt;
  const std::int64_t blocks = *values / layout.values;
  if (blocks > INT64_MAX / layout.bytes) return std::nullopt;
  return blocks * layout.bytes;
}

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string out = "[";
  for (const std::int64_t size : shape) {
    if (out.size() > 1) out += ", ";
    out += format("{}", size);
  }
  out += ']';
  return out;
}

}  // namespace assay::local
