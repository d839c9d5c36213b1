#include "backends/local/model_files.h"

#include <cmath>
#include <functional>

#include "backends/local/config/tensor_list.h"
#include "backends/local/weights/blocks.h"
#include "harness/base/format.h"
#include "harness/base/json.h"
#include "tests/backends/local/local_data.h"
#include "tests/backends/local/tiny_encode.h"
#include "tests/backends/local/tiny_model.h"
#include "tests/backends/local/tiny_tokenizer.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

namespace assay::local {
namespace {

using test::TempDir;
using test::TinyModel;

std::vector<float> values_of(const ModelFiles& model, const std::string& name) {
  const TensorView* view = model.weights->find(name);
  REQUIRE(view != nullptr);
  std::vector<float> out(static_cast<std::size_t>(*count_values(view->shape)));
  const bool key = name.find("k_proj") != std::string::npos;
  to_float(*view, key ? model.config.kv_heads : model.config.heads, out);
  return out;
}

void check_same_config(const ModelConfig& a, const ModelConfig& b) {
  CHECK(a.vocab == b.vocab);
  CHECK(a.hidden == b.hidden);
  CHECK(a.intermediate == b.intermediate);
  CHECK(a.layers == b.layers);
  CHECK(a.heads == b.heads);
  CHECK(a.kv_heads == b.kv_heads);
  CHECK(a.head_dim == b.head_dim);
  CHECK(a.context == b.context);
  CHECK(a.rms_eps == Approx(b.rms_eps).epsilon(1e-7));
  CHECK(a.qkv_bias == b.qkv_bias);
  CHECK(a.qk_norm == b.qk_norm);
  CHECK(a.tied_head == b.tied_head);
  const auto left = rotary_frequencies(a);
  const auto right = rotary_frequencies(b);
  REQUIRE(left.size() == right.size());
  for (std::size_t i = 0; i < left.size(); ++i) CHECK(left[i] == Approx(right[i]).epsilon(1e-6));
}

// The step of each type against values of at most 1.8 or so.
double step_of(DType dtype) {
  switch (dtype) {
    case DType::f32: return 0;
    case DType::f16: return 0x1p-11;
    case DType::bf16: return 0x1p-7;
    case DType::q8_0: return 0.01;
    case DType::q4_0: return 0.25;
    case DType::q4_1: return 0.15;
  }
  return 0;
}

void check_opened(const TinyModel& tiny, const ModelFiles& model) {
  check_same_config(tiny.config, model.config);
  for (const TensorSpec& spec : expected_tensors(tiny.config)) {
    INFO(spec.name);
    const std::vector<float> wanted = test::tiny_values(tiny, spec);
    const std::vector<float> got = values_of(model, spec.name);
    double worst = 0;
    for (std::size_t i = 0; i < got.size(); ++i)
      worst = std::max(worst, std::abs(double{wanted[i]} - double{got[i]}));
    CHECK(worst <= step_of(tiny.dtype));
  }
  CHECK(model.chat_template == test::tiny_chat_template());
  CHECK(model.tokenizer->size() >= test::kTinyVocabulary);
  CHECK(model.tokenizer->decode(model.tokenizer->encode("hello there", SpecialTokens::parse)) ==
        "hello there");
  CHECK(model.tokenizer->encode("<|im_end|>", SpecialTokens::parse) == std::vector<TokenId>{test::kTinyEnd});
}

std::vector<ModelConfig> configs() {
  std::vector<ModelConfig> out;
  for (const char* family : {"llama", "mistral", "qwen2", "qwen3"}) {
    for (const RopeScaling scaling : {RopeScaling::none, RopeScaling::linear, RopeScaling::llama3}) {
      ModelConfig config = test::tiny_config(family);
      config.tied_head = scaling == RopeScaling::linear;
      config.rope.theta = 50000;
      config.rope.scaling = scaling;
      config.rope.factor = scaling == RopeScaling::none ? 1 : 4;
      config.rope.original_context = 64;
      out.push_back(config);
    }
  }
  return out;
}

TEST_CASE("a folder of every family opens with the weights that were written", "[model_files]") {
  const DType dtypes[] = {DType::f32, DType::bf16, DType::f16};
  int row = 0;
  for (const ModelConfig& config : configs()) {
    const TinyModel tiny{config, 3, dtypes[row % 3]};
    INFO(config.family << " " << row);
    const TempDir dir;
    REQUIRE(test::write_safetensors(tiny, dir.str(), 1 + row % 2 * 2).ok());
    const auto model = open_model(dir.str());
    if (!model) FAIL(model.error().message);
    check_opened(tiny, *model);
    CHECK(model->config.family == config.family);
    CHECK(model->end_tokens == std::vector<TokenId>{test::kTinyEnd, test::kTinyEndOfText});
    CHECK(model->generation.do_sample);
    CHECK(model->generation.temperature == 0.6);
    CHECK(model->generation.top_k == 20);
    CHECK_FALSE(model->generation.repetition_penalty);
    ++row;
  }
}

TEST_CASE("a GGUF file of every family and type opens with the weights that were written", "[model_files]") {
  const DType dtypes[] = {DType::f32, DType::f16, DType::bf16, DType::q8_0, DType::q4_0, DType::q4_1};
  int row = 0;
  for (const ModelConfig& config : configs()) {
    const TinyModel tiny{config, 4, dtypes[row % 6]};
    INFO(config.family << " " << row);
    const TempDir dir;
    REQUIRE(test::write_gguf(tiny, dir / "blob").ok());
    const auto model = open_model(dir / "blob");
    if (!model) FAIL(model.error().message);
    check_opened(tiny, *model);
    CHECK(model->end_tokens == std::vector<TokenId>{test::kTinyEnd});
    ++row;
  }
}

TEST_CASE("the revision follows the contents, not the place", "[model_files]") {
  TinyModel tiny{test::tiny_config("llama"), 1, DType::f32};
  const auto revision = [&](const std::string& folder) {
    const auto model = open_model(folder);
    REQUIRE(model.ok());
    return model->revision;
  };
  const TempDir one;
  const TempDir other;
  REQUIRE(test::write_safetensors(tiny, one.str()).ok());
  REQUIRE(test::write_safetensors(tiny, other.str()).ok());
  CHECK(revision(one.str()) == revision(other.str()));
  const Digest before = revision(other.str());
  std::string config = test::read_file(other / "generation_config.json");
  other.file("generation_config.json", config + " ");
  CHECK(revision(other.str()) != before);
  tiny.seed = 2;
  const TempDir third;
  REQUIRE(test::write_safetensors(tiny, third.str()).ok());
  CHECK(revision(third.str()) != before);
  REQUIRE(test::write_gguf(tiny, third / "a.gguf").ok());
  std::filesystem::copy_file(third / "a.gguf", third / "b.gguf");
  CHECK(revision(third / "a.gguf") == revision(third / "b.gguf"));
}

// Changes one JSON file of a good folder.
void change(const TempDir& dir, const char* file, const char* patch) {
  Json json = *parse_json(test::read_file(dir / file));
  json.merge_patch(*parse_json(patch));
  dir.file(file, dump_json(json));
}

TEST_CASE("a folder that is not whole is refused with what is wrong", "[model_files]") {
  struct Row {
    std::function<void(const TempDir&)> spoil;
    const char* message;
  };
  const auto remove = [](const char* name) {
    return [name](const TempDir& dir) { std::filesystem::remove(dir / name); };
  };
  const auto patch = [](const char* file, const char* json) {
    return [file, json](const TempDir& dir) { change(dir, file, json); };
  };
  const std::vector<Row> rows = {
      {remove("config.json"), "no config.json is there"},
      {remove("tokenizer.json"), "no tokenizer.json is there"},
      {remove("model.safetensors"), "neither model.safetensors nor"},
      {[](const TempDir& dir) { dir.file("config.json", "{"); }, "config.json: "},
      {[](const TempDir& dir) { dir.file("config.json", "[]"); }, "config.json: no JSON object"},
      {[](const TempDir& dir) { dir.file("config.json", R"({"a":1,"a":2})"); }, "'a' stands twice"},
      {patch("config.json", R"({"num_hidden_layers": 3})"),
       "the tensor model.layers.2.input_layernorm.weight is missing"},
      {patch("config.json", R"({"num_hidden_layers": 1})"),
       "the tensor model.layers.1.input_layernorm.weight belongs to no model of the family llama"},
      {patch("config.json", R"({"vocab_size": 300})"),
       "the vocabulary has 300 entries by the config, but model.embed_tokens.weight has 288 rows"},
      {patch("config.json", R"({"intermediate_size": 95})"),
       "model.layers.0.mlp.gate_proj.weight has the shape [96, 64]; expected [95, 64]"},
      {patch("config.json", R"({"architectures": ["Qwen2ForCausalLM"]})"),
       "the tensor model.layers.0.self_attn.q_proj.bias is missing"},
      {patch("config.json", R"({"architectures": ["Qwen3ForCausalLM"]})"), "q_norm.weight is missing"},
      {patch("generation_config.json", R"({"eos_token_id": "x"})"),
       "generation_config.json: eos_token_id is no token id"},
      {patch("generation_config.json", R"({"eos_token_id": [2, -1]})"), "eos_token_id is no token id"},
      {patch("generation_config.json", R"({"eos_token_id": 288})"), "the end token 288 is no id of the 288"},
      {patch("generation_config.json", R"({"temperature": "hot"})"), "temperature is no number"},
      {patch("generation_config.json", R"({"top_k": 0.5})"), "top_k is no integer"},
      {patch("tokenizer_config.json", R"({"chat_template": 1})"),
       "chat_template is neither a text nor a list"},
      {patch("tokenizer_config.json", R"({"chat_template": [{"name": "rag", "template": "x"}]})"),
       "none of the 1 chat templates is named 'default'"},
      {patch("tokenizer.json", R"({"model": {"type": "Unigram"}})"), "tokenizer.json: "},
  };
  for (const Row& row : rows) {
    INFO(row.message);
    const TempDir dir;
    REQUIRE(test::write_safetensors({test::tiny_config("llama"), 1, DType::f32}, dir.str()).ok());
    row.spoil(dir);
    const auto model = open_model(dir.str());
    REQUIRE_FALSE(model.ok());
    CHECK(model.error().code == Code::invalid);
    INFO(model.error().message);
    CHECK(model.error().message.find(row.message) != std::string::npos);
  }
}

TEST_CASE("a tokenizer with more ids than the embedding has rows is refused with both numbers",
          "[model_files]") {
  const TempDir dir;
  REQUIRE(test::write_safetensors({test::tiny_config("llama"), 1, DType::f32}, dir.str()).ok());
  Json tokenizer = *parse_json(test::read_file(dir / "tokenizer.json"));
  for (int id = test::kTinyVocabulary; id < 289; ++id) tokenizer["model"]["vocab"][format("new{}", id)] = id;
  dir.file("tokenizer.json", dump_json(tokenizer));
  const auto model = open_model(dir.str());
  REQUIRE_FALSE(model.ok());
  INFO(model.error().message);
  CHECK(model.error().message.find("the tokenizer has 289 ids, but the embedding has 288 rows") !=
        std::string::npos);
}

TEST_CASE("chat_template.jinja comes before tokenizer_config.json; a list gives its default",
          "[model_files]") {
  const TempDir dir;
  REQUIRE(test::write_safetensors({test::tiny_config("llama"), 1, DType::f32}, dir.str()).ok());
  change(dir, "tokenizer_config.json",
         R"({"chat_template": [{"name": "tool", "template": "T"}, {"name": "default", "template": "D"}]})");
  CHECK(open_model(dir.str())->chat_template == "D");
  dir.file("chat_template.jinja", "J\n");
  CHECK(open_model(dir.str())->chat_template == "J\n");
  std::filesystem::remove(dir / "chat_template.jinja");
  change(dir, "tokenizer_config.json", R"({"chat_template": null})");
  CHECK(open_model(dir.str())->chat_template.empty());
}

TEST_CASE("end tokens: config.json where generation_config.json is silent, else the tokenizer's",
          "[model_files]") {
  const TempDir dir;
  REQUIRE(test::write_safetensors({test::tiny_config("llama"), 1, DType::f32}, dir.str()).ok());
  std::filesystem::remove(dir / "generation_config.json");
  auto model = open_model(dir.str());
  REQUIRE(model.ok());
  CHECK(model->end_tokens == std::vector<TokenId>{test::kTinyEndOfText});
  CHECK_FALSE(model->generation.do_sample);
  change(dir, "config.json", R"({"eos_token_id": null})");
  model = open_model(dir.str());
  REQUIRE(model.ok());
  CHECK(model->end_tokens == std::vector<TokenId>{test::kTinyEnd});
}

TEST_CASE("what is no model is refused", "[model_files]") {
  const TempDir dir;
  const auto missing = open_model(dir / "nothing");
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().message.find("no such file or folder") != std::string::npos);
  const auto other = open_model(dir.file("notes.txt", "hello"));
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().message.find("neither a folder with config.json, a GGUF file") != std::string::npos);
  CHECK_FALSE(open_model(dir.file("empty.bin", "")).ok());
}

TEST_CASE("stories260K opens with the vocabulary beside it", "[model_files]") {
  const auto path = test::local_data("stories260K.bin");
  if (!path) {
    WARN("stories260K is not here");
    return;
  }
  const auto model = open_model(*path);
  if (!model) FAIL(model.error().message);
  CHECK(model->config.layers == 5);
  CHECK(model->end_tokens == std::vector<TokenId>{1, 2});
  CHECK(model->tokenizer->size() == 512);
  const auto ids = model->tokenizer->encode("Once upon a time", SpecialTokens::as_text);
  CHECK(model->tokenizer->decode(ids) == "Once upon a time");
  const TempDir dir;
  std::filesystem::copy_file(*path, dir / "alone.bin");
  const auto alone = open_model(dir / "alone.bin");
  REQUIRE_FALSE(alone.ok());
  CHECK(alone.error().message.find("expected tok512.bin or tokenizer.bin") != std::string::npos);
}

}  // namespace
}  // namespace assay::local
