// The decoder on a CUDA device. Not part of the default run: ctest -L gpu.
#include <algorithm>
#include <cmath>

#include "backends/local/decoder/decode_graph.h"
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

TEST_CASE("on CUDA recorded decoding says what the operations say, token by token", "[.][gpu]") {
  if (!have_cuda()) return;
  if (!DecodeGraph::possible()) {
    WARN("this build cannot record CUDA graphs: skipped");
    return;
  }
  ModelConfig config = plain_config();
  config.kv_heads = 2;
  const ModelFiles files = tiny_model(config, 3);
  for (const char* kv_cache : {"auto", "int8"}) {
    INFO("cache " << kv_cache);
    LoadOptions options = on_cuda("fp32");
    options.kv_cache = kv_cache;
    const auto recorded = load(files, options, 1024);
    options.cuda_graphs = false;
    const auto plain = load(files, options, 1024);
    std::int32_t block = 0;
    std::vector<Fed> some, others;
    std::vector<std::size_t> counts;
    for (std::size_t i = 0; i < 20; ++i) {
      some.push_back(placed(random_tokens(config.vocab, 70 + i, i), block));
      counts.push_back(4 + i);
    }
    others = some;
    for (std::size_t step = 0; step < 60; ++step) {
      const std::size_t batch = 20 - step / 8;  // sequences end: 32, 16 and so on are recorded in turn
      std::vector<Fed*> mine, theirs;
      for (std::size_t i = 0; i < batch; ++i) {
        mine.push_back(&some[i]);
        theirs.push_back(&others[i]);
      }
      counts.resize(batch);
      const auto rows = feed(*recorded, mine, counts), wanted = feed(*plain, theirs, counts);
      for (std::size_t i = 0; i < batch; ++i) {
        const auto said = std::max_element(rows[i].begin(), rows[i].end()) - rows[i].begin();
        const auto expected = std::max_element(wanted[i].begin(), wanted[i].end()) - wanted[i].begin();
        INFO("sequence " << i << ", step " << step);
        CHECK(said == expected);
        for (Fed* fed : {mine[i], theirs[i]})
          fed->tokens[static_cast<std::size_t>(fed->done)] = static_cast<TokenId>(expected);
      }
      counts.assign(batch, 1);
    }
  }
}
