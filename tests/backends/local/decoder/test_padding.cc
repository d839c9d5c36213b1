// Attention of several sequences in one padded operation, as on CUDA, here on a CPU.
#include <cmath>

#include "backends/local/decoder/attention_groups.h"
#include "backends/local/decoder/decoder.h"
#include "backends/local/decoder/load_weights.h"
#include "tests/backends/local/decoder/tiny.h"
#include "tests/support/catch.h"

using namespace assay;
using namespace assay::local;
using namespace assay::local::test;

namespace {

std::unique_ptr<Model> padded_model(const ModelFiles& files, KvType kv, std::int64_t together) {
  auto ops = make_torch_ops(files.config, {Precision::f32, kv, "cpu", together});
  DecoderWeights weights = load_weights(files.config, *files.weights, *ops);
  auto model = make_decoder(files.config, std::move(ops), std::move(weights), std::uint64_t{1} << 30, false);
  REQUIRE(model->reserve(256).ok());
  return model;
}

}  // namespace

TEST_CASE("sequences that attend in one padded operation get what each alone gets", "[decoder]") {
  ModelConfig config = plain_config();
  config.kv_heads = 2;
  const ModelFiles files = tiny_model(config, 6);
  const KvType kv = GENERATE(KvType::same, KvType::int8);
  const auto padded = padded_model(files, kv, 4);
  LoadOptions options = on_cpu("fp32", "torch");
  if (kv == KvType::int8) options.kv_cache = "int8";
  const auto alone = load(files, options);
  std::int32_t block = 0;
  std::vector<Fed> sequences;
  for (std::size_t i = 0; i < 11; ++i) {  // two full groups and a part of one
    sequences.push_back(placed(random_tokens(config.vocab, 3 + 7 * i % 50, i), block));
  }
  std::vector<Fed> others = sequences;
  std::vector<Fed*> members;
  std::vector<std::size_t> prompt, one(sequences.size(), 1);
  for (Fed& fed : sequences) {
    members.push_back(&fed);
    prompt.push_back(fed.tokens.size() - 2);
  }
  for (int step = 0; step < 3; ++step) {
    const auto& counts = step == 0 ? prompt : one;
    const auto rows = feed(*padded, members, counts);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto wanted = feed(*alone, others[i], counts[i]);
      double largest = 0;
      for (std::size_t j = 0; j < wanted.size(); ++j) {
        const double off = std::abs(static_cast<double>(rows[i][j]) - wanted[j]);
        largest = std::max(largest, std::isfinite(off) ? off : HUGE_VAL);
      }
      INFO("sequence " << i << ", step " << step);
      // A sum that is rounded otherwise may take a key's value to the next whole number.
      CHECK(largest <= (kv == KvType::int8 ? 0.05 : 1e-4));
    }
  }
}

TEST_CASE("padding stays within a sequence's own slots; a long chunk is cut", "[decoder]") {
  const std::vector<TokenId> token = {1}, many(40000, 1);
  std::vector<std::int32_t> first = {7}, second = {3, 5}, all(2500);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int32_t>(i);
  const std::vector<StepSequence> singles = {{token, 1, first, true}, {token, 17, second, true}};
  ModelShape shape;
  shape.vocab = 10;
  shape.context = 40000;
  StepPlan plan;
  REQUIRE(plan_step(singles, shape, 8, plan).ok());
  const auto groups = attention_groups(plan, 4, 8);
  REQUIRE(groups.size() == 1);
  CHECK(groups[0].keys == 18);
  REQUIRE(groups[0].slot.size() == 36);
  CHECK(groups[0].slot[1] == 7 * kBlockTokens + 1);
  for (std::size_t i = 2; i < 18; ++i) CHECK(groups[0].slot[i] == 7 * kBlockTokens);
  CHECK(groups[0].slot[18 + 17] == 5 * kBlockTokens + 1);

  const std::vector<StepSequence> chunk = {{many, 0, all, false}};
  REQUIRE(plan_step(chunk, shape, 2500, plan).ok());
  std::int64_t rows = 0;
  for (const AttentionGroup& group : attention_groups(plan, 4, 8)) {
    CHECK(group.rows * group.keys * 4 <= std::int64_t{1} << 25);
    CHECK(group.row.front() == rows);
    rows += group.rows;
    CHECK(group.keys == rows);
  }
  CHECK(rows == 40000);
}
