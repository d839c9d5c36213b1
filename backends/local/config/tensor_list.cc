#include "backends/local/config/tensor_list.h"

#include <algorithm>
#include <set>

#include "backends/local/weights/blocks.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay::local {
namespace {

constexpr std::string_view kEmbedding = "model.embed_tokens.weight";
constexpr std::string_view kHead = "lm_head.weight";

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// Tensors that files carry though nothing is computed from them: buffers that follow from the config, a copy
// of a tied head, and GGUF's rotary divisors, which the config holds.
bool is_harmless(std::string_view name, const ModelConfig& config) {
  return ends_with(name, ".rotary_emb.inv_freq") || name == "rope_freqs.weight" ||
         (config.tied_head && name == kHead);
}

}  // namespace

std::vector<TensorSpec> expected_tensors(const ModelConfig& config) {
  const std::int64_t q = config.heads * config.head_dim;
  const std::int64_t kv = config.kv_heads * config.head_dim;
  std::vector<TensorSpec> out = {{std::string(kEmbedding), {config.vocab, config.hidden}}};
  for (std::int64_t i = 0; i < config.layers; ++i) {
    const auto add = [&](std::string_view name, std::vector<std::int64_t> shape) {
      out.push_back({format("model.layers.{}.{}", i, name), std::move(shape)});
    };
    add("input_layernorm.weight", {config.hidden});
    add("self_attn.q_proj.weight", {q, config.hidden});
    add("self_attn.k_proj.weight", {kv, config.hidden});
    add("self_attn.v_proj.weight", {kv, config.hidden});
    if (config.qkv_bias) {
      add("self_attn.q_proj.bias", {q});
      add("self_attn.k_proj.bias", {kv});
      add("self_attn.v_proj.bias", {kv});
    }
    if (config.qk_norm) {
      add("self_attn.q_norm.weight", {config.head_dim});
      add("self_attn.k_norm.weight", {config.head_dim});
    }
    add("self_attn.o_proj.weight", {config.hidden, q});
    add("post_attention_layernorm.weight", {config.hidden});
    add("mlp.gate_proj.weight", {config.intermediate, config.hidden});
    add("mlp.up_proj.weight", {config.intermediate, config.hidden});
    add("mlp.down_proj.weight", {config.hidden, config.intermediate});
  }
  out.push_back({"model.norm.weight", {config.hidden}});
  if (!config.tied_head) out.push_back({std::string(kHead), {config.vocab, config.hidden}});
  return out;
}

Result<void> check_tensors(std::string_view where, const ModelConfig& config, const TensorSource& source) {
  std::set<std::string, std::less<>> expected;
  for (TensorSpec& spec : expected_tensors(config)) {
    const TensorView* tensor = source.find(spec.name);
    if (tensor == nullptr) return invalid(format("{}: the tensor {} is missing", where, spec.name));
    if (tensor->shape != spec.shape) {
      const bool rows_only = (spec.name == kEmbedding || spec.name == kHead) && tensor->shape.size() == 2 &&
                             tensor->shape[1] == spec.shape[1];
      if (rows_only) {
        return invalid(format("{}: the vocabulary has {} entries by the config, but {} has {} rows", where,
                              spec.shape[0], spec.name, tensor->shape[0]));
      }
      return invalid(format("{}: the tensor {} has the shape {}; expected {}", where, spec.name,
                            shape_text(tensor->shape), shape_text(spec.shape)));
    }
    expected.insert(std::move(spec.name));
  }
  for (const TensorView& tensor : source.tensors()) {
    if (expected.count(tensor.name) == 0 && !is_harmless(tensor.name, config)) {
      return invalid(format("{}: the tensor {} belongs to no model of the family {} with this config", where,
                            printable(tensor.name), config.family));
    }
  }
  return {};
}

}  // namespace assay::local
