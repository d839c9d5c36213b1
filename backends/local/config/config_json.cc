#include <algorithm>
#include <optional>
#include <utility>

#include "backends/local/config/read_config.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay::local {
namespace {

struct Family {
  std::string_view architecture, model_type, family;
  bool qkv_bias, qk_norm;
};
constexpr Family kFamilies[] = {
    {"LlamaForCausalLM", "llama", "llama", false, false},
    {"MistralForCausalLM", "mistral", "mistral", false, false},
    {"Qwen2ForCausalLM", "qwen2", "qwen2", true, false},
    {"Qwen3ForCausalLM", "qwen3", "qwen3", false, true},
};

// Typed look-ups of one object. A key of the wrong type is never taken for an absent one: the first such key,
// or the first that is required and absent, is kept as the error.
class Keys {
 public:
  Keys(std::string_view where, const Json& object) : where_(where), object_(object) {}

  const Json* find(std::string_view key) const {
    const Json* value = json_find(object_, key);
    return value == nullptr || value->is_null() ? nullptr : value;
  }
  std::optional<std::int64_t> integer(std::string_view key) {
    return typed(key, json_int(object_, key), "integer");
  }
  std::optional<double> number(std::string_view key) {
    return typed(key, json_number(object_, key), "number");
  }
  std::optional<bool> boolean(std::string_view key) { return typed(key, json_bool(object_, key), "boolean"); }
  std::optional<std::string> text(std::string_view key) {
    return typed(key, json_string(object_, key), "text");
  }

  std::int64_t required(std::string_view key) {
    const auto value = integer(key);
    if (!value) fail(format("{} is missing", key));
    return value.value_or(0);
  }

  void fail(std::string what) {
    if (!error_) error_ = invalid(format("{}: {}", where_, what));
  }
  Result<void> result() const { return error_ ? Result<void>(*error_) : Result<void>(); }

 private:
  template <typename T>
  std::optional<T> typed(std::string_view key, std::optional<T> value, std::string_view type) {
    if (!value && find(key) != nullptr) fail(format("{} is no {}", key, type));
    return value;
  }

  std::string_view where_;
  const Json& object_;
  std::optional<Error> error_;
};

Result<const Family*> find_family(std::string_view where, const Json& config) {
  std::string name;
  if (const Json* list = json_find(config, "architectures");
      list != nullptr && list->is_array() && !list->empty()) {
    if (!list->front().is_string()) return invalid(format("{}: architectures holds no text", where));
    name = list->front().get<std::string>();
  }
  const std::string type = json_string(config, "model_type").value_or("");
  for (const Family& family : kFamilies) {
    if (name.empty() ? family.model_type == type : family.architecture == name) return &family;
  }
  if (name.empty() && type.empty()) {
    return invalid(format("{}: neither architectures nor model_type says what model this is", where));
  }
  std::vector<std::string_view> known;
  for (const Family& family : kFamilies) known.push_back(family.architecture);
  return refuse_architecture(where, name.empty() ? type : name, known);
}

// What would change the computation and is not built. Each row refuses a value other than the one that is
// harmless.
void refuse_unsupported(Keys& keys, const Family& family, std::int64_t context) {
  for (const std::string_view key : {"num_local_experts", "num_experts", "n_routed_experts"}) {
    if (keys.integer(key).value_or(0) > 1) keys.fail(format("{}: mixture of experts is not supported", key));
  }
  if (keys.find("kv_lora_rank") != nullptr) keys.fail("kv_lora_rank: latent attention is not supported");
  if (const Json* quantised = keys.find("quantization_config"); quantised != nullptr) {
    const std::string method = json_string(*quantised, "quant_method").value_or("of an unknown method");
    keys.fail(format(
        "quantization_config: weights quantised with {} are not supported; take the model in BF16, F16 "
        "or F32, or a GGUF file",
        printable(truncate_utf8(method, 60))));
  }
  for (const std::string_view key : {"attention_bias", "mlp_bias"}) {
    if (keys.boolean(key).value_or(false)) {
      keys.fail(format("{} is true: biases other than Qwen2's of q, k and v are not supported", key));
    }
  }
  const std::string act = keys.text("hidden_act").value_or("silu");
  if (act != "silu")
    keys.fail(format("hidden_act is '{}'; supported is silu", printable(truncate_utf8(act, 60))));
  if (keys.boolean("use_sliding_window").value_or(false)) {
    keys.fail("use_sliding_window is true: sliding-window attention is not supported");
  }
  const auto window = keys.integer("sliding_window");
  if (family.family == "mistral" && window && *window < context) {
    keys.fail(format(
        "sliding_window {} is smaller than the context of {}: sliding-window attention is not supported",
        *window, context));
  }
  if (const Json* types = keys.find("layer_types"); types != nullptr && types->is_array()) {
    for (const Json& type : *types) {
      if (type.is_string() && type.get_ref<const std::string&>() == "full_attention") continue;
      keys.fail("layer_types holds another kind than full_attention, which is not supported");
    }
  }
  if (keys.boolean("rope_interleaved").value_or(false))
    keys.fail("rope_interleaved is true, which is not supported");
  if (keys.number("partial_rotary_factor").value_or(1) != 1) {
    keys.fail("partial_rotary_factor is not 1: rotary embedding of part of a head is not supported");
  }
}

// transformers 4 has rope_theta beside rope_scaling (null, or {"type" or "rope_type", ...}); transformers 5
// has all of it in rope_parameters.
Rope read_rope(Keys& top, std::string_view where, std::int64_t context) {
  Rope out;
  if (const auto theta = top.number("rope_theta")) out.theta = *theta;
  const bool newer = top.find("rope_parameters") != nullptr;
  const Json* block = top.find(newer ? "rope_parameters" : "rope_scaling");
  if (block == nullptr) return out;
  const std::string at = format("{}: {}", where, newer ? "rope_parameters" : "rope_scaling");
  if (!block->is_object()) {
    top.fail(format("{} is no object", newer ? "rope_parameters" : "rope_scaling"));
    return out;
  }
  Keys keys(at, *block);
  if (const auto theta = keys.number("rope_theta")) out.theta = *theta;
  auto type = keys.text("rope_type");
  if (!type) type = keys.text("type");
  const auto factor = keys.number("factor");
  if (type == "linear") {
    out.scaling = RopeScaling::linear;
    if (!factor) keys.fail("factor is missing");
    out.factor = factor.value_or(1);
  } else if (type == "llama3") {
    out.scaling = RopeScaling::llama3;
    const auto low = keys.number("low_freq_factor");
    const auto high = keys.number("high_freq_factor");
    if (!factor || !low || !high)
      keys.fail("llama3 scaling needs factor, low_freq_factor and high_freq_factor");
    out.factor = factor.value_or(1);
    out.low_freq_factor = low.value_or(1);
    out.high_freq_factor = high.value_or(4);
    out.original_context =
        keys.number("original_max_position_embeddings").value_or(static_cast<double>(context));
  } else if (!type) {
    keys.fail("rope_type is missing; known are default, linear, llama3");
  } else if (*type != "default") {
    keys.fail(format("the scaling '{}' is not supported; supported are default, linear, llama3",
                     printable(truncate_utf8(*type, 60))));
  }
  if (keys.number("partial_rotary_factor").value_or(1) != 1) keys.fail("partial_rotary_factor is not 1");
  if (auto ok = keys.result(); !ok) top.fail(ok.error().message.substr(where.size() + 2));
  return out;
}

}  // namespace

Result<ModelConfig> config_from_json(std::string_view where, const Json& config) {
  if (!config.is_object()) return invalid(format("{}: no JSON object", where));
  const auto family = find_family(where, config);
  if (!family) return family.error();
  Keys keys(where, config);
  ModelConfig out;
  out.family = (*family)->family;
  out.vocab = keys.required("vocab_size");
  out.hidden = keys.required("hidden_size");
  out.intermediate = keys.required("intermediate_size");
  out.layers = keys.required("num_hidden_layers");
  out.heads = keys.required("num_attention_heads");
  out.kv_heads = keys.integer("num_key_value_heads").value_or(out.heads);
  out.context = keys.required("max_position_embeddings");
  const auto eps = keys.number("rms_norm_eps");
  if (!eps) keys.fail("rms_norm_eps is missing");
  out.rms_eps = eps.value_or(0);
  out.qkv_bias = (*family)->qkv_bias;
  out.qk_norm = (*family)->qk_norm;
  out.tied_head = keys.boolean("tie_word_embeddings").value_or(false);
  if (const auto head_dim = keys.integer("head_dim")) {
    out.head_dim = *head_dim;
  } else if (out.heads > 0 && out.hidden % out.heads == 0) {
    out.head_dim = out.hidden / out.heads;
  } else {
    keys.fail(format("hidden_size {} is not divisible by num_attention_heads {}, and head_dim is missing",
                     out.hidden, out.heads));
  }
  refuse_unsupported(keys, **family, out.context);
  out.rope = read_rope(keys, where, out.context);
  if (auto ok = keys.result(); !ok) return ok.error();
  if (auto ok = check_config(where, out); !ok) return ok.error();
  return out;
}

Result<ModelConfig> config_from_llama2c(std::string_view where, const Llama2cHeader& header) {
  ModelConfig out;
  out.family = "llama";
  out.vocab = header.vocab;
  out.hidden = header.dim;
  out.intermediate = header.hidden;
  out.layers = header.layers;
  out.heads = header.heads;
  out.kv_heads = header.kv_heads;
  out.head_dim = header.dim / header.heads;
  out.context = header.context;
  out.rms_eps = 1e-5;
  out.tied_head = header.tied;
  if (auto ok = check_config(where, out); !ok) return ok.error();
  return out;
}

}  // namespace assay::local
