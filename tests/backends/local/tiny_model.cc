#include "tests/backends/local/tiny_model.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <string>

#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/rng.h"
#include "tests/backends/local/gguf_bytes.h"
#include "tests/backends/local/tiny_encode.h"
#include "tests/backends/local/tiny_tokenizer.h"

namespace assay::test {
namespace {

using local::DType;
using local::ModelConfig;
using local::RopeScaling;
using local::TensorSpec;

Result<void> write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) return invalid(format("cannot write {}", path.string()));
  return {};
}

struct Names {
  const char* family;
  const char* architecture;  // config.json's
  const char* gguf;          // general.architecture
  bool qkv_bias, qk_norm;    // what config.json implies
};
constexpr Names kNames[] = {{"llama", "LlamaForCausalLM", "llama", false, false},
                            {"mistral", "MistralForCausalLM", "llama", false, false},
                            {"qwen2", "Qwen2ForCausalLM", "qwen2", true, false},
                            {"qwen3", "Qwen3ForCausalLM", "qwen3", false, true}};

const Names& names_of(std::string_view family) {
  for (const Names& one : kNames) {
    if (family == one.family) return one;
  }
  return kNames[0];
}

Result<void> check(const TinyModel& model) {
  if (model.config.vocab >= kTinyVocabulary) return {};
  return invalid(format("a vocabulary of {}; expected {} or more", model.config.vocab, kTinyVocabulary));
}

Result<Json> config_json(const TinyModel& model) {
  const ModelConfig& c = model.config;
  const Names& names = names_of(c.family);
  if (c.qkv_bias != names.qkv_bias || c.qk_norm != names.qk_norm || c.rope.scaling == RopeScaling::divisors) {
    return invalid(format("config.json of the family {} cannot say this", c.family));
  }
  const char* dtype = model.dtype == DType::f32   ? "float32"
                      : model.dtype == DType::f16 ? "float16"
                                                  : "bfloat16";
  Json out = {{"architectures", {names.architecture}},
              {"model_type", names.family},
              {"vocab_size", c.vocab},
              {"hidden_size", c.hidden},
              {"intermediate_size", c.intermediate},
              {"num_hidden_layers", c.layers},
              {"num_attention_heads", c.heads},
              {"num_key_value_heads", c.kv_heads},
              {"head_dim", c.head_dim},
              {"max_position_embeddings", c.context},
              {"rms_norm_eps", c.rms_eps},
              {"rope_theta", c.rope.theta},
              {"rope_scaling", nullptr},
              {"hidden_act", "silu"},
              {"tie_word_embeddings", c.tied_head},
              {"torch_dtype", dtype},
              {"bos_token_id", kTinyEndOfText},
              {"eos_token_id", kTinyEndOfText}};
  if (c.family == "mistral") out["sliding_window"] = nullptr;
  if (c.rope.scaling == RopeScaling::linear) {
    out["rope_scaling"] = {{"rope_type", "linear"}, {"factor", c.rope.factor}};
  } else if (c.rope.scaling == RopeScaling::llama3) {
    out["rope_scaling"] = {
        {"rope_type", "llama3"},
        {"factor", c.rope.factor},
        {"low_freq_factor", c.rope.low_freq_factor},
        {"high_freq_factor", c.rope.high_freq_factor},
        {"original_max_position_embeddings", static_cast<std::int64_t>(c.rope.original_context)}};
  }
  return out;
}

// What stands in a shard: the tensors of it one after the other, in the order given.
std::string shard_bytes(const TinyModel& model, const std::vector<TensorSpec>& tensors) {
  const char* dtype = model.dtype == DType::f32 ? "F32" : model.dtype == DType::f16 ? "F16" : "BF16";
  Json header = {{"__metadata__", {{"format", "pt"}}}};
  std::string data;
  for (const TensorSpec& tensor : tensors) {
    const std::size_t begin = data.size();
    data += encode_floats(model.dtype, tiny_values(model, tensor));
    header[tensor.name] = {{"dtype", dtype}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
  }
  const std::string text = dump_json(header);
  std::string out;
  append_bytes<std::uint64_t>(out, text.size());
  return out + text + data;
}

Result<void> write_weights(const TinyModel& model, const std::filesystem::path& folder, int shards) {
  const std::vector<TensorSpec> all = local::expected_tensors(model.config);
  if (shards <= 1) return write_text(folder / "model.safetensors", shard_bytes(model, all));
  Json map = Json::object();
  std::vector<std::vector<TensorSpec>> parts(static_cast<std::size_t>(shards));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::size_t part = i * parts.size() / all.size();
    parts[part].push_back(all[i]);
    map[all[i].name] = format("model-{:05}-of-{:05}.safetensors", part + 1, shards);
  }
  for (std::size_t part = 0; part < parts.size(); ++part) {
    const std::string name = format("model-{:05}-of-{:05}.safetensors", part + 1, shards);
    if (auto ok = write_text(folder / name, shard_bytes(model, parts[part])); !ok) return ok;
  }
  const Json index = {{"metadata", Json::object()}, {"weight_map", map}};
  return write_text(folder / "model.safetensors.index.json", dump_json_pretty(index));
}

std::string gguf_name(std::string_view name) {
  static const std::map<std::string, std::string, std::less<>> kTable = {
      {"input_layernorm", "attn_norm"},    {"post_attention_layernorm", "ffn_norm"},
      {"self_attn.q_proj", "attn_q"},      {"self_attn.k_proj", "attn_k"},
      {"self_attn.v_proj", "attn_v"},      {"self_attn.o_proj", "attn_output"},
      {"self_attn.q_norm", "attn_q_norm"}, {"self_attn.k_norm", "attn_k_norm"},
      {"mlp.gate_proj", "ffn_gate"},       {"mlp.up_proj", "ffn_up"},
      {"mlp.down_proj", "ffn_down"},       {"model.embed_tokens", "token_embd"},
      {"model.norm", "output_norm"},       {"lm_head", "output"}};
  const std::size_t last = name.rfind('.');
  const std::string_view stem = name.substr(0, last);
  const std::string_view kind = name.substr(last);
  constexpr std::string_view kLayers = "model.layers.";
  if (stem.substr(0, kLayers.size()) != kLayers) return format("{}{}", kTable.find(stem)->second, kind);
  const std::string_view rest = stem.substr(kLayers.size());
  const std::size_t dot = rest.find('.');
  return format("blk.{}.{}{}", rest.substr(0, dot), kTable.find(rest.substr(dot + 1))->second, kind);
}

// Rows of q and k from halves to interleaved pairs, as the converter of arch llama does.
std::vector<float> interleave(const std::vector<float>& values, std::int64_t rows, std::int64_t head_dim) {
  const std::size_t width = values.size() / static_cast<std::size_t>(rows);
  std::vector<float> out;
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::int64_t within = row % head_dim;
    const std::int64_t from = row - within + within % 2 * (head_dim / 2) + within / 2;
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(from) * width);
    out.insert(out.end(), begin, begin + static_cast<std::ptrdiff_t>(width));
  }
  return out;
}

void add_config(const ModelConfig& c, const std::string& arch, GgufBytes& out) {
  const auto count = [&](const char* key, std::int64_t value) {
    out.u32(format("{}.{}", arch, key), static_cast<std::uint32_t>(value));
  };
  out.text("general.architecture", arch);
  count("block_count", c.layers);
  count("context_length", c.context);
  count("embedding_length", c.hidden);
  count("feed_forward_length", c.intermediate);
  count("attention.head_count", c.heads);
  count("attention.head_count_kv", c.kv_heads);
  count("attention.key_length", c.head_dim);
  count("attention.value_length", c.head_dim);
  count("rope.dimension_count", c.head_dim);
  count("vocab_size", c.vocab);
  out.f32(format("{}.rope.freq_base", arch), static_cast<float>(c.rope.theta));
  out.f32(format("{}.attention.layer_norm_rms_epsilon", arch), static_cast<float>(c.rms_eps));
  if (c.rope.scaling == RopeScaling::linear) {
    out.text(format("{}.rope.scaling.type", arch), "linear");
    out.f32(format("{}.rope.scaling.factor", arch), static_cast<float>(c.rope.factor));
  }
}

void add_divisors(const ModelConfig& c, GgufBytes& out) {
  if (c.rope.scaling != RopeScaling::llama3 && c.rope.scaling != RopeScaling::divisors) return;
  ModelConfig plain = c;
  plain.rope.scaling = RopeScaling::none;
  const std::vector<double> before = rotary_frequencies(plain);
  const std::vector<double> after = rotary_frequencies(c);
  std::string bytes;
  for (std::size_t i = 0; i < before.size(); ++i)
    append_bytes(bytes, static_cast<float>(before[i] / after[i]));
  out.tensor("rope_freqs.weight", {static_cast<std::int64_t>(before.size())}, 0, bytes);
}

void add_tokenizer(std::int64_t rows, GgufBytes& out) {
  Vocabulary v = tiny_vocabulary();
  std::vector<std::int32_t> types;
  std::vector<std::string> merges;
  for (const Vocabulary::Type type : v.types) types.push_back(static_cast<std::int32_t>(type));
  // The converter fills the vocabulary up to the embedding's rows.
  for (std::int64_t i = static_cast<std::int64_t>(v.tokens.size()); i < rows; ++i) {
    v.tokens.push_back(format("[PAD{}]", i));
    types.push_back(static_cast<std::int32_t>(Vocabulary::Type::unused));
  }
  for (const auto& merge : v.merges) merges.push_back(merge.first + " " + merge.second);
  out.text("tokenizer.ggml.model", "gpt2").text("tokenizer.ggml.pre", v.pre_tokenizer);
  out.texts("tokenizer.ggml.tokens", v.tokens).i32s("tokenizer.ggml.token_type", types);
  out.texts("tokenizer.ggml.merges", merges).u32("tokenizer.ggml.bos_token_id", kTinyEndOfText);
  out.u32("tokenizer.ggml.eos_token_id", kTinyEnd).boolean("tokenizer.ggml.add_bos_token", false);
  out.text("tokenizer.chat_template", tiny_chat_template());
}

std::uint32_t gguf_type(DType dtype) {
  switch (dtype) {
    case DType::f32: return 0;
    case DType::f16: return 1;
    case DType::q4_0: return 2;
    case DType::q4_1: return 3;
    case DType::q8_0: return 8;
    case DType::bf16: return 30;
  }
  return 0;
}

}  // namespace

ModelConfig tiny_config(std::string_view family) {
  const Names& names = names_of(family);
  ModelConfig out;
  out.family = names.family;
  out.vocab = 288;
  out.hidden = 64;
  out.intermediate = 96;
  out.layers = 2;
  out.heads = 4;
  out.kv_heads = 2;
  out.head_dim = out.family == "qwen3" ? 32 : 16;
  out.context = 256;
  out.rms_eps = out.family == "llama" || out.family == "mistral" ? 1e-5 : 1e-6;
  out.qkv_bias = names.qkv_bias;
  out.qk_norm = names.qk_norm;
  return out;
}

std::vector<float> tiny_values(const TinyModel& model, const TensorSpec& tensor) {
  Rng rng(Rng::seed_for(model.seed, {"tiny model", tensor.name}));
  std::size_t count = 1;
  for (const std::int64_t size : tensor.shape) count *= static_cast<std::size_t>(size);
  const bool norm = tensor.name.find("norm") != std::string::npos;
  // Matrices keep the variance of what they multiply; embeddings are of the order of 1.
  const bool embedding = tensor.name.find("embed") != std::string::npos;
  const double fan = tensor.shape.size() == 2 && !embedding ? static_cast<double>(tensor.shape[1]) : 1;
  const double width = tensor.shape.size() == 1 ? 0.3 : std::sqrt(3 / fan);
  std::vector<float> out(count);
  for (float& value : out) value = static_cast<float>((norm ? 1 : 0) + width * (2 * rng.unit() - 1));
  return out;
}

Result<void> write_safetensors(const TinyModel& model, const std::filesystem::path& folder, int shards) {
  if (auto ok = check(model); !ok) return ok;
  if (model.dtype != DType::f32 && model.dtype != DType::f16 && model.dtype != DType::bf16) {
    return invalid("safetensors holds F32, F16 and BF16");
  }
  const auto config = config_json(model);
  if (!config) return config.error();
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  const Json tokenizer_config = {{"bos_token", nullptr},
                                 {"eos_token", "<|im_end|>"},
                                 {"add_bos_token", false},
                                 {"chat_template", tiny_chat_template()}};
  const Json generation = {{"eos_token_id", {kTinyEnd, kTinyEndOfText}},
                           {"do_sample", true},
                           {"temperature", 0.6},
                           {"top_p", 0.95},
                           {"top_k", 20}};
  const std::pair<const char*, Json> files[] = {{"config.json", *config},
                                                {"generation_config.json", generation},
                                                {"tokenizer_config.json", tokenizer_config},
                                                {"tokenizer.json", tiny_tokenizer_json()}};
  for (const auto& file : files) {
    if (auto ok = write_text(folder / file.first, dump_json_pretty(file.second)); !ok) return ok;
  }
  return write_weights(model, folder, shards);
}

Result<void> write_gguf(const TinyModel& model, const std::filesystem::path& file) {
  if (auto ok = check(model); !ok) return ok;
  const std::string arch = names_of(model.config.family).gguf;
  GgufBytes out;
  add_config(model.config, arch, out);
  add_tokenizer(model.config.vocab, out);
  for (const TensorSpec& tensor : local::expected_tensors(model.config)) {
    std::vector<float> values = tiny_values(model, tensor);
    const bool rotary = tensor.name.find(".q_proj.") != std::string::npos ||
                        tensor.name.find(".k_proj.") != std::string::npos;
    if (arch == "llama" && rotary) values = interleave(values, tensor.shape[0], model.config.head_dim);
    const bool whole = tensor.shape.size() == 2 && tensor.shape.back() % 32 == 0;
    const DType dtype =
        whole || (tensor.shape.size() == 2 && gguf_type(model.dtype) <= 1) ? model.dtype : DType::f32;
    out.tensor(gguf_name(tensor.name), tensor.shape, gguf_type(dtype), encode_floats(dtype, values));
  }
  add_divisors(model.config, out);
  return write_text(file, out.build());
}

}  // namespace assay::test
