// Texts whose token ids the reference implementation made, from the vocabulary files of llama.cpp: FILE.gguf
// with FILE.gguf.inp (texts) and FILE.gguf.out (ids, one line a text).
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "backends/local/weights/gguf.h"
#include "backends/local/weights/llama2c.h"
#include "harness/text/tokenizer.h"
#include "tests/backends/local/local_data.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"
#include "tests/text/tokenizer_oracle.h"

namespace assay {
namespace {

struct Vector {
  std::string text;
  std::vector<TokenId> ids;
};

std::vector<Vector> read_vectors(const std::string& path) {
  const std::string kSeparator = "\n__ggml_vocab_test__\n";
  const std::string texts = test::read_file(path + ".inp");
  std::istringstream ids(test::read_file(path + ".out"));
  std::vector<Vector> out;
  for (std::size_t at = 0; at < texts.size();) {
    const std::size_t end = texts.find(kSeparator, at);
    Vector vector;
    vector.text = texts.substr(at, end == std::string::npos ? end : end - at);
    std::string line;
    std::getline(ids, line);
    std::istringstream numbers(line);
    for (TokenId id = 0; numbers >> id;) vector.ids.push_back(id);
    if (end == std::string::npos) break;  // what follows the last separator is no text
    out.push_back(std::move(vector));
    at = end + kSeparator.size();
  }
  return out;
}

void check_vectors(const Tokenizer& tokenizer, const std::vector<Vector>& vectors) {
  REQUIRE(vectors.size() >= 46);
  for (const Vector& vector : vectors) {
    CAPTURE(vector.text);
    const std::vector<TokenId> ids = tokenizer.encode(vector.text, SpecialTokens::parse);
    CHECK(ids == vector.ids);
    CHECK(tokenizer.decode(ids) == vector.text);
    Detokenizer stream(tokenizer);
    std::string streamed;
    for (const TokenId id : ids) streamed += stream.push(id);
    CHECK(streamed + stream.finish() == vector.text);
  }
}

struct IdRow {
  const char* text;
  std::vector<TokenId> ids;
};

// Made by the Rust library `tokenizers` 0.23 from GPT-2's vocabulary, with digits one by one and GPT-2's
// expression.
const std::vector<IdRow> kDigitsApart = {
    {"3", {18}},
    {"33 333", {18, 18, 220, 18, 18, 18}},
    {"In 1999, 3.14159 < 22/7",
     {818, 220, 16, 24, 24, 24, 11, 220, 18, 13, 16, 19, 16, 20, 24, 1279, 220, 17, 17, 14, 22}},
    {"x2y10 \u00B2\u00B3 \u2167", {87, 17, 88, 16, 15, 220, 31185, 126, 111, 220, 158, 227, 100}},
    {"  12  34\n56", {220, 220, 16, 17, 220, 220, 18, 19, 198, 20, 21}},
    {"\u0663\u0664\uFF15 items", {149, 96, 149, 97, 171, 120, 243, 3709}},
    {"No digits here.", {2949, 19561, 994, 13}},
};

std::optional<Vocabulary> vocabulary_of(const std::string& name) {
  const auto path = test::local_data("vocab/ggml-vocab-" + name + ".gguf");
  if (!path) {
    WARN("no vocabulary files; set ASSAY_DATA");
    return std::nullopt;
  }
  const auto file = local::open_gguf(*path);
  REQUIRE(file);
  auto vocabulary = local::gguf_vocabulary(*file);
  REQUIRE(vocabulary);
  return std::move(*vocabulary);
}

TEST_CASE("the vocabularies of GGUF files tokenise as the reference does, and back", "[text][tokenizer]") {
  const std::string name = GENERATE("gpt-2", "llama-spm", "deepseek-llm", "deepseek-coder");
  CAPTURE(name);
  auto vocabulary = vocabulary_of(name);
  if (!vocabulary) return;
  const auto tokenizer = tokenizer_from_vocabulary(std::move(*vocabulary));
  REQUIRE(tokenizer);
  check_vectors(**tokenizer, read_vectors(test::local_data("vocab/ggml-vocab-" + name + ".gguf").value()));
}

TEST_CASE("SmolLM2's pre-tokenizer takes digits one by one", "[text][tokenizer]") {
  auto vocabulary = vocabulary_of("gpt-2");
  if (!vocabulary) return;
  vocabulary->pre_tokenizer = "smollm";
  const auto tokenizer = tokenizer_from_vocabulary(std::move(*vocabulary));
  REQUIRE(tokenizer);
  for (const IdRow& row : kDigitsApart) {
    CAPTURE(row.text);
    CHECK((*tokenizer)->encode(row.text, SpecialTokens::parse) == row.ids);
    CHECK((*tokenizer)->decode(row.ids) == row.text);
  }
}

// Made by llama2.c's way of encoding, over the 512 tokens of its smallest model.
const std::vector<IdRow> kStories = {
    {"Once upon a time", {403, 407, 261, 378}},
    {"Lily's  dog said: \"Hi!\"\n", {317, 439, 419, 410, 400, 428, 336, 467, 313, 440, 417, 443, 436, 13}},
    {"caf\u00E9 42 \u4F60", {280, 412, 431, 485, 410, 484, 479, 410, 231, 192, 163}},
};

TEST_CASE("the vocabulary of llama2.c tokenises as that program does, and back", "[text][tokenizer]") {
  const auto path = test::local_data("tok512.bin");
  if (!path) {
    WARN("no vocabulary file of llama2.c; set ASSAY_DATA");
    return;
  }
  const std::string bytes = test::read_file(*path);
  auto vocabulary = local::read_llama2c_vocabulary("tok512.bin", std::as_bytes(std::span(bytes)), 512);
  REQUIRE(vocabulary);
  const auto tokenizer = tokenizer_from_vocabulary(std::move(*vocabulary));
  REQUIRE(tokenizer);
  for (const IdRow& row : kStories) {
    CAPTURE(row.text);
    CHECK((*tokenizer)->encode(row.text, SpecialTokens::parse) == row.ids);
    CHECK((*tokenizer)->decode(row.ids) == row.text);
  }
}

TEST_CASE("special tokens of a GGUF file are parsed or left as text", "[text][tokenizer]") {
  auto vocabulary = vocabulary_of("deepseek-llm");
  if (!vocabulary) return;
  const auto tokenizer = tokenizer_from_vocabulary(std::move(*vocabulary));
  REQUIRE(tokenizer);
  const TokenId bos = (*tokenizer)->bos().value();
  const std::string text((*tokenizer)->piece(bos));
  CHECK(text == "<\uFF5Cbegin\u2581of\u2581sentence\uFF5C>");
  CHECK((*tokenizer)->id_of(text) == bos);
  CHECK((*tokenizer)->is_special(bos));
  CHECK((*tokenizer)->adds_bos());
  CHECK((*tokenizer)->encode(text + "x", SpecialTokens::parse).front() == bos);
  const std::vector<TokenId> plain = (*tokenizer)->encode(text, SpecialTokens::as_text);
  CHECK(plain.size() > 5);
  CHECK((*tokenizer)->decode(plain) == text);
}

struct JsonRow {
  const char* vectors;
  const char* package;
};

TEST_CASE("tokenizer.json files tokenise as the reference does, and back", "[text][tokenizer]") {
  const JsonRow row = GENERATE(JsonRow{"qwen2", "qwen3"}, JsonRow{"llama-bpe", "llama3_1"});
  CAPTURE(row.vectors);
  const auto texts = test::local_data(std::string("vocab/ggml-vocab-") + row.vectors + ".gguf.inp");
  const auto tokenizer = test::oracle_tokenizer(row.package);
  if (!texts || !tokenizer) {
    WARN("no vector files or no tokenizer.json; set ASSAY_DATA, and have node and npm");
    return;
  }
  check_vectors(*tokenizer, read_vectors(texts->substr(0, texts->size() - 4)));
}

}  // namespace
}  // namespace assay
