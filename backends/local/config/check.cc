#include <cmath>
#include <utility>

#include "backends/local/config/read_config.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay::local {
namespace {

// Well above any dense model that there is; their products stay below 2^50.
constexpr std::int64_t kMostVocabulary = std::int64_t{1} << 24;
constexpr std::int64_t kMostWidth = std::int64_t{1} << 20;
constexpr std::int64_t kMostLayers = 4096;
constexpr std::int64_t kMostHeads = 4096;
constexpr std::int64_t kMostHeadDim = 4096;
constexpr std::int64_t kMostContext = std::int64_t{1} << 31;

Result<void> check_rope(std::string_view where, const ModelConfig& config) {
  const Rope& rope = config.rope;
  if (!(std::isfinite(rope.theta) && rope.theta >= 1)) {
    return invalid(format("{}: a rotary base (rope_theta) of {}; expected 1 or more", where, rope.theta));
  }
  if (!(std::isfinite(rope.factor) && rope.factor > 0)) {
    return invalid(format("{}: a rotary scaling factor of {}; expected above 0", where, rope.factor));
  }
  if (rope.scaling == RopeScaling::llama3) {
    const bool ordered = std::isfinite(rope.low_freq_factor) && std::isfinite(rope.high_freq_factor) &&
                         rope.low_freq_factor > 0 && rope.low_freq_factor < rope.high_freq_factor;
    if (!ordered || !std::isfinite(rope.original_context) || rope.original_context < 1) {
      return invalid(
          format("{}: llama3 rotary scaling with low_freq_factor {}, high_freq_factor {} and "
                 "original_max_position_embeddings {}; expected 0 < low < high and a positive context",
                 where, rope.low_freq_factor, rope.high_freq_factor, rope.original_context));
    }
  }
  if (rope.scaling == RopeScaling::divisors) {
    if (rope.divisors.size() != static_cast<std::size_t>(config.head_dim / 2)) {
      return invalid(format("{}: {} rotary divisors for a head_dim of {}; expected half of it", where,
                            rope.divisors.size(), config.head_dim));
    }
    for (const double divisor : rope.divisors) {
      if (!(std::isfinite(divisor) && divisor > 0)) {
        return invalid(format("{}: a rotary divisor of {}; expected above 0", where, divisor));
      }
    }
  }
  return {};
}

}  // namespace

Result<void> check_config(std::string_view where, const ModelConfig& config) {
  const struct {
    const char* name;
    std::int64_t value, most;
  } sizes[] = {{"vocabulary size", config.vocab, kMostVocabulary},
               {"hidden size", config.hidden, kMostWidth},
               {"intermediate size", config.intermediate, kMostWidth},
               {"number of layers", config.layers, kMostLayers},
               {"number of heads", config.heads, kMostHeads},
               {"number of key-value heads", config.kv_heads, kMostHeads},
               {"head dimension", config.head_dim, kMostHeadDim},
               {"context length", config.context, kMostContext}};
  for (const auto& size : sizes) {
    if (size.value < 1 || size.value > size.most) {
      return invalid(format("{}: a {} of {}; expected 1 to {}", where, size.name, size.value, size.most));
    }
  }
  if (config.heads % config.kv_heads != 0) {
    return invalid(
        format("{}: {} heads are not divisible by {} key-value heads", where, config.heads, config.kv_heads));
  }
  if (config.head_dim % 2 != 0) {
    return invalid(
        format("{}: a head dimension of {}, which is odd, has no rotary pairs", where, config.head_dim));
  }
  if (!(std::isfinite(config.rms_eps) && config.rms_eps > 0 && config.rms_eps < 1)) {
    return invalid(format("{}: a norm epsilon of {}; expected between 0 and 1", where, config.rms_eps));
  }
  return check_rope(where, config);
}

Error refuse_architecture(std::string_view where, std::string_view name,
                          const std::vector<std::string_view>& known) {
  // transformers' names and GGUF's, of architectures whose lack is worth a reason.
  constexpr std::string_view kExperts = "mixture of experts";
  constexpr std::string_view kLatent = "latent attention and mixture of experts";
  static const std::vector<std::pair<std::string_view, std::string_view>> kReasons = {
      {"Qwen2MoeForCausalLM", kExperts},
      {"Qwen3MoeForCausalLM", kExperts},
      {"MixtralForCausalLM", kExperts},
      {"OlmoeForCausalLM", kExperts},
      {"PhimoeForCausalLM", kExperts},
      {"GptOssForCausalLM", kExperts},
      {"Qwen3NextForCausalLM", kExperts},
      {"Glm4MoeForCausalLM", kExperts},
      {"GraniteMoeForCausalLM", kExperts},
      {"DeepseekForCausalLM", kExperts},
      {"DeepseekV2ForCausalLM", kLatent},
      {"DeepseekV3ForCausalLM", kLatent},
      {"KimiK2ForCausalLM", kLatent},
      {"qwen2moe", kExperts},
      {"qwen3moe", kExperts},
      {"gpt-oss", kExperts},
      {"glm4moe", kExperts},
      {"deepseek", kExperts},
      {"deepseek2", kLatent}};
  for (const auto& reason : kReasons) {
    if (reason.first == name) {
      return invalid(
          format("{}: architecture {} needs {}, which is not supported; reach such a model through a server",
                 where, name, reason.second));
    }
  }
  std::string list;
  for (const std::string_view one : known) list += format("{}{}", list.empty() ? "" : ", ", one);
  return invalid(format("{}: unknown architecture '{}'; known are {}", where,
                        printable(truncate_utf8(name, 100)), list));
}

}  // namespace assay::local
