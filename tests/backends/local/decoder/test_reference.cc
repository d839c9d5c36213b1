// The decoder against the forward pass written in double, for every combination of switches.
#include <cmath>

#include "tests/backends/local/decoder/reference.h"
#include "tests/backends/local/decoder/tiny.h"
#include "tests/support/catch.h"

using namespace assay;
using namespace assay::local;
using namespace assay::local::test;

namespace {

// Of the logits after each of several steps of one sequence: a prompt in two chunks, single tokens between.
const std::vector<std::size_t> kCuts = {17, 1, 1, 1, 12, 1, 1, 6};

struct Deviation {
  double largest = 0;
  double square = 0, of = 0;
  double relative_rms() const { return std::sqrt(square / of); }
  void add(const std::vector<float>& logits, const std::vector<double>& wanted) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const double off = logits[i] - wanted[i];
      largest = std::max(largest, std::isfinite(off) ? std::abs(off) : HUGE_VAL);
      square += off * off;
      of += wanted[i] * wanted[i];
    }
  }
};

Deviation deviation(const ModelFiles& files, const std::vector<TokenId>& tokens,
                    const std::vector<std::vector<double>>& wanted, const LoadOptions& options) {
  const auto model = load(files, options, 8);
  std::int32_t block = 2;
  Fed sequence = placed(tokens, block);
  Deviation out;
  for (const std::size_t count : kCuts) {
    const auto logits = feed(*model, sequence, count);
    out.add(logits, wanted[static_cast<std::size_t>(sequence.done - 1)]);
  }
  return out;
}

}  // namespace

TEST_CASE("fp32 logits of every architecture are those of the reference in double to 1e-4", "[decoder]") {
  double worst = 0;
  for (const auto& [name, config] : every_config()) {
    const ModelFiles files = tiny_model(config, 7);
    const auto tokens = random_tokens(config.vocab, 40, 11);
    const auto wanted = reference_logits(config, *files.weights, tokens);
    for (const char* kernels : {"torch", "auto"}) {
      INFO(name << " with kernels " << kernels);
      const double largest = deviation(files, tokens, wanted, on_cpu("fp32", kernels)).largest;
      CHECK(largest <= 1e-4);
      worst = std::max(worst, largest);
    }
  }
  INFO("largest difference of all " << worst);
  CHECK(worst > 0);  // they are not one and the same code
}

// HF's order of operations in bf16 is what "torch" computes. The kernels keep the residual stream in fp32.
TEST_CASE("bf16 logits are near the reference, and the kernels' no further away than HF's order",
          "[decoder]") {
  double torch_sum = 0, kernel_sum = 0;
  for (const auto& [name, config] : every_config()) {
    const ModelFiles files = tiny_model(config, 8);
    const auto tokens = random_tokens(config.vocab, 40, 12);
    const auto wanted = reference_logits(config, *files.weights, tokens);
    INFO(name);
    const double torch = deviation(files, tokens, wanted, on_cpu("bf16", "torch")).relative_rms();
    const double kernels = deviation(files, tokens, wanted, on_cpu("bf16", "auto")).relative_rms();
    CHECK(kernels <= 0.02);
    torch_sum += torch;
    kernel_sum += kernels;
    UNSCOPED_INFO(name << ": torch " << torch << ", kernels " << kernels);
  }
  CHECK(kernel_sum <= torch_sum);
}
