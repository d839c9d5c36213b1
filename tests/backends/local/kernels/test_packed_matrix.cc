#include "backends/local/kernels/packed_matrix.h"

#include <cmath>
#include <cstring>
#include <vector>

#include "tests/backends/local/kernels/inputs.h"
#include "tests/support/catch.h"

namespace assay::local::kernels {
namespace {

using test::random_floats;
using test::rounded;

struct Case {
  std::int64_t outputs, inputs;
};
// Multiples of the panels, and not; shorter and longer than a vector; several parts for two threads.
constexpr Case kCases[] = {{1, 1},   {3, 5},     {31, 33},  {32, 32},   {64, 64},    {65, 70},
                           {96, 40}, {100, 200}, {17, 576}, {257, 130}, {576, 1536}, {40, 2500}};

PackedMatrix packed(const std::vector<float>& w, Case c, Precision precision) {
  PackedMatrix matrix(c.outputs, c.inputs, precision);
  matrix.set_rows(0, w);
  return matrix;
}

std::vector<float> multiply(const PackedMatrix& matrix, Isa isa, Team& team, const std::vector<float>& x,
                            std::int64_t rows, const float* bias = nullptr) {
  std::vector<float> y(static_cast<std::size_t>(rows * matrix.outputs()), -7.0f);
  matrix.multiply({isa, &team}, x.data(), matrix.inputs(), rows, y.data(), matrix.outputs(), bias);
  return y;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace

TEST_CASE("A packed product is within rounding of the one in double precision", "[kernels]") {
  Team team(2);
  for (const Case c : kCases) {
    const std::int64_t rows = 5;
    const auto w = random_floats(1, c.outputs * c.inputs);
    const auto x = random_floats(2, rows * c.inputs);
    const auto bias = random_floats(3, c.outputs);
    for (const Precision precision : {Precision::f32, Precision::bf16}) {
      const bool bf16 = precision == Precision::bf16;
      const PackedMatrix matrix = packed(w, c, precision);
      for (const Isa isa : usable_isas()) {
        const auto y = multiply(matrix, isa, team, x, rows, bias.data());
        double worst = 0;
        for (std::int64_t i = 0; i < rows; ++i) {
          for (std::int64_t n = 0; n < c.outputs; ++n) {
            double sum = bias[static_cast<std::size_t>(n)];
            double size = std::abs(sum);
            for (std::int64_t k = 0; k < c.inputs; ++k) {
              const float a = x[static_cast<std::size_t>(i * c.inputs + k)];
              const float b = w[static_cast<std::size_t>(n * c.inputs + k)];
              const double product =
                  bf16 ? static_cast<double>(rounded(a)) * rounded(b) : static_cast<double>(a) * b;
              sum += product;
              size += std::abs(product);
            }
            // Each of k additions is off by at most 2^-24 of the sum of sizes so far.
            const double bound = static_cast<double>(c.inputs + 2) * 0x1p-24 * size;
            worst = std::max(worst, std::abs(y[static_cast<std::size_t>(i * c.outputs + n)] - sum) / bound);
          }
        }
        INFO(isa_name(isa) << (bf16 ? " bf16 " : " f32 ") << c.outputs << " x " << c.inputs);
        CHECK(worst <= 1.0);
      }
    }
  }
}

TEST_CASE("A row of a product is the same alone, in any batch, and on any number of threads", "[kernels]") {
  Team one(1);
  Team two(2);
  for (const Case c : {Case{65, 70}, Case{100, 576}, Case{257, 130}}) {
    const std::int64_t most = 300;
    const auto w = random_floats(4, c.outputs * c.inputs);
    const auto x = random_floats(5, most * c.inputs);
    const auto bias = random_floats(6, c.outputs);
    for (const Precision precision : {Precision::f32, Precision::bf16}) {
      const PackedMatrix matrix = packed(w, c, precision);
      for (const Isa isa : usable_isas()) {
        std::vector<float> alone;
        for (std::int64_t i = 0; i < most; ++i) {
          const std::vector<float> row(x.begin() + i * c.inputs, x.begin() + (i + 1) * c.inputs);
          const auto y = multiply(matrix, isa, one, row, 1, bias.data());
          alone.insert(alone.end(), y.begin(), y.end());
        }
        std::vector<std::int64_t> sizes = {128, 129, 150, 255, 256, 300};
        for (std::int64_t rows = 2; rows <= 70; ++rows) sizes.push_back(rows);
        bool same = true;
        for (const std::int64_t rows : sizes) {
          const std::vector<float> expected(alone.begin(), alone.begin() + rows * c.outputs);
          same = same && same_bits(multiply(matrix, isa, one, x, rows, bias.data()), expected);
          same = same && same_bits(multiply(matrix, isa, two, x, rows, bias.data()), expected);
        }
        INFO(isa_name(isa) << " " << c.outputs << " x " << c.inputs);
        CHECK(same);
      }
    }
  }
}

TEST_CASE("Instruction sets that sum alike agree bit for bit", "[kernels]") {
  Team team(1);
  for (const Case c : kCases) {
    const auto w = random_floats(7, c.outputs * c.inputs);
    const auto x = random_floats(8, 9 * c.inputs);
    const PackedMatrix f32 = packed(w, c, Precision::f32);
    const PackedMatrix bf16 = packed(w, c, Precision::bf16);
    for (const Isa isa : usable_isas()) {
      if (isa == Isa::avx2 || isa == Isa::avx512) {
        CHECK(same_bits(multiply(bf16, isa, team, x, 9), multiply(bf16, Isa::plain, team, x, 9)));
      }
      if (isa > Isa::avx2) {
        CHECK(same_bits(multiply(f32, isa, team, x, 9), multiply(f32, Isa::avx2, team, x, 9)));
      }
    }
  }
}

TEST_CASE("Rows are set in pieces, read back as stored, and a product can be added", "[kernels]") {
  const Case c{77, 45};
  const auto w = random_floats(9, c.outputs * c.inputs);
  Team team(2);
  for (const Precision precision : {Precision::f32, Precision::bf16}) {
    PackedMatrix matrix(c.outputs, c.inputs, precision);
    matrix.set_rows(40, std::span(w).subspan(40 * 45));
    matrix.set_rows(0, std::span(w).first(40 * 45));
    CHECK(matrix.bytes() == PackedMatrix::bytes(c.outputs, c.inputs, precision));
    std::vector<float> row(45);
    for (std::int64_t n = 0; n < c.outputs; ++n) {
      matrix.row(n, row.data());
      for (std::size_t k = 0; k < 45; ++k) {
        const float stored = w[static_cast<std::size_t>(n) * 45 + k];
        REQUIRE(row[k] == (precision == Precision::bf16 ? rounded(stored) : stored));
      }
    }
    const auto x = random_floats(10, 3 * 45);
    const auto old = random_floats(11, 3 * 80);
    for (const Isa isa : usable_isas()) {
      const auto product = multiply(matrix, isa, team, x, 3);
      std::vector<float> y = old;
      matrix.multiply_add({isa, &team}, x.data(), 45, 3, y.data(), 80);
      for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t n = 0; n < 80; ++n) {
          REQUIRE(y[i * 80 + n] == (n < 77 ? old[i * 80 + n] + product[i * 77 + n] : old[i * 80 + n]));
        }
      }
    }
  }
}

}  // namespace assay::local::kernels
