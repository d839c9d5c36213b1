// The decoder on a CUDA device. Not part of the default run: ctest -L gpu.
#include <cmath>

#include "backends/local/decoder/device.h"
#include "tests/backends/local/decoder/reference.h"
#include "tests/backends/local/decoder/tiny.h"
#include "tests/support/catch.h"

using namespace assay;
using namespace assay::local;
using namespace assay::local::test;

namespace {

bool have_cuda() {
  if (find_device("cuda:0").ok()) return true;
  WARN("no CUDA device here: skipped");
  return false;
}

LoadOptions on_cuda(const std::string& dtype) {
  LoadOptions options;
  options.device = "cuda:0";
  options.dtype = dtype;
  return options;
}

double relative_rms(const std::vector<float>& logits, const std::vector<double>& wanted) {
  double square = 0, of = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    square += (logits[i] - wanted[i]) * (logits[i] - wanted[i]);
    of += wanted[i] * wanted[i];
  }
  return std::sqrt(square / of);
}

}  // namespace

TEST_CASE("on CUDA the logits of every architecture are near the reference", "[.][gpu]") {
  if (!have_cuda()) return;
  for (const auto& [name, config] : every_config()) {
    const ModelFiles files = tiny_model(config, 7);
    const auto tokens = random_tokens(config.vocab, 40, 11);
    const auto wanted = reference_logits(config, *files.weights, tokens);
    for (const auto& [dtype, bound] : {std::pair("fp32", 1e-4), std::pair("bf16", 0.05)}) {
      INFO(name << " in " << dtype);
      const auto model = load(files, on_cuda(dtype), 8);
      std::int32_t block = 2;
      Fed sequence = placed(tokens, block);
      for (const std::size_t count : {17, 1, 1, 12, 1, 8}) {
        const auto logits = feed(*model, sequence, count);
        CHECK(relative_rms(logits, wanted[static_cast<std::size_t>(sequence.done - 1)]) <= bound);
      }
    }
  }
}

TEST_CASE("on CUDA a batch of 70, in chunks and shared blocks, gives what single runs give", "[.][gpu]") {
  if (!have_cuda()) return;
  ModelConfig config = plain_config();
  config.kv_heads = 2;
  const ModelFiles files = tiny_model(config, 1);
  const auto model = load(files, on_cuda("fp32"), 1024);
  std::int32_t block = 0;
  std::vector<Fed> together, alone;
  std::vector<std::size_t> prompt, one(70, 1);
  for (std::size_t i = 0; i < 70; ++i) {
    const auto tokens = random_tokens(config.vocab, 4 + i, i);
    together.push_back(placed(tokens, block));
    alone.push_back(placed(tokens, block));
    prompt.push_back(tokens.size() - 2);
  }
  std::vector<Fed*> members;
  for (Fed& fed : together) members.push_back(&fed);
  for (int step = 0; step < 3; ++step) {
    const auto& counts = step == 0 ? prompt : one;
    const auto rows = feed(*model, members, counts);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto single = feed(*model, alone[i], counts[i]);
      CHECK(relative_rms(rows[i], std::vector<double>(single.begin(), single.end())) <= 1e-4);
    }
  }
}
