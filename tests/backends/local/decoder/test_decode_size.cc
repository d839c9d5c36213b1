// Decoding steps filled up to few sizes, as they are recorded on CUDA; here on a CPU, where nothing is
// recorded.
#include "backends/local/decoder/decode_size.h"

#include <cmath>

#include "backends/local/decoder/decoder.h"
#include "backends/local/decoder/load_weights.h"
#include "tests/backends/local/decoder/tiny.h"
#include "tests/support/catch.h"

using namespace assay;
using namespace assay::local;
using namespace assay::local::test;

namespace {

// A step of one token each, of sequences of these lengths.
struct Decoding {
  std::vector<TokenId> token = {1};
  std::vector<std::int32_t> blocks = std::vector<std::int32_t>(40000 / kBlockTokens, 3);
  std::vector<StepSequence> sequences;
  StepPlan plan;
  explicit Decoding(const std::vector<std::int32_t>& lengths) {
    for (const std::int32_t length : lengths) sequences.push_back({token, length - 1, blocks, true});
    plan_again();
  }
  void plan_again() {
    ModelShape shape;
    shape.vocab = 10;
    shape.context = 40000;
    REQUIRE(plan_step(sequences, shape, 8, plan).ok());
  }
};

}  // namespace

TEST_CASE("decoding steps have few sizes, and others have none", "[decoder]") {
  struct Row {
    std::size_t sequences;
    std::int32_t longest;
    std::int64_t padded, keys;  // 0: none
  };
  const Row rows[] = {{1, 1, 1, 256},      {1, 256, 1, 256},     {2, 257, 2, 384},    {3, 384, 4, 384},
                      {5, 385, 8, 512},    {32, 513, 32, 768},   {33, 769, 64, 1024}, {64, 4096, 64, 4096},
                      {64, 4097, 0, 0},    {65, 10, 0, 0},       {8, 30000, 8, 32768}, {16, 30000, 0, 0},
                      {4, 33000, 4, 49152}};
  for (const Row& row : rows) {
    INFO(row.sequences << " sequences of " << row.longest);
    std::vector<std::int32_t> lengths(row.sequences, 1);
    lengths[row.sequences / 2] = row.longest;
    const auto size = decode_size(Decoding(lengths).plan);
    REQUIRE(size.has_value() == (row.padded > 0));
    if (size) CHECK(*size == DecodeSize{row.padded, row.keys});
  }
  Decoding mixed({5, 9});
  mixed.sequences[0].wants_logits = false;
  mixed.plan_again();
  CHECK_FALSE(decode_size(mixed.plan).has_value());
  const std::vector<TokenId> two = {1, 2};
  mixed.sequences[0] = {two, 0, mixed.blocks, true};
  mixed.plan_again();
  CHECK_FALSE(decode_size(mixed.plan).has_value());
}

TEST_CASE("a step is filled up with sequences of a spare block only", "[decoder]") {
  Decoding step({20, 7, 9});
  PaddedStep padded;
  const StepPlan& plan = padded.pad(step.plan, {8, 256}, 77);
  REQUIRE(plan.sequences.size() == 8);
  CHECK(plan.rows() == 8);
  CHECK(plan.wanted == std::vector<std::int32_t>{0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(plan.position == std::vector<std::int32_t>{19, 6, 8, 0, 0, 0, 0, 0});
  CHECK(plan.slot[0] == 3 * kBlockTokens + 3);
  for (std::size_t i = 3; i < 8; ++i) CHECK(plan.slot[i] == 77 * kBlockTokens);
  CHECK(plan.sequences[7].blocks[0] == 77);
}

TEST_CASE("steps that are filled up give what plain ones give, and go on as batches change", "[decoder]") {
  ModelConfig config = plain_config();
  config.kv_heads = 2;
  const ModelFiles files = tiny_model(config, 6);
  for (const KvType kv : {KvType::same, KvType::int8}) {
    TorchSettings settings;
    settings.kv = kv;
    settings.together = 64;
    settings.graphs = true;
    auto ops = make_torch_ops(files.config, settings);
    DecoderWeights weights = load_weights(files.config, *files.weights, *ops);
    const auto padded =
        make_decoder(files.config, std::move(ops), std::move(weights), std::uint64_t{1} << 30, false);
    REQUIRE(padded->reserve(256).ok());
    LoadOptions options = on_cpu("fp32", "torch");
    if (kv == KvType::int8) options.kv_cache = "int8";
    const auto plain = load(files, options);
    std::int32_t block = 0;
    std::vector<Fed> some, others;
    for (std::size_t i = 0; i < 11; ++i)
      some.push_back(placed(random_tokens(config.vocab, 12 + 7 * i % 50, i), block));
    others = some;
    for (std::size_t step = 0; step < 9; ++step) {
      const std::size_t batch = step == 0 ? 11 : 1 + 5 * step % 11;  // one size after another, and again
      std::vector<Fed*> members;
      std::vector<std::size_t> counts;
      for (std::size_t i = 0; i < batch; ++i) {
        members.push_back(&some[i]);
        counts.push_back(step == 0 ? some[i].tokens.size() - 10 : 1);
      }
      const auto rows = feed(*padded, members, counts);
      for (std::size_t i = 0; i < batch; ++i) {
        const auto wanted = feed(*plain, others[i], counts[i]);
        double largest = 0;
        for (std::size_t j = 0; j < wanted.size(); ++j)
          largest = std::max(largest, std::abs(static_cast<double>(rows[i][j]) - wanted[j]));
        INFO("sequence " << i << ", step " << step);
        CHECK(largest <= (kv == KvType::int8 ? 0.05 : 1e-4));
      }
    }
  }
}
