// Texts whose token ids the reference implementation made, from the vocabulary files of llama.cpp: FILE.gguf with
// FILE.gguf.inp (texts) and FILE.gguf.out (ids, one line a text).
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "backends/local/weights/gguf.h"
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
    if (end != std::string::npos) out.push_back(std::move(vector));  // what follows the last separator is no text
    if (end == std::string::npos) break;
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

TEST_CASE("the vocabularies of GGUF files tokenise as the reference does, and back", "[text][tokenizer]") {
  const std::string name = GENERATE("gpt-2", "llama-spm", "deepseek-llm", "deepseek-coder");
  CAPTURE(name);
  const auto path = test::local_data("vocab/ggml-vocab-" + name + ".gguf");
  if (!path) {
    WARN("no vocabulary files; set ASSAY_DATA");
    return;
  }
  const auto file = local::open_gguf(*path);
  REQUIRE(file);
  auto vocabulary = local::gguf_vocabulary(*file);
  REQUIRE(vocabulary);
  const auto tokenizer = tokenizer_from_vocabulary(std::move(*vocabulary));
  REQUIRE(tokenizer);
  check_vectors(**tokenizer, read_vectors(*path));
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
