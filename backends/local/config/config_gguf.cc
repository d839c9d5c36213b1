#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "backends/local/config/read_config.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay::local {
namespace {

// Keys of one architecture: "block_count" is looked up as "llama.block_count". As in config.json, a key of
// the wrong type is an error and not an absent one.
class Keys {
 public:
  Keys(const GgufFile& file, std::string_view architecture) : file_(file), architecture_(architecture) {}

  std::string full(std::string_view key) const { return format("{}.{}", architecture_, key); }
  bool has(std::string_view key) const { return file_.find(full(key)) != nullptr; }
  std::optional<std::int64_t> integer(std::string_view key) {
    return typed(key, file_.integer(full(key)), "integer");
  }
  std::optional<double> number(std::string_view key) { return typed(key, file_.number(full(key)), "number"); }
  std::optional<bool> boolean(std::string_view key) {
    return typed(key, file_.boolean(full(key)), "boolean");
  }
  std::optional<std::string_view> text(std::string_view key) {
    return typed(key, file_.text(full(key)), "text");
  }

  std::int64_t required(std::string_view key) {
    const auto value = integer(key);
    if (!value) fail(key, "is missing");
    return value.value_or(0);
  }
  void fail(std::string_view key, std::string_view what) {
    if (!error_) error_ = invalid(format("{}: {} {}", file_.name(), full(key), what));
  }
  Result<void> result() const { return error_ ? Result<void>(*error_) : Result<void>(); }

 private:
  template <typename T>
  std::optional<T> typed(std::string_view key, std::optional<T> value, std::string_view type) {
    if (!value && has(key)) fail(key, format("is no {}", type));
    return value;
  }

  const GgufFile& file_;
  std::string_view architecture_;
  std::optional<Error> error_;
};

void refuse_unsupported(Keys& keys, const ModelConfig& config) {
  if (keys.integer("expert_count").value_or(0) > 1) {
    keys.fail("expert_count", "is above 1: mixture of experts is not supported");
  }
  const auto window = keys.integer("attention.sliding_window");
  if (window && *window > 0 && *window < config.context) {
    keys.fail("attention.sliding_window", "is smaller than the context, which is not supported");
  }
  if (keys.integer("attention.value_length").value_or(config.head_dim) != config.head_dim) {
    keys.fail("attention.value_length", "differs from the length of keys, which is not supported");
  }
  if (keys.integer("rope.dimension_count").value_or(config.head_dim) != config.head_dim) {
    keys.fail("rope.dimension_count",
              format("is not the head dimension of {}, which is not supported", config.head_dim));
  }
  for (const std::string_view key :
       {"attention.scale", "attention.clamp_kqv", "attention.max_alibi_bias", "logit_scale", "residual_scale",
        "embedding_scale", "attn_logit_softcapping", "final_logit_softcapping"}) {
    const double value = keys.number(key).value_or(0);
    if (value != 0) keys.fail(key, "is set, which is not supported");
  }
  if (keys.number("rope.scaling.attn_factor").value_or(1) != 1) {
    keys.fail("rope.scaling.attn_factor", "is not 1, which is not supported");
  }
  if (!keys.boolean("attention.causal").value_or(true)) keys.fail("attention.causal", "is false");
}

// rope_freqs.weight holds the divisor of each frequency (llama.cpp's converter computes Llama 3.1's from its
// config).
void read_divisors(const GgufFile& file, Rope& rope) {
  const GgufTensor* tensor = file.tensor("rope_freqs.weight");
  if (tensor == nullptr || tensor->dtype != DType::f32) return;
  for (std::size_t i = 0; i + 4 <= tensor->bytes.size(); i += 4) {
    float divisor = 0;
    std::memcpy(&divisor, tensor->bytes.data() + i, 4);
    rope.divisors.push_back(static_cast<double>(divisor));
  }
  rope.scaling = RopeScaling::divisors;
}

Rope read_rope(const GgufFile& file, Keys& keys) {
  Rope out;
  out.theta = keys.number("rope.freq_base").value_or(10000);
  const std::string_view type = keys.text("rope.scaling.type").value_or("none");
  auto factor = keys.number("rope.scaling.factor");
  if (type == "linear") {
    if (!factor) keys.fail("rope.scaling.factor", "is missing");
    out.scaling = RopeScaling::linear;
    out.factor = factor.value_or(1);
  } else if (type != "none") {
    keys.fail("rope.scaling.type", format("'{}' is not supported; supported are none and linear",
                                          printable(truncate_utf8(type, 60))));
  }
  if (const auto old = keys.number("rope.scale_linear"); old && *old != 1) {  // how it was written once
    out.scaling = RopeScaling::linear;
    out.factor = *old;
  }
  const GgufTensor* divisors = file.tensor("rope_freqs.weight");
  if (divisors == nullptr) return out;
  if (out.scaling != RopeScaling::none)
    keys.fail("rope.scaling.type", "and the tensor rope_freqs.weight exclude each other");
  if (divisors->dtype != DType::f32)
    keys.fail("rope.scaling.type", "would come from rope_freqs.weight, which is not F32");
  read_divisors(file, out);
  return out;
}

}  // namespace

Result<ModelConfig> config_from_gguf(const GgufFile& file) {
  const auto architecture = file.text("general.architecture");
  if (!architecture) return invalid(format("{}: general.architecture is missing or no text", file.name()));
  const std::vector<std::string_view> known = {"llama", "qwen2", "qwen3"};
  if (std::find(known.begin(), known.end(), *architecture) == known.end()) {
    return refuse_architecture(file.name(), *architecture, known);
  }
  const GgufTensor* embedding = file.tensor("token_embd.weight");
  if (embedding == nullptr || embedding->shape.size() != 2) {
    return invalid(format("{}: the tensor token_embd.weight is missing or no matrix", file.name()));
  }
  Keys keys(file, *architecture);
  ModelConfig out;
  out.family = std::string(*architecture);
  out.vocab = embedding->shape[0];
  out.hidden = keys.required("embedding_length");
  out.intermediate = keys.required("feed_forward_length");
  out.layers = keys.required("block_count");
  out.heads = keys.required("attention.head_count");
  out.kv_heads = keys.integer("attention.head_count_kv").value_or(out.heads);
  out.context = keys.required("context_length");
  const auto eps = keys.number("attention.layer_norm_rms_epsilon");
  if (!eps) keys.fail("attention.layer_norm_rms_epsilon", "is missing");
  out.rms_eps = eps.value_or(0);
  out.qkv_bias = file.tensor("blk.0.attn_q.bias") != nullptr;
  out.qk_norm = file.tensor("blk.0.attn_q_norm.weight") != nullptr;
  out.tied_head = file.tensor("output.weight") == nullptr;
  if (const auto head_dim = keys.integer("attention.key_length")) {
    out.head_dim = *head_dim;
  } else if (out.heads > 0 && out.hidden % out.heads == 0) {
    out.head_dim = out.hidden / out.heads;
  } else {
    keys.fail("embedding_length",
              "is not divisible by the number of heads, and attention.key_length is missing");
  }
  if (const auto said = keys.integer("vocab_size"); said && *said != out.vocab) {
    keys.fail("vocab_size", format("is {}, but token_embd.weight has {} rows", *said, out.vocab));
  }
  refuse_unsupported(keys, out);
  out.rope = read_rope(file, keys);
  if (auto ok = keys.result(); !ok) return ok.error();
  if (auto ok = check_config(file.name(), out); !ok) return ok.error();
  return out;
}

}  // namespace assay::local
