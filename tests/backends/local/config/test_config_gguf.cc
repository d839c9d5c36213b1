#include <functional>

#include "backends/local/config/read_config.h"
#include "tests/backends/local/gguf_bytes.h"
#include "tests/support/catch.h"

namespace assay::local {
namespace {

using test::GgufBytes;

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

GgufBytes base(const std::string& architecture) {
  GgufBytes file;
  file.text("general.architecture", architecture);
  file.u32(architecture + ".block_count", 1).u32(architecture + ".embedding_length", 8);
  file.u32(architecture + ".feed_forward_length", 12).u32(architecture + ".attention.head_count", 4);
  file.u32(architecture + ".attention.head_count_kv", 2).u32(architecture + ".context_length", 64);
  file.f32(architecture + ".attention.layer_norm_rms_epsilon", 1e-5F);
  file.tensor("token_embd.weight", {3, 8}, 0, std::string(96, '\0'));
  return file;
}

TEST_CASE("GGUF config: switches follow from the tensors that are there", "[config]") {
  GgufBytes file = base("qwen3");
  file.u32("qwen3.attention.key_length", 16).f32("qwen3.rope.freq_base", 1e6F);
  file.tensor("blk.0.attn_q_norm.weight", {16}, 0, std::string(64, '\0'));
  file.tensor("output.weight", {3, 8}, 0, std::string(96, '\0'));
  const std::string text = file.build();
  const auto parsed = read_gguf("f", bytes_of(text));
  REQUIRE(parsed.ok());
  const auto config = config_from_gguf(*parsed);
  REQUIRE(config.ok());
  CHECK(config->family == "qwen3");
  CHECK(config->vocab == 3);
  CHECK(config->head_dim == 16);
  CHECK(config->qk_norm);
  CHECK_FALSE(config->qkv_bias);
  CHECK_FALSE(config->tied_head);
  CHECK(config->rope.theta == 1e6);
  CHECK(static_cast<float>(config->rms_eps) == 1e-5F);
}

TEST_CASE("GGUF config: rope_freqs.weight is taken as it stands", "[config]") {
  std::string divisor;
  test::append_bytes(divisor, 8.0F);
  const std::string text = base("llama").tensor("rope_freqs.weight", {1}, 0, divisor).build();
  const auto parsed = read_gguf("f", bytes_of(text));
  REQUIRE(parsed.ok());
  const auto config = config_from_gguf(*parsed);
  REQUIRE(config.ok());
  CHECK(config->tied_head);
  REQUIRE(config->rope.scaling == RopeScaling::divisors);
  CHECK(rotary_frequencies(*config) == std::vector<double>{0.125});
}

TEST_CASE("GGUF config: what is not supported is refused by name", "[config]") {
  struct Row {
    std::function<GgufBytes()> make;
    const char* message;
  };
  const std::vector<Row> rows = {
      {[] { return GgufBytes(); }, "general.architecture is missing"},
      {[] { return base("gemma2"); }, "unknown architecture 'gemma2'; known are llama, qwen2, qwen3"},
      {[] { return base("qwen3moe"); }, "qwen3moe needs mixture of experts"},
      {[] { return base("deepseek2"); }, "deepseek2 needs latent attention"},
      {[] { return base("llama").u32("llama.expert_count", 8); }, "llama.expert_count is above 1"},
      {[] { return base("llama").u32("llama.attention.sliding_window", 32); }, "sliding_window is smaller"},
      {[] { return base("llama").u32("llama.rope.dimension_count", 1); },
       "rope.dimension_count is not the head dim"},
      {[] { return base("llama").u32("llama.attention.value_length", 3); }, "value_length differs"},
      {[] { return base("llama").text("llama.rope.scaling.type", "yarn"); }, "'yarn' is not supported"},
      {[] { return base("llama").text("llama.rope.scaling.type", "linear"); },
       "rope.scaling.factor is missing"},
      {[] { return base("llama").f32("llama.attention.scale", 0.5F); }, "attention.scale is set"},
      {[] { return base("llama").f32("llama.rope.freq_base", -1); }, "rotary base"},
      {[] { return base("llama").u32("llama.vocab_size", 4); },
       "llama.vocab_size is 4, but token_embd.weight has 3 rows"},
      {[] { return base("llama").i32s("llama.attention.key_length", {2}); }, "key_length is no integer"},
      {[] { return base("llama").tensor("rope_freqs.weight", {2}, 0, std::string(8, '\x3f')); },
       "2 rotary divisors"},
      {[] { return base("llama").tensor("rope_freqs.weight", {1}, 0, std::string(4, '\0')); },
       "rotary divisor of 0"},
      {[] { return GgufBytes().text("general.architecture", "llama"); }, "token_embd.weight is missing"},
  };
  for (const Row& row : rows) {
    INFO(row.message);
    const std::string text = row.make().build();
    const auto parsed = read_gguf("f", bytes_of(text));
    REQUIRE(parsed.ok());
    const auto config = config_from_gguf(*parsed);
    REQUIRE_FALSE(config.ok());
    INFO(config.error().message);
    CHECK(config.error().message.find(row.message) != std::string::npos);
  }
}

}  // namespace
}  // namespace assay::local
