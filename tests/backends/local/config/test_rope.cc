#include <cmath>

#include "backends/local/config/read_config.h"
#include "tests/support/catch.h"

namespace assay::local {
namespace {

ModelConfig with_rope(std::int64_t head_dim, Rope rope) {
  ModelConfig config;
  config.head_dim = head_dim;
  config.rope = std::move(rope);
  return config;
}

TEST_CASE("Rotary frequencies: plain ones fall from 1 by theta^(2/d)", "[rope]") {
  Rope rope;
  rope.theta = 10000;
  const auto f = rotary_frequencies(with_rope(8, rope));
  REQUIRE(f.size() == 4);
  CHECK(f[0] == 1);
  CHECK(f[1] == Approx(0.1).epsilon(1e-12));
  CHECK(f[2] == Approx(0.01).epsilon(1e-12));
  CHECK(f[3] == Approx(0.001).epsilon(1e-12));
}

TEST_CASE("Rotary frequencies: linear scaling divides all of them", "[rope]") {
  Rope rope;
  rope.scaling = RopeScaling::linear;
  rope.factor = 4;
  const auto f = rotary_frequencies(with_rope(8, rope));
  CHECK(f[0] == 0.25);
  CHECK(f[3] == Approx(0.00025).epsilon(1e-12));
}

// Llama 3.1 8B: head_dim 128, theta 5e5, factor 8, 1, 4, 8192. Expected values: transformers 5.24's
// ROPE_INIT_FUNCTIONS["llama3"], in float32.
TEST_CASE("Rotary frequencies: llama3 scaling as transformers computes it", "[rope]") {
  Rope rope;
  rope.theta = 500000;
  rope.scaling = RopeScaling::llama3;
  rope.factor = 8;
  const auto f = rotary_frequencies(with_rope(128, rope));
  REQUIRE(f.size() == 64);
  const struct {
    std::size_t at;
    double value;
  } rows[] = {{0, 1}, {1, 0.814617217}, {20, 0.0165604409}, {28, 0.00321144611},
               {29, 0.00216657063}, {30, 0.00137189368}, {31, 0.00085675146}, {32, 0.000524846022},
               {33, 0.00031269365}, {34, 0.000178507791}, {35, 9.55621217e-05}, {36, 7.78465546e-05},
               {40, 3.42810235e-05}, {63, 3.06892588e-07}};
  for (const auto& row : rows) {
    INFO(row.at);
    CHECK(f[row.at] == Approx(row.value).epsilon(3e-6));
  }
}

TEST_CASE("Rotary frequencies: divisors give what the formula behind them gives", "[rope]") {
  Rope rope;
  rope.theta = 500000;
  rope.scaling = RopeScaling::llama3;
  rope.factor = 8;
  const auto scaled = rotary_frequencies(with_rope(64, rope));
  Rope plain;
  plain.theta = 500000;
  const auto unscaled = rotary_frequencies(with_rope(64, plain));
  Rope divided = plain;
  divided.scaling = RopeScaling::divisors;
  for (std::size_t i = 0; i < scaled.size(); ++i) {
    divided.divisors.push_back(static_cast<double>(static_cast<float>(unscaled[i] / scaled[i])));
  }
  const auto again = rotary_frequencies(with_rope(64, divided));
  for (std::size_t i = 0; i < scaled.size(); ++i) CHECK(again[i] == Approx(scaled[i]).epsilon(1e-7));
}

}  // namespace
}  // namespace assay::local
