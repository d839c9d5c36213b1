#include <bit>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "backends/local/weights/blocks.h"
#include "backends/local/weights/tensor_source.h"
#include "harness/base/format.h"
#include "harness/base/rng.h"
#include "tests/backends/local/tiny_encode.h"
#include "tests/support/catch.h"

namespace assay::local {
namespace {

std::vector<float> convert(DType dtype, std::vector<std::int64_t> shape, const std::string& bytes,
                           std::int64_t heads = 0) {
  TensorView view;
  view.dtype = dtype;
  view.shape = std::move(shape);
  view.interleaved_rotary = heads > 0;
  // One byte in, so that nothing is aligned.
  const std::string shifted = "x" + bytes;
  view.bytes = std::as_bytes(std::span(shifted)).subspan(1);
  std::vector<float> out(static_cast<std::size_t>(*count_values(view.shape)));
  to_float(view, heads, out);
  return out;
}

// Straight from IEEE 754: sign, five bits of exponent, ten of fraction.
double half_value(std::uint16_t half) {
  const int exponent = (half >> 10) & 31;
  const int fraction = half & 1023;
  double magnitude = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
  if (exponent == 31) magnitude = fraction == 0 ? INFINITY : NAN;
  return (half & 0x8000) != 0 ? -magnitude : magnitude;
}

TEST_CASE("to_float: all 65,536 half-precision numbers", "[to_float]") {
  std::string bytes;
  for (std::uint32_t h = 0; h < 65536; ++h) {
    bytes += static_cast<char>(h & 255);
    bytes += static_cast<char>(h >> 8);
  }
  const std::vector<float> out = convert(DType::f16, {256, 256}, bytes);
  std::size_t wrong = 0;
  for (std::uint32_t h = 0; h < 65536; ++h) {
    const double expected = half_value(static_cast<std::uint16_t>(h));
    const double got = out[h];
    const bool same = std::isnan(expected) ? std::isnan(got)
                                           : got == expected && std::signbit(got) == std::signbit(expected);
    if (!same) ++wrong;
    if (std::isfinite(expected) && test::to_half(out[h]) != h) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("to_float: bfloat16 is the upper half of a float", "[to_float]") {
  const std::vector<float> out =
      convert(DType::bf16, {4}, std::string("\x80\x3f\x00\xc0\x80\x7f\x01\x00", 8));
  CHECK(out[0] == 1);
  CHECK(out[1] == -2);
  CHECK(std::isinf(out[2]));
  CHECK(out[3] == std::bit_cast<float>(0x00010000));
}

// Blocks written by hand: scale 0.5 (0x3800), minimum -1 (0xbc00).
TEST_CASE("to_float: quantised blocks hold scale, minimum and packed integers", "[to_float]") {
  std::string q8("\x00\x38", 2);
  for (int i = 0; i < 32; ++i) q8 += static_cast<char>(i - 16);
  std::string q4("\x00\x38", 2);
  for (int i = 0; i < 16; ++i) q4 += static_cast<char>(i | ((15 - i) << 4));
  const std::string q41 = std::string("\x00\x38\x00\xbc", 4) + q4.substr(2);
  const auto eight = convert(DType::q8_0, {1, 32}, q8);
  const auto four = convert(DType::q4_0, {32}, q4);
  const auto shifted = convert(DType::q4_1, {1, 1, 32}, q41);
  for (int i = 0; i < 32; ++i) {
    INFO(i);
    const auto at = static_cast<std::size_t>(i);
    const int packed = i < 16 ? i : 15 - (i - 16);
    CHECK(eight[at] == 0.5F * static_cast<float>(i - 16));
    CHECK(four[at] == 0.5F * static_cast<float>(packed - 8));
    CHECK(shifted[at] == 0.5F * static_cast<float>(packed) - 1);
  }
}

TEST_CASE("to_float: rows of interleaved pairs come in halves, head by head", "[to_float]") {
  // Two heads of six rows, two columns; a value says head, row in halves, column.
  std::vector<float> interleaved;
  std::vector<float> halves;
  for (int head = 0; head < 2; ++head) {
    for (int row = 0; row < 6; ++row) {
      for (int column = 0; column < 2; ++column) {
        halves.push_back(static_cast<float>(100 * head + 10 * row + column));
        const int from = row % 2 == 0 ? row / 2 : 3 + row / 2;
        interleaved.push_back(static_cast<float>(100 * head + 10 * from + column));
      }
    }
  }
  CHECK(convert(DType::f32, {12, 2}, test::encode_floats(DType::f32, interleaved), 2) == halves);
  const std::vector<float> bias = {0, 2, 1, 3};
  CHECK(convert(DType::f32, {4}, test::encode_floats(DType::f32, bias), 1) == std::vector<float>{0, 1, 2, 3});
  const std::vector<float> flat = convert(DType::f32, {2, 0}, "", 1);
  CHECK(flat.empty());
}

TEST_CASE("to_float: what tests encode comes back within the type's step", "[to_float]") {
  Rng rng(7);
  std::vector<float> values(32 * 64);
  for (float& v : values) v = static_cast<float>(rng.unit() * 2 - 1);
  const struct {
    DType dtype;
    double step;
  } rows[] = {{DType::f32, 0}, {DType::f16, 0x1p-11}, {DType::bf16, 0x1p-8}, {DType::q8_0, 0.6 / 127},
              {DType::q4_0, 0.19}, {DType::q4_1, 0.08}};
  for (const auto& row : rows) {
    INFO(name(row.dtype));
    const auto out = convert(row.dtype, {32, 64}, test::encode_floats(row.dtype, values));
    double worst = 0;
    for (std::size_t i = 0; i < values.size(); ++i)
      worst = std::max(worst, std::abs(double{out[i]} - double{values[i]}));
    CHECK(worst <= row.step);
  }
}

TEST_CASE("to_float: speed of every type", "[.speed]") {
  const std::vector<float> values(16 << 20, 0.5F);
  for (const DType dtype : {DType::f32, DType::f16, DType::bf16, DType::q8_0, DType::q4_0, DType::q4_1}) {
    const std::string bytes = test::encode_floats(dtype, values);
    TensorView view;
    view.dtype = dtype;
    view.shape = {static_cast<std::int64_t>(values.size())};
    view.bytes = std::as_bytes(std::span(bytes));
    std::vector<float> out(values.size());
    double best = 1e9;
    for (int i = 0; i < 4; ++i) {
      const auto start = std::chrono::steady_clock::now();
      to_float(view, 0, out);
      best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    std::puts(format("{}: {:.2f} G values/s", name(dtype), static_cast<double>(values.size()) / best / 1e9)
                  .c_str());
    CHECK(out[0] == Approx(0.5).margin(0.1));
  }
}

}  // namespace
}  // namespace assay::local
