#include "backends/local/weights/llama2c.h"

#include <functional>

#include "backends/local/config/read_config.h"
#include "backends/local/config/tensor_list.h"
#include "harness/base/format.h"
#include "tests/backends/local/gguf_bytes.h"
#include "tests/backends/local/local_data.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

namespace assay::local {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

// dim 8, hidden 12, 2 layers, 2 heads, 1 kv head, 5 tokens, context 3; each value is its place in the file.
std::string checkpoint(std::int32_t vocab = 5, std::int32_t heads = 2) {
  std::string out;
  for (const std::int32_t value : {8, 12, 2, heads, 1, vocab, 3}) test::append_bytes(out, value);
  const int tensors = 5 * 8 + 2 * (8 + 64 + 32 + 32 + 64 + 8 + 3 * 96) + 8 + 3 * 4 + (vocab < 0 ? 5 * 8 : 0);
  for (int i = 0; i < tensors; ++i) test::append_bytes(out, static_cast<float>(i));
  return out;
}

float first(const TensorSource& source, const std::string& name) {
  const TensorView* view = source.find(name);
  REQUIRE(view != nullptr);
  float value = 0;
  std::memcpy(&value, view->bytes.data(), 4);
  return value;
}

TEST_CASE("llama2.c: tensors lie in the order of the format", "[llama2c]") {
  for (const bool tied : {true, false}) {
    const std::string text = checkpoint(tied ? 5 : -5);
    const auto file = read_llama2c("f", bytes_of(text));
    REQUIRE(file.ok());
    CHECK(file->header.tied == tied);
    CHECK(file->header.vocab == 5);
    const TensorSource& t = *file->tensors;
    CHECK(first(t, "model.embed_tokens.weight") == 0);
    CHECK(first(t, "model.layers.1.input_layernorm.weight") == 48);
    CHECK(first(t, "model.layers.0.self_attn.q_proj.weight") == 56);
    CHECK(first(t, "model.layers.1.self_attn.k_proj.weight") == 56 + 128 + 32);
    CHECK(first(t, "model.layers.0.mlp.gate_proj.weight") == 56 + 2 * (64 + 32 + 32 + 64 + 8));
    CHECK(first(t, "model.layers.0.mlp.up_proj.weight") == 56 + 2 * (64 + 32 + 32 + 64 + 8 + 96 + 96));
    CHECK(t.find("model.layers.0.mlp.down_proj.weight")->shape == std::vector<std::int64_t>{8, 12});
    CHECK(t.find("model.layers.0.self_attn.k_proj.weight")->interleaved_rotary);
    CHECK_FALSE(t.find("model.layers.0.self_attn.v_proj.weight")->interleaved_rotary);
    CHECK((t.find("lm_head.weight") == nullptr) == tied);
    const auto config = config_from_llama2c("f", file->header);
    REQUIRE(config.ok());
    CHECK(check_tensors("f", *config, t).ok());
    CHECK(t.tensors().size() == expected_tensors(*config).size());
  }
}

TEST_CASE("llama2.c: malformed checkpoints are refused", "[llama2c]") {
  struct Row {
    std::string text;
    const char* message;
  };
  std::string later;
  test::append_bytes<std::int32_t>(later, 0x616b3432);
  test::append_bytes<std::int32_t>(later, 2);
  const std::vector<Row> rows = {
      {"", "truncated: the file ends within the header"},
      {checkpoint().substr(0, 27), "truncated: the file ends within the header"},
      {checkpoint().substr(0, 1000), "truncated: the file ends within model.layers"},
      {checkpoint().substr(0, checkpoint().size() - 1), "truncated: the file ends within the tables"},
      {checkpoint() + "x", "1 bytes follow the last tensor"},
      {checkpoint(5, 3), "no llama2.c checkpoint"},
      {checkpoint(5, 0), "no llama2.c checkpoint"},
      {std::string(28, '\0'), "no llama2.c checkpoint"},
      {std::string(28, '\x7f'), "no llama2.c checkpoint"},
      {std::string(28, '\xff'), "no llama2.c checkpoint"},
      {later + std::string(40, '\0'), "version 2; read is the legacy layout"},
  };
  for (const Row& row : rows) {
    INFO(row.message);
    const auto file = read_llama2c("f", bytes_of(row.text));
    REQUIRE_FALSE(file.ok());
    INFO(file.error().message);
    CHECK(file.error().message.find(row.message) != std::string::npos);
  }
}

std::string vocabulary_text() {
  std::string out;
  test::append_bytes<std::int32_t>(out, 7);
  const auto add = [&](float score, const std::string& token) {
    test::append_bytes(out, score);
    test::append_bytes(out, static_cast<std::int32_t>(token.size()));
    out += token;
  };
  add(0, "<unk>");
  add(0, "\n<s>\n");
  add(0, "\n</s>\n");
  for (int b = 0; b < 256; ++b) add(0, format("<0x{:02X}>", b));
  add(-1, " a");
  return out;
}

TEST_CASE("llama2.c: a vocabulary gets its space marks, byte tokens and control tokens back", "[llama2c]") {
  const std::string text = vocabulary_text();
  const auto v = read_llama2c_vocabulary("v", bytes_of(text), 260);
  REQUIRE(v.ok());
  CHECK(v->tokens[1] == "<s>");
  CHECK(v->tokens[259] == "\xE2\x96\x81" "a");
  CHECK(v->scores[259] == -1);
  CHECK(v->types[258] == Vocabulary::Type::byte);
  CHECK(v->types[259] == Vocabulary::Type::normal);
  CHECK(v->types[2] == Vocabulary::Type::control);
  CHECK(v->bos == 1);
  CHECK(v->add_bos);
  CHECK(v->add_space_prefix);
}

TEST_CASE("llama2.c: malformed vocabularies are refused", "[llama2c]") {
  const std::string text = vocabulary_text();
  std::string swapped = text;
  swapped[swapped.find("<0x41>") + 4] = '2';
  std::string negative = text;
  negative[8 + 3] = '\xff';
  struct Row {
    std::string text;
    std::int64_t size;
    const char* message;
  };
  const std::vector<Row> rows = {{"", 260, "is empty"},
                                 {text, 261, "truncated at token 260 of 261"},
                                 {text, 259, "follow the 259 tokens"},
                                 {text.substr(0, text.size() - 1), 260, "truncated at token 259"},
                                 {swapped, 260, "expected <0x41>"},
                                 {negative, 260, "truncated at token 0"},
                                 {text.substr(0, 4), 0, "has at least 259"}};
  for (const Row& row : rows) {
    INFO(row.message);
    const auto v = read_llama2c_vocabulary("v", bytes_of(row.text), row.size);
    REQUIRE_FALSE(v.ok());
    INFO(v.error().message);
    CHECK(v.error().message.find(row.message) != std::string::npos);
  }
}

TEST_CASE("llama2.c: stories260K and its vocabulary", "[llama2c]") {
  const auto model = test::local_data("stories260K.bin");
  const auto vocabulary = test::local_data("tok512.bin");
  if (!model || !vocabulary) {
    WARN("stories260K is not here");
    return;
  }
  const auto file = open_llama2c(*model);
  REQUIRE(file.ok());
  const auto config = config_from_llama2c(*model, file->header);
  REQUIRE(config.ok());
  CHECK(config->hidden == 64);
  CHECK(config->kv_heads == 4);
  CHECK(config->tied_head);
  CHECK(check_tensors(*model, *config, *file->tensors).ok());
  const std::string text = test::read_file(*vocabulary);
  const auto v = read_llama2c_vocabulary(*vocabulary, bytes_of(text), config->vocab);
  REQUIRE(v.ok());
  CHECK(v->tokens.size() == 512);
}

}  // namespace
}  // namespace assay::local
