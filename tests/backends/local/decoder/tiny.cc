#include "tests/backends/local/decoder/tiny.h"

#include <algorithm>
#include <bit>

#include "backends/local/decoder/load.h"
#include "harness/base/rng.h"
#include "tests/support/catch.h"

namespace assay::local::test {
namespace {

float rounded_to_bf16(float value) {
  auto bits = std::bit_cast<std::uint32_t>(value);
  bits += 0x7fff + ((bits >> 16) & 1);
  return std::bit_cast<float>(bits & 0xffff0000U);
}

class Builder {
 public:
  Builder(MemorySource& source, std::uint64_t seed) : source_(source), rng_(seed) {}

  // Uniform in centre +- spread.
  void add(const std::string& name, const std::vector<std::int64_t>& shape, double spread,
           double centre = 0) {
    std::int64_t count = 1;
    for (const std::int64_t size : shape) count *= size;
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) {
      value = rounded_to_bf16(static_cast<float>(centre + spread * (2 * rng_.unit() - 1)));
    }
    source_.add(name, shape, std::move(values));
  }

 private:
  MemorySource& source_;
  Rng rng_;
};

void add_layer(Builder& builder, const ModelConfig& config, std::int64_t layer) {
  const std::int64_t h = config.hidden, q = config.heads * config.head_dim,
                     kv = config.kv_heads * config.head_dim;
  const std::string at = "model.layers." + std::to_string(layer) + ".";
  builder.add(at + "input_layernorm.weight", {h}, 0.4, 1);
  builder.add(at + "post_attention_layernorm.weight", {h}, 0.4, 1);
  builder.add(at + "self_attn.q_proj.weight", {q, h}, 0.4);
  builder.add(at + "self_attn.k_proj.weight", {kv, h}, 0.4);
  builder.add(at + "self_attn.v_proj.weight", {kv, h}, 0.3);
  builder.add(at + "self_attn.o_proj.weight", {h, q}, 0.2);
  builder.add(at + "mlp.gate_proj.weight", {config.intermediate, h}, 0.3);
  builder.add(at + "mlp.up_proj.weight", {config.intermediate, h}, 0.3);
  builder.add(at + "mlp.down_proj.weight", {h, config.intermediate}, 0.2);
  if (config.qkv_bias) {
    builder.add(at + "self_attn.q_proj.bias", {q}, 0.5);
    builder.add(at + "self_attn.k_proj.bias", {kv}, 0.5);
    builder.add(at + "self_attn.v_proj.bias", {kv}, 0.5);
  }
  if (config.qk_norm) {
    builder.add(at + "self_attn.q_norm.weight", {config.head_dim}, 0.4, 1);
    builder.add(at + "self_attn.k_norm.weight", {config.head_dim}, 0.4, 1);
  }
}

}  // namespace

void MemorySource::add(const std::string& name, std::vector<std::int64_t> shape, std::vector<float> values) {
  values_.push_back(std::move(values));
  views_.push_back(
      {name, DType::f32, std::move(shape), std::as_bytes(std::span<const float>(values_.back())), false});
}

void MemorySource::remove(const std::string& name) {
  views_.erase(
      std::remove_if(views_.begin(), views_.end(), [&](const TensorView& v) { return v.name == name; }),
      views_.end());
}

const TensorView* MemorySource::find(std::string_view name) const {
  const auto found =
      std::find_if(views_.begin(), views_.end(), [&](const TensorView& view) { return view.name == name; });
  return found == views_.end() ? nullptr : &*found;
}

ModelConfig plain_config() {
  ModelConfig config;
  config.family = "llama";
  config.vocab = 101;
  config.hidden = 48;
  config.intermediate = 88;
  config.layers = 3;
  config.heads = 6;
  config.kv_heads = 6;
  config.head_dim = 8;
  config.context = 256;
  config.rms_eps = 1e-5;
  return config;
}

std::vector<std::pair<std::string, ModelConfig>> every_config() {
  std::vector<std::pair<std::string, ModelConfig>> all;
  for (unsigned bits = 0; bits < 32; ++bits) {
    ModelConfig config = plain_config();
    std::string name;
    const auto on = [&](unsigned bit, const char* what) {
      if ((bits >> bit & 1) != 0) name += (name.empty() ? "" : "+") + std::string(what);
      return (bits >> bit & 1) != 0;
    };
    config.qkv_bias = on(0, "bias");
    config.qk_norm = on(1, "norm");
    if (on(2, "head_dim")) config.head_dim = 16;
    if (on(3, "grouped")) config.kv_heads = 2;
    config.tied_head = on(4, "tied");
    for (const RopeScaling scaling : {RopeScaling::none, RopeScaling::linear, RopeScaling::llama3}) {
      config.rope.scaling = scaling;
      config.rope.factor = 4;
      config.rope.original_context = 64;  // so that llama3 has pairs of all three kinds
      const char* rope = scaling == RopeScaling::none     ? "none"
                         : scaling == RopeScaling::linear ? "linear"
                                                          : "llama3";
      all.emplace_back(name + ", " + rope, config);
    }
  }
  return all;
}

ModelFiles tiny_model(const ModelConfig& config, std::uint64_t seed) {
  auto source = std::make_unique<MemorySource>();
  Builder builder(*source, seed);
  builder.add("model.embed_tokens.weight", {config.vocab, config.hidden}, 1);
  for (std::int64_t layer = 0; layer < config.layers; ++layer) add_layer(builder, config, layer);
  builder.add("model.norm.weight", {config.hidden}, 0.4, 1);
  if (!config.tied_head) builder.add("lm_head.weight", {config.vocab, config.hidden}, 0.3);
  ModelFiles files;
  files.config = config;
  files.weights = std::move(source);
  return files;
}

LoadOptions on_cpu(const std::string& dtype, const std::string& kernels, int threads) {
  LoadOptions options;
  options.device = "cpu";
  options.dtype = dtype;
  options.kernels = kernels;
  options.threads = threads;
  return options;
}

std::unique_ptr<Model> load(const ModelFiles& files, const LoadOptions& options, std::int32_t blocks) {
  auto model = load_model(files, options);
  INFO((model.ok() ? "" : model.error().message));
  REQUIRE(model.ok());
  const auto reserved = (*model)->reserve(blocks);
  INFO((reserved.ok() ? "" : reserved.error().message));
  REQUIRE(reserved.ok());
  return std::move(*model);
}

std::vector<TokenId> random_tokens(std::int64_t vocab, std::size_t count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<TokenId> tokens(count);
  for (TokenId& token : tokens) token = static_cast<TokenId>(rng.uniform(0, vocab - 1));
  return tokens;
}

Fed placed(std::vector<TokenId> tokens, std::int32_t& block) {
  Fed sequence{std::move(tokens), {}, 0};
  const std::size_t needed = (sequence.tokens.size() + kBlockTokens - 1) / kBlockTokens;
  for (std::size_t i = 0; i < needed; ++i) sequence.blocks.push_back(block++);
  return sequence;
}

std::vector<std::vector<float>> feed(Model& model, const std::vector<Fed*>& sequences,
                                     const std::vector<std::size_t>& counts) {
  std::vector<StepSequence> step;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    Fed& fed = *sequences[i];
    step.push_back(
        {std::span<const TokenId>(fed.tokens).subspan(static_cast<std::size_t>(fed.done), counts[i]),
         fed.done, fed.blocks, true});
    fed.done += static_cast<std::int32_t>(counts[i]);
  }
  std::vector<float> logits;
  const auto stepped = model.step(step, logits);
  INFO((stepped.ok() ? "" : stepped.error().message));
  REQUIRE(stepped.ok());
  const auto vocab = static_cast<std::ptrdiff_t>(model.shape().vocab);
  REQUIRE(logits.size() == sequences.size() * static_cast<std::size_t>(vocab));
  std::vector<std::vector<float>> rows;
  for (auto row = logits.begin(); row != logits.end(); row += vocab) rows.emplace_back(row, row + vocab);
  return rows;
}

std::vector<float> feed(Model& model, Fed& sequence, std::size_t count) {
  return feed(model, {&sequence}, {count}).front();
}

}  // namespace assay::local::test
