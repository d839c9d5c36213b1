#include <string>

#include "backends/local/config/read_config.h"
#include "harness/base/json.h"
#include "tests/support/catch.h"

namespace assay::local {
namespace {

Json base(const char* architecture) {
  return {{"architectures", {architecture}}, {"vocab_size", 320},        {"hidden_size", 64},
          {"intermediate_size", 96},         {"num_hidden_layers", 2},   {"num_attention_heads", 4},
          {"num_key_value_heads", 2},        {"rms_norm_eps", 1e-6},     {"max_position_embeddings", 128}};
}

Json with(const char* architecture, const char* changes) {
  Json out = base(architecture);
  out.merge_patch(*parse_json(changes));
  return out;
}

TEST_CASE("config.json: the families differ in their switches", "[config]") {
  struct Row {
    const char* architecture;
    const char* family;
    bool bias, norm;
  };
  const Row rows[] = {{"LlamaForCausalLM", "llama", false, false},
                      {"MistralForCausalLM", "mistral", false, false},
                      {"Qwen2ForCausalLM", "qwen2", true, false},
                      {"Qwen3ForCausalLM", "qwen3", false, true}};
  for (const Row& row : rows) {
    INFO(row.architecture);
    const auto config = config_from_json("config.json", base(row.architecture));
    REQUIRE(config.ok());
    CHECK(config->family == row.family);
    CHECK(config->qkv_bias == row.bias);
    CHECK(config->qk_norm == row.norm);
    CHECK(config->head_dim == 16);
    CHECK(config->kv_heads == 2);
    CHECK_FALSE(config->tied_head);
    CHECK(config->rope.scaling == RopeScaling::none);
    CHECK(config->rope.theta == 10000);
  }
}

TEST_CASE("config.json: optional keys and all the places of rotary settings", "[config]") {
  const auto named =
      config_from_json("c", with("Qwen3ForCausalLM", R"({"architectures": null, "model_type": "qwen3",
      "head_dim": 128, "tie_word_embeddings": true, "num_key_value_heads": null, "sliding_window": null,
      "use_sliding_window": false, "layer_types": ["full_attention", "full_attention"]})"));
  REQUIRE(named.ok());
  CHECK(named->head_dim == 128);
  CHECK(named->tied_head);
  CHECK(named->kv_heads == 4);
  const auto old = config_from_json("c", with("LlamaForCausalLM",
      R"({"rope_theta": 500000, "rope_scaling": {"type": "linear", "factor": 4.0}})"));
  REQUIRE(old.ok());
  CHECK(old->rope.scaling == RopeScaling::linear);
  CHECK(old->rope.factor == 4);
  CHECK(old->rope.theta == 500000);
  const char* llama3 =
      R"("rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
      "original_max_position_embeddings": 8192})";
  const std::string four = std::string(R"({"rope_theta": 5e5, "rope_scaling": {)") + llama3 + "}";
  const std::string five = std::string(R"({"rope_parameters": {"rope_theta": 5e5, )") + llama3 + "}";
  for (const std::string& changes : {four, five}) {
    INFO(changes);
    const auto config = config_from_json("c", with("LlamaForCausalLM", changes.c_str()));
    REQUIRE(config.ok());
    CHECK(config->rope.scaling == RopeScaling::llama3);
    CHECK(config->rope.theta == 500000);
    CHECK(config->rope.factor == 32);
    CHECK(config->rope.original_context == 8192);
  }
  const auto plain = config_from_json("c", with("Qwen2ForCausalLM",
      R"({"rope_parameters": {"rope_theta": 1000000.0, "rope_type": "default"}, "sliding_window": 64})"));
  REQUIRE(plain.ok());
  CHECK(plain->rope.scaling == RopeScaling::none);
  CHECK(plain->rope.theta == 1000000);
}

TEST_CASE("config.json: what is not supported is refused by name", "[config]") {
  struct Row {
    const char* architecture;
    const char* changes;
    const char* message;
  };
  const Row rows[] = {
      {"Qwen3MoeForCausalLM", "{}", "Qwen3MoeForCausalLM needs mixture of experts"},
      {"MixtralForCausalLM", "{}", "MixtralForCausalLM needs mixture of experts"},
      {"DeepseekV3ForCausalLM", "{}", "DeepseekV3ForCausalLM needs latent attention"},
      {"FalconForCausalLM", "{}",
       "unknown architecture 'FalconForCausalLM'; known are LlamaForCausalLM, MistralForCausalLM, "
       "Qwen2ForCausalLM, "
       "Qwen3ForCausalLM"},
      {"\x1b[2J", "{}", "unknown architecture '\\x1b[2J'"},
      {"LlamaForCausalLM", R"({"architectures": [7]})", "architectures holds no text"},
      {"LlamaForCausalLM", R"({"architectures": []})", "neither architectures nor model_type"},
      {"Qwen2ForCausalLM", R"({"num_experts": 60})", "num_experts: mixture of experts"},
      {"LlamaForCausalLM", R"({"kv_lora_rank": 512})", "latent attention"},
      {"LlamaForCausalLM", R"({"quantization_config": {"quant_method": "fp8"}})", "quantised with fp8"},
      {"LlamaForCausalLM", R"({"attention_bias": true})", "attention_bias is true"},
      {"LlamaForCausalLM", R"({"mlp_bias": true})", "mlp_bias is true"},
      {"LlamaForCausalLM", R"({"hidden_act": "gelu"})", "hidden_act is 'gelu'; supported is silu"},
      {"Qwen2ForCausalLM", R"({"use_sliding_window": true})", "use_sliding_window is true"},
      {"Qwen3ForCausalLM", R"({"layer_types": ["full_attention", "sliding_attention"]})", "layer_types"},
      {"MistralForCausalLM", R"({"sliding_window": 64})",
       "sliding_window 64 is smaller than the context of 128"},
      {"LlamaForCausalLM", R"({"rope_scaling": {"type": "yarn", "factor": 4}})",
       "rope_scaling: the scaling 'yarn' is not supported; supported are default, linear, llama3"},
      {"LlamaForCausalLM", R"({"rope_scaling": {"rope_type": "dynamic", "factor": 4}})", "'dynamic'"},
      {"LlamaForCausalLM", R"({"rope_parameters": {"rope_type": "longrope"}})",
       "rope_parameters: the scaling 'longrope'"},
      {"LlamaForCausalLM", R"({"rope_parameters": {"full_attention": {}}})", "rope_type is missing"},
      {"LlamaForCausalLM", R"({"rope_scaling": {"type": "linear"}})", "factor is missing"},
      {"LlamaForCausalLM", R"({"rope_scaling": {"type": "llama3", "factor": 8}})",
       "llama3 scaling needs factor"},
      {"LlamaForCausalLM", R"({"rope_scaling": 3})", "rope_scaling is no object"},
      {"LlamaForCausalLM", R"({"rope_interleaved": true})", "rope_interleaved"},
      {"LlamaForCausalLM", R"({"partial_rotary_factor": 0.5})", "partial_rotary_factor"},
  };
  for (const Row& row : rows) {
    INFO(row.architecture << " " << row.changes);
    const auto config = config_from_json("config.json", with(row.architecture, row.changes));
    REQUIRE_FALSE(config.ok());
    INFO(config.error().message);
    CHECK(config.error().message.find(row.message) != std::string::npos);
    CHECK(config.error().message.rfind("config.json: ", 0) == 0);
  }
}

TEST_CASE("config.json: values that no model has are refused", "[config]") {
  struct Row {
    const char* changes;
    const char* message;
  };
  const Row rows[] = {
      {R"({"vocab_size": null})", "vocab_size is missing"},
      {R"({"hidden_size": "64"})", "hidden_size is no integer"},
      {R"({"rms_norm_eps": null})", "rms_norm_eps is missing"},
      {R"({"rms_norm_eps": 0})", "norm epsilon of 0"},
      {R"({"num_hidden_layers": 0})", "number of layers of 0"},
      {R"({"num_hidden_layers": -3})", "number of layers of -3"},
      {R"({"vocab_size": 9223372036854775807})", "vocabulary size of 9223372036854775807"},
      {R"({"num_attention_heads": 5, "head_dim": 16})", "5 heads are not divisible by 2 key-value heads"},
      {R"({"num_attention_heads": 3})", "hidden_size 64 is not divisible by num_attention_heads 3"},
      {R"({"num_attention_heads": 0})", "hidden_size 64 is not divisible by num_attention_heads 0"},
      {R"({"num_key_value_heads": 0})", "number of key-value heads of 0"},
      {R"({"head_dim": 15})", "head dimension of 15, which is odd"},
      {R"({"tie_word_embeddings": "yes"})", "tie_word_embeddings is no boolean"},
      {R"({"rope_theta": 0})", "rotary base"},
      {R"({"rope_scaling": {"type": "linear", "factor": 0}})", "rotary scaling factor of 0"},
      {R"({"rope_scaling": {"type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 4}})",
       "expected 0 < low < high"},
  };
  for (const Row& row : rows) {
    INFO(row.changes);
    const auto config = config_from_json("config.json", with("LlamaForCausalLM", row.changes));
    REQUIRE_FALSE(config.ok());
    INFO(config.error().message);
    CHECK(config.error().message.find(row.message) != std::string::npos);
  }
  CHECK_FALSE(config_from_json("config.json", Json::array()).ok());
}

}  // namespace
}  // namespace assay::local
