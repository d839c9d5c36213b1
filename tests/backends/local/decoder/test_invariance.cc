// The logits of a sequence depend on its own tokens alone. On the CPU kernels that is so to the last bit.
#include <algorithm>
#include <cmath>

#include "tests/backends/local/decoder/tiny.h"
#include "tests/support/catch.h"

using namespace assay;
using namespace assay::local;
using namespace assay::local::test;

namespace {

struct Path {
  const char *dtype, *kernels, *kv_cache;
  double tolerance;  // 0: bitwise
};
// A sum that is rounded otherwise may take a key's value in int8 to the next whole number.
const Path kPaths[] = {{"fp32", "auto", "auto", 0},     {"bf16", "auto", "auto", 0},
                       {"fp32", "auto", "int8", 0},     {"bf16", "auto", "int8", 0},
                       {"fp32", "torch", "auto", 1e-4}, {"bf16", "torch", "auto", 0.3},
                       {"fp32", "torch", "int8", 0.1},  {"bf16", "torch", "int8", 0.3}};

LoadOptions options_of(const Path& path, int threads = 1) {
  LoadOptions options = on_cpu(path.dtype, path.kernels, threads);
  options.kv_cache = path.kv_cache;
  return options;
}

ModelConfig grouped_config() {
  ModelConfig config = plain_config();
  config.kv_heads = 2;
  config.qkv_bias = true;
  config.qk_norm = true;
  return config;
}

void check_same(const std::vector<float>& a, const std::vector<float>& b, double tolerance) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double off = std::abs(static_cast<double>(a[i]) - b[i]);
    largest = std::max(largest, std::isfinite(off) ? off : HUGE_VAL);
  }
  CHECK(largest <= tolerance);
}

}  // namespace

TEST_CASE("a batch of 32 gives what 32 single runs give", "[decoder]") {
  const ModelConfig config = grouped_config();
  const ModelFiles files = tiny_model(config, 1);
  for (const Path& path : kPaths) {
    INFO(path.dtype << ", kernels " << path.kernels << ", cache " << path.kv_cache);
    const auto model = load(files, options_of(path));
    std::int32_t block = 0;
    std::vector<Fed> together, alone;
    std::vector<Fed*> members;
    std::vector<std::size_t> prompt, one(32, 1);
    for (std::size_t i = 0; i < 32; ++i) {
      const auto tokens = random_tokens(config.vocab, 4 + i + i * i % 13, i);
      together.push_back(placed(tokens, block));
      alone.push_back(placed(tokens, block));
      prompt.push_back(tokens.size() - 3);
    }
    for (Fed& fed : together) members.push_back(&fed);
    for (int step = 0; step < 4; ++step) {  // a prompt and three single tokens
      const auto& counts = step == 0 ? prompt : one;
      const auto rows = feed(*model, members, counts);
      for (std::size_t i = 0; i < 32; ++i)
        check_same(rows[i], feed(*model, alone[i], counts[i]), path.tolerance);
    }
  }
}

TEST_CASE("a prompt in chunks, mixed with other work, gives what the prompt at once gives", "[decoder]") {
  const ModelConfig config = grouped_config();
  const ModelFiles files = tiny_model(config, 2);
  for (const Path& path : kPaths) {
    INFO(path.dtype << ", kernels " << path.kernels << ", cache " << path.kv_cache);
    const auto model = load(files, options_of(path));
    std::int32_t block = 0;
    const auto tokens = random_tokens(config.vocab, 150, 5);
    Fed whole = placed(tokens, block), cut = placed(tokens, block), single = placed(tokens, block);
    Fed other = placed(random_tokens(config.vocab, 40, 6), block);
    const auto wanted = feed(*model, whole, 150);
    feed(*model, {&cut, &other}, {64, 1});
    feed(*model, {&other, &cut}, {20, 33});
    feed(*model, cut, 2);
    check_same(feed(*model, {&other, &cut}, {1, 51}).back(), wanted, path.tolerance);
    std::vector<float> last;  // as if every token had been generated: recomputed equals kept
    for (int i = 0; i < 150; ++i) last = feed(*model, single, 1);
    check_same(last, wanted, path.tolerance);
  }
}

TEST_CASE("a prefix in shared blocks gives what one's own blocks give; a copied block goes its own way",
          "[decoder]") {
  const ModelConfig config = grouped_config();
  const ModelFiles files = tiny_model(config, 3);
  for (const Path& path : kPaths) {
    INFO(path.dtype << ", kernels " << path.kernels << ", cache " << path.kv_cache);
    const auto model = load(files, options_of(path));
    std::int32_t block = 0;
    const auto prefix = random_tokens(config.vocab, 2 * kBlockTokens + 5, 9);
    auto with_end = [&](std::uint64_t seed) {
      auto tokens = prefix;
      for (const TokenId token : random_tokens(config.vocab, 7, seed)) tokens.push_back(token);
      return tokens;
    };
    Fed first = placed(with_end(1), block), own = placed(with_end(2), block);
    feed(*model, first, prefix.size());
    Fed second{with_end(2), {first.blocks[0], first.blocks[1], block++}, first.done};
    model->copy_block(first.blocks[2], second.blocks[2]);
    const auto of_first = feed(*model, first, 7);
    const auto of_second = feed(*model, second, 7);
    feed(*model, own, prefix.size());
    check_same(of_second, feed(*model, own, 7), path.tolerance);
    Fed again = placed(with_end(1), block);
    check_same(feed(*model, again, again.tokens.size()), of_first, path.tolerance);
  }
}

TEST_CASE("what an earlier sequence left in a block does not matter", "[decoder]") {
  const ModelConfig config = grouped_config();
  const ModelFiles files = tiny_model(config, 4);
  for (const Path& path : kPaths) {
    INFO(path.dtype << ", kernels " << path.kernels << ", cache " << path.kv_cache);
    const auto model = load(files, options_of(path));
    std::int32_t block = 0, again = 0;
    Fed earlier = placed(random_tokens(config.vocab, 60, 1), block);
    const auto tokens = random_tokens(config.vocab, 21, 2);
    Fed fresh = placed(tokens, block);
    feed(*model, earlier, 60);
    Fed reused = placed(tokens, again);
    check_same(feed(*model, reused, 21), feed(*model, fresh, 21), 0);
  }
}

TEST_CASE("one thread and two give the same", "[decoder]") {
  const ModelConfig config = grouped_config();
  const ModelFiles files = tiny_model(config, 5);
  for (const Path& path : kPaths) {
    INFO(path.dtype << ", kernels " << path.kernels << ", cache " << path.kv_cache);
    std::vector<std::vector<float>> rows;
    for (const int threads : {1, 2}) {
      const auto model = load(files, options_of(path, threads));
      std::int32_t block = 0;
      Fed a = placed(random_tokens(config.vocab, 90, 3), block),
          b = placed(random_tokens(config.vocab, 90, 4), block);
      feed(*model, {&a, &b}, {70, 3});
      for (auto& row : feed(*model, {&a, &b}, {1, 1})) rows.push_back(std::move(row));
    }
    check_same(rows[0], rows[2], path.tolerance);
    check_same(rows[1], rows[3], path.tolerance);
  }
}
