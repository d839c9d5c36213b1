// What a cache in int8 costs in exactness, and what it saves.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "backends/local/decoder/load.h"
#include "backends/local/model_files.h"
#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/model_cache.h"
#include "tests/backends/local/decoder/tiny.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

using namespace assay;
using namespace assay::local;
using namespace assay::local::test;

namespace {

LoadOptions with_cache(const std::string& kv_cache, const std::string& dtype, const std::string& kernels,
                       int threads = 1) {
  LoadOptions options = on_cpu(dtype, kernels, threads);
  options.kv_cache = kv_cache;
  return options;
}

struct Squares {
  double off = 0, all = 0;
  void add(const std::vector<float>& rows, const std::vector<float>& wanted) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      off += std::pow(static_cast<double>(rows[i]) - wanted[i], 2);
      all += std::pow(static_cast<double>(wanted[i]), 2);
    }
  }
  double relative() const { return std::sqrt(off / all); }
};

std::size_t greedy(const std::vector<float>& row) {
  return static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

std::vector<Fed*> pointers(std::vector<Fed>& sequences) {
  std::vector<Fed*> out;
  for (Fed& fed : sequences) out.push_back(&fed);
  return out;
}

constexpr std::size_t kSaid = 64;  // tokens of each prompt

// Feeds both models the same tokens, `counts` at a time.
Squares difference(Model& model, Model& exact, const std::vector<TokenId>& tokens) {
  std::int32_t block = 0;
  Fed one = placed(tokens, block), other = one;
  Squares squares;
  for (const std::size_t count : {17, 1, 1, 12, 1, 8}) {
    squares.add(feed(model, one, count), feed(exact, other, count));
  }
  return squares;
}

}  // namespace

TEST_CASE("with a cache in int8 logits stay near those of an exact one, by every path", "[decoder]") {
  for (const std::int64_t head_dim : {8, 64}) {
    ModelConfig config = plain_config();
    config.kv_heads = 2;
    config.qk_norm = true;
    config.head_dim = head_dim;
    const ModelFiles files = tiny_model(config, 8);
    const auto tokens = random_tokens(config.vocab, 40, 3);
    const auto exact = load(files, on_cpu("fp32", "torch"));
    for (const auto& [dtype, bound] : {std::pair("fp32", 0.02), std::pair("bf16", 0.05)}) {
      for (const char* kernels : {"auto", "torch"}) {
        INFO(dtype << ", kernels " << kernels << ", head_dim " << head_dim);
        const auto model = load(files, with_cache("int8", dtype, kernels));
        const double relative = difference(*model, *exact, tokens).relative();
        CHECK(relative <= bound);
        CHECK(relative > 1e-5);  // it is not the exact one
      }
    }
    const auto ours = load(files, with_cache("int8", "fp32", "auto"));
    const auto torch = load(files, with_cache("int8", "fp32", "torch"));
    CHECK(difference(*ours, *torch, tokens).relative() <= 2e-3);  // one formula, rounded twice
  }
}

TEST_CASE("a cache in int8 is planned by its own bytes, and other types are refused", "[decoder]") {
  ModelConfig config = plain_config();
  config.head_dim = 64;
  const ModelFiles files = tiny_model(config, 9);
  const auto heads = static_cast<std::uint64_t>(2 * config.layers * config.kv_heads * kBlockTokens);
  for (const char* kernels : {"auto", "torch"}) {
    CHECK(load(files, with_cache("auto", "bf16", kernels))->shape().block_bytes == heads * 128);
    CHECK(load(files, with_cache("int8", "bf16", kernels))->shape().block_bytes == heads * (64 + 4));
  }
  const auto refused = load_model(files, with_cache("fp8", "bf16", "auto"));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Code::invalid);
  CHECK(refused.error().message.find("kv_cache 'fp8'") != std::string::npos);
}

TEST_CASE("SmolLM2-135M with a cache in int8: logits, and greedy tokens, beside bf16", "[decoder][slow]") {
  const auto path = resolve_model("smollm2-135m");
  if (!path) {
    WARN("smollm2-135m is not in the cache of models: skipped");
    return;
  }
  auto files = open_model(*path);
  REQUIRE(files.ok());
  const auto fixture = parse_json(assay::test::read_file(
      std::string(ASSAY_SOURCE_DIR) + "/tests/backends/local/decoder/fixtures/smollm2_greedy.json"));
  REQUIRE(fixture.ok());
  const auto exact = load(*files, with_cache("auto", "bf16", "auto", 0), 512);
  const auto model = load(*files, with_cache("int8", "bf16", "auto", 0), 512);
  const auto fp32 = load(*files, with_cache("auto", "fp32", "auto", 0), 512);
  // Each is told the exact one's greedy text, so that one other token does not change all that follow.
  std::vector<Fed> one, other, third;
  std::vector<std::size_t> counts;
  std::int32_t block = 0;
  for (const Json& row : (*fixture)["rows"]) {
    auto ids = row["ids"].get<std::vector<TokenId>>();
    counts.push_back(ids.size());
    ids.resize(ids.size() + kSaid);
    one.push_back(placed(ids, block));
  }
  other = third = one;
  Squares squares, rounding;
  std::size_t tokens = 0, equal = 0, equal_fp32 = 0;
  std::vector<bool> same_text(one.size(), true);
  for (std::size_t step = 0; step < kSaid; ++step) {
    const auto wanted = feed(*exact, pointers(one), counts), got = feed(*model, pointers(other), counts),
               full = feed(*fp32, pointers(third), counts);
    for (std::size_t i = 0; i < one.size(); ++i) {
      squares.add(got[i], wanted[i]);
      rounding.add(wanted[i], full[i]);
      const std::size_t next = greedy(wanted[i]);
      equal += greedy(got[i]) == next ? 1 : 0;
      equal_fp32 += greedy(full[i]) == next ? 1 : 0;
      same_text[i] = same_text[i] && greedy(got[i]) == next;
      ++tokens;
      for (Fed* fed : {&one[i], &other[i], &third[i]})
        fed->tokens[static_cast<std::size_t>(fed->done)] = static_cast<TokenId>(next);
    }
    counts.assign(counts.size(), 1);
  }
  WARN(format("cache in int8 against bf16: logits {:.4f} off (relative RMS), {} of {} greedy tokens equal, "
              "{} of 20 texts; bf16 against fp32: {:.4f} off, {} equal",
              squares.relative(), equal, tokens, std::count(same_text.begin(), same_text.end(), true),
              rounding.relative(), equal_fp32));
  CHECK(tokens == 20 * kSaid);
  CHECK(squares.relative() < 0.05);
  CHECK(equal * 100 >= tokens * 95);
}
