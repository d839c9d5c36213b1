#include "backends/local/kernels/elementwise.h"

#include <cmath>
#include <limits>
#include <vector>

#include "backends/local/kernels/vector_math.h"
#include "tests/backends/local/kernels/inputs.h"
#include "tests/support/catch.h"

namespace assay::local::kernels {
namespace {

using test::random_floats;
constexpr std::int64_t kWidths[] = {1, 8, 15, 16, 17, 64, 576, 1000};

// Equal but for `ulps` roundings of `size`.
bool close(float a, double b, double size, double ulps) {
  return std::abs(a - b) <= ulps * 0x1p-24 * size + 1e-37;
}

}  // namespace

TEST_CASE("The fast powers of two are right to 2e-7, and 0 far below", "[kernels]") {
  for (double x = -126.0; x < 127.0; x += 0.00731) {
    const auto at = static_cast<float>(x);
    const double expected = std::exp2(static_cast<double>(at));
    REQUIRE(std::abs(exp2_fast(at) - expected) <= 2e-7 * expected);
  }
  CHECK(exp2_fast(0.0f) == 1.0f);
  CHECK(exp2_fast(-200.0f) == 0.0f);
  CHECK(exp2_fast(-std::numeric_limits<float>::infinity()) == 0.0f);
  CHECK(std::isnan(exp2_fast(std::numeric_limits<float>::quiet_NaN())));
}

TEST_CASE("RMS norm, also in place", "[kernels]") {
  Team team(2);
  for (const std::int64_t width : kWidths) {
    const std::int64_t rows = width == 576 ? 70 : 3;
    const auto x = random_floats(1, rows * width, 3.0f);
    const auto weight = random_floats(3, width);
    for (const Isa isa : usable_isas()) {
      const Exec exec{isa, &team};
      std::vector<float> y(x.size());
      rms_norm(exec, x.data(), width, rows, width, weight.data(), 1e-5f, y.data(), width);
      std::vector<float> in_place = x;
      rms_norm(exec, in_place.data(), width, rows, width, weight.data(), 1e-5f, in_place.data(), width);
      CHECK(in_place == y);
      for (std::int64_t i = 0; i < rows; ++i) {
        double squares = 0;
        for (std::int64_t j = 0; j < width; ++j) {
          const double value = x[static_cast<std::size_t>(i * width + j)];
          squares += value * value;
        }
        const double n = static_cast<double>(width);
        for (std::int64_t j = 0; j < width; ++j) {
          const auto at = static_cast<std::size_t>(i * width + j);
          const double expected = x[at] / std::sqrt(squares / n + 1e-5) * weight[static_cast<std::size_t>(j)];
          REQUIRE(close(y[at], expected, std::abs(expected), 16 + n / 16));
        }
      }
    }
  }
}

TEST_CASE("Rotation of heads, by position, with and without a norm", "[kernels]") {
  Team team(2);
  constexpr std::int64_t kPairs = 20;
  constexpr std::int64_t kHeads = 3;
  constexpr std::int64_t kLd = 130;
  std::vector<double> frequencies;
  for (int i = 0; i < kPairs; ++i) frequencies.push_back(std::pow(10000.0, -i / 20.0));
  RopeTable table(frequencies);
  table.reserve(10);
  table.reserve(5000);
  REQUIRE(table.positions() >= 5000);
  CHECK(table.cos(4999)[3] == static_cast<float>(std::cos(4999 * frequencies[3])));
  CHECK(table.sin(7)[0] == static_cast<float>(std::sin(7.0)));
  const std::vector<std::int32_t> positions = {0, 1, 9, 4999};
  const auto x = random_floats(4, 4 * kLd);
  const auto weight = random_floats(5, 2 * kPairs);
  for (const Isa isa : usable_isas()) {
    for (const bool with_norm : {false, true}) {
      std::vector<float> y = x;
      rope({isa, &team}, y.data(), kLd, positions, kHeads, table, with_norm ? weight.data() : nullptr, 1e-6f);
      for (std::size_t r = 0; r < 4; ++r) {
        for (std::int64_t h = 0; h < kHeads; ++h) {
          const std::size_t first = r * kLd + static_cast<std::size_t>(h * 2 * kPairs);
          double squares = 0;
          for (std::size_t i = 0; i < 2 * kPairs; ++i)
            squares += static_cast<double>(x[first + i]) * x[first + i];
          const double scale = with_norm ? 1 / std::sqrt(squares / (2 * kPairs) + 1e-6) : 1.0;
          for (std::size_t i = 0; i < kPairs; ++i) {
            const double a = x[first + i] * scale * (with_norm ? weight[i] : 1.0f);
            const double b = x[first + kPairs + i] * scale * (with_norm ? weight[kPairs + i] : 1.0f);
            const double angle = positions[r] * frequencies[i];
            const double size = std::abs(a) + std::abs(b);
            REQUIRE(close(y[first + i], a * std::cos(angle) - b * std::sin(angle), size, 24));
            REQUIRE(close(y[first + kPairs + i], b * std::cos(angle) + a * std::sin(angle), size, 24));
          }
        }
        for (std::size_t i = 120; i < 130; ++i) REQUIRE(y[r * kLd + i] == x[r * kLd + i]);
      }
    }
  }
}

TEST_CASE("SiLU times up, also in place and far out", "[kernels]") {
  Team team(2);
  for (const std::int64_t width : kWidths) {
    const std::int64_t rows = 3;
    auto x = random_floats(6, rows * 2 * width, 30.0f);
    x[0] = -300.0f;
    x[static_cast<std::size_t>(width)] = 2.0f;
    for (const Isa isa : usable_isas()) {
      std::vector<float> y(static_cast<std::size_t>(rows * width));
      silu_mul({isa, &team}, x.data(), 2 * width, rows, width, y.data(), width);
      std::vector<float> in_place = x;
      silu_mul({isa, &team}, in_place.data(), 2 * width, rows, width, in_place.data(), 2 * width);
      for (std::int64_t i = 0; i < rows; ++i) {
        for (std::int64_t j = 0; j < width; ++j) {
          const double gate = x[static_cast<std::size_t>(i * 2 * width + j)];
          const double up = x[static_cast<std::size_t>(i * 2 * width + width + j)];
          const double expected = gate / (1 + std::exp(-gate)) * up;
          // e^-gate is as exact as the product -gate * log2(e) is, which is rounded.
          const double ulps = 12 + 2 * std::abs(gate);
          const float got = y[static_cast<std::size_t>(i * width + j)];
          REQUIRE(close(got, expected, std::abs(expected) + 1e-28, ulps));
          REQUIRE(in_place[static_cast<std::size_t>(i * 2 * width + j)] == got);
        }
      }
    }
  }
}

}  // namespace assay::local::kernels
