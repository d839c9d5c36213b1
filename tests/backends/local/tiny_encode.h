// Floats to the bytes of a numeric type, for files made in tests. Rounding is to nearest, ties to even.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "backends/local/weights/tensor_source.h"

namespace assay::test {

std::uint16_t to_half(float value);
std::uint16_t to_bfloat(float value);
// REQUIRES: for a quantised type, a whole number of blocks of 32.
std::string encode_floats(local::DType dtype, std::span<const float> values);

}  // namespace assay::test
