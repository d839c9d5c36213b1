#include "backends/local/weights/gguf.h"

#include <functional>

#include "harness/base/format.h"
#include "tests/backends/local/gguf_bytes.h"
#include "tests/backends/local/local_data.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

namespace assay::local {
namespace {

using test::GgufBytes;

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

std::string scalar(std::uint64_t value) {
  std::string out;
  test::append_bytes(out, value);
  return out;
}

GgufBytes small() {
  GgufBytes file;
  file.text("general.architecture", "llama").u32("llama.block_count", 2).f32("llama.eps", 0.5F);
  file.boolean("flag", true).texts("names", {"a", "", "c d"}).i32s("types", {-1, 7}).f32s("scores", {0.25F});
  file.raw("big", 10, scalar(UINT64_MAX)).raw("small", 0, std::string(1, '\xFF'));
  file.tensor("first", {2, 3}, 0, std::string(24, 'x')).tensor("second", {64}, 8, std::string(68, 'y'));
  return file;
}

TEST_CASE("GGUF: metadata of every kind and tensors are read", "[gguf]") {
  const std::string text = small().build();
  const auto file = read_gguf("f", bytes_of(text));
  REQUIRE(file.ok());
  CHECK(file->text("general.architecture") == "llama");
  CHECK(file->integer("llama.block_count") == 2);
  CHECK(file->number("llama.eps") == 0.5);
  CHECK(file->number("llama.block_count") == 2.0);
  CHECK(file->boolean("flag") == true);
  CHECK(*file->texts("names") == std::vector<std::string_view>{"a", "", "c d"});
  CHECK(*file->integers("types") == std::vector<std::int64_t>{-1, 7});
  CHECK(*file->numbers("scores") == std::vector<double>{0.25});
  CHECK(file->number("big") == 18446744073709551616.0);
  CHECK(file->integer("small") == 255);
  CHECK_FALSE(file->integer("flag"));
  CHECK_FALSE(file->text("absent"));
  REQUIRE(file->tensors().size() == 2);
  const GgufTensor* first = file->tensor("first");
  REQUIRE(first != nullptr);
  CHECK(first->shape == std::vector<std::int64_t>{2, 3});
  CHECK(first->bytes.size() == 24);
  CHECK(static_cast<char>(first->bytes[0]) == 'x');
  const GgufTensor* second = file->tensor("second");
  REQUIRE(second != nullptr);
  CHECK(second->dtype == DType::q8_0);
  CHECK(static_cast<char>(second->bytes[67]) == 'y');
}

struct Bad {
  const char* why;
  std::function<std::string(GgufBytes)> make;
  const char* message;
};

TEST_CASE("GGUF: malformed files are refused with a reason", "[gguf]") {
  const std::vector<Bad> rows = {
      {"magic",
       [](GgufBytes f) {
         f.magic = "GGML";
         return f.build();
       },
       "no GGUF file"},
      {"empty", [](const GgufBytes&) { return std::string(); }, "no GGUF file"},
      {"version",
       [](GgufBytes f) {
         f.version = 1;
         return f.build();
       },
       "GGUF version 1; read are 2 and 3"},
      {"big-endian",
       [](GgufBytes f) {
         f.version = 0x03000000;
         return f.build();
       },
       "big-endian"},
      {"count of tensors",
       [](GgufBytes f) {
         f.extra_tensors = 1000000;
         return f.build();
       },
       "f: "},
      {"count of metadata",
       [](GgufBytes f) {
         f.extra_metadata = INT64_MAX;
         return f.build();
       },
       "f: "},
      {"header cut", [](const GgufBytes& f) { return f.build().substr(0, 15); }, "ends within the header"},
      {"metadata cut", [](const GgufBytes& f) { return f.build().substr(0, 70); },
       "truncated: the file ends within"},
      {"tensor cut",
       [](const GgufBytes& f) {
         std::string s = f.build();
         s.pop_back();
         return s;
       },
       "tensor 'second': its 68 bytes at offset 32 end outside the file"},
      {"duplicate key", [](GgufBytes f) { return f.u32("flag", 1).build(); }, "metadata 'flag' stands twice"},
      {"duplicate tensor", [](GgufBytes f) { return f.tensor("first", {1}, 0, "abcd").build(); },
       "tensor 'first' stands twice"},
      {"overlap",
       [](GgufBytes f) {
         f.offsets = {0, 0};
         return f.build();
       },
       "lies within the tensor before it"},
      {"unaligned",
       [](GgufBytes f) {
         f.offsets = {0, 31};
         return f.build();
       },
       "offset 31 is no multiple of 32"},
      {"hole",
       [](GgufBytes f) {
         f.offsets = {0, 96};
         return f.build();
       },
       "a hole of 72 bytes"},
      {"outside",
       [](GgufBytes f) {
         f.offsets = {0, UINT64_MAX - 31};
         return f.build();
       },
       "a hole"},
      {"dimension of 0", [](GgufBytes f) { return f.tensor("t", {0, 4}, 0, "").build(); },
       "tensor 't' has a dimension of 0"},
      {"no dimension", [](GgufBytes f) { return f.tensor("t", {}, 0, "").build(); }, "has 0 dimensions"},
      {"overflow", [](GgufBytes f) { return f.tensor("t", {1LL << 40, 1LL << 40}, 0, "").build(); },
       "has no size"},
      {"negative", [](GgufBytes f) { return f.tensor("t", {-1}, 0, "").build(); }, "has a dimension of"},
      {"blocks", [](GgufBytes f) { return f.tensor("t", {33}, 2, std::string(18, ' ')).build(); },
       "has no size"},
      {"type by name", [](GgufBytes f) { return f.tensor("t", {256}, 14, "").build(); },
       "tensor 't' has the type Q6_K, which is not read"},
      {"unknown type", [](GgufBytes f) { return f.tensor("t", {256}, 99, "").build(); }, "type number 99"},
      {"alignment", [](GgufBytes f) { return f.u32("general.alignment", 24).build(); }, "power of two"},
      {"boolean", [](GgufBytes f) { return f.raw("b", 7, "\2").build(); }, "a boolean of value 2"},
      {"value type", [](GgufBytes f) { return f.raw("b", 13, "").build(); }, "unknown value type 13"},
      {"nested arrays",
       [](GgufBytes f) { return f.raw("b", 9, std::string("\x09\0\0\0", 4) + scalar(1)).build(); },
       "array of arrays"},
      {"long array",
       [](GgufBytes f) { return f.raw("b", 9, std::string("\x04\0\0\0", 4) + scalar(1ULL << 60)).build(); },
       "truncated"},
      {"long text", [](GgufBytes f) { return f.raw("b", 8, scalar(UINT64_MAX)).build(); }, "truncated"},
      {"terminal escape", [](GgufBytes f) { return f.tensor("\x1b[31m", {256}, 12, "").build(); },
       "tensor '\\x1b[31m' has the type Q4_K"},
  };
  for (const Bad& row : rows) {
    INFO(row.why);
    const std::string text = row.make(small());
    const auto file = read_gguf("f", bytes_of(text));
    REQUIRE_FALSE(file.ok());
    CHECK(file.error().code == Code::invalid);
    INFO(file.error().message);
    CHECK(file.error().message.find(row.message) != std::string::npos);
  }
}

TEST_CASE("GGUF: every shortening of a file is refused", "[gguf]") {
  const std::string text = small().build();
  for (std::size_t size = 0; size < text.size(); ++size) {
    const std::string part = text.substr(0, size);
    INFO(size);
    CHECK_FALSE(read_gguf("f", bytes_of(part)).ok());
  }
}

TEST_CASE("GGUF: a file is opened by path, a folder and a missing file are not", "[gguf]") {
  const test::TempDir dir;
  CHECK(open_gguf(dir.file("a.gguf", small().build())).ok());
  CHECK_FALSE(open_gguf(dir.str()).ok());
  const auto missing = open_gguf(dir / "b.gguf");
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().message.find("b.gguf") != std::string::npos);
}

GgufBytes vocabulary_file() {
  GgufBytes file;
  file.text("tokenizer.ggml.model", "gpt2").text("tokenizer.ggml.pre", "llama-bpe");
  file.texts("tokenizer.ggml.tokens", {"a", "b", "ab", "<s>"})
      .i32s("tokenizer.ggml.token_type", {1, 1, 1, 3});
  return file.texts("tokenizer.ggml.merges", {"a b"}).u32("tokenizer.ggml.bos_token_id", 3);
}

TEST_CASE("GGUF: the vocabulary of a byte-level tokenizer", "[gguf]") {
  const std::string text = vocabulary_file().build();
  const auto file = read_gguf("f", bytes_of(text));
  REQUIRE(file.ok());
  const auto vocabulary = gguf_vocabulary(*file);
  REQUIRE(vocabulary.ok());
  CHECK(vocabulary->kind == Vocabulary::Kind::byte_level_bpe);
  CHECK(vocabulary->tokens == std::vector<std::string>{"a", "b", "ab", "<s>"});
  CHECK(vocabulary->types[3] == Vocabulary::Type::control);
  CHECK(vocabulary->merges == std::vector<std::pair<std::string, std::string>>{{"a", "b"}});
  CHECK(vocabulary->pre_tokenizer == "llama-bpe");
  CHECK(vocabulary->ignore_merges);
  CHECK(vocabulary->add_bos);
  CHECK(vocabulary->bos == 3);
  CHECK_FALSE(vocabulary->eos);
}

TEST_CASE("GGUF: a vocabulary that contradicts itself is refused", "[gguf]") {
  const std::vector<Bad> rows = {
      {"eos outside", [](GgufBytes f) { return f.u32("tokenizer.ggml.eos_token_id", 4).build(); },
       "tokenizer.ggml.eos_token_id is no id of the 4 tokens"},
      {"flag", [](GgufBytes f) { return f.u32("tokenizer.ggml.add_bos_token", 1).build(); }, "is no boolean"},
      {"no merges",
       [](const GgufBytes&) {
         return GgufBytes()
             .text("tokenizer.ggml.model", "gpt2")
             .texts("tokenizer.ggml.tokens", {"a"})
             .build();
       },
       "tokenizer.ggml.merges is missing"},
      {"bad merge",
       [](const GgufBytes&) {
         return GgufBytes().text("tokenizer.ggml.model", "gpt2").texts("tokenizer.ggml.tokens", {"a"})
             .texts("tokenizer.ggml.merges", {"ab"}).build();
       },
       "'ab' is no pair of tokens"},
      {"model", [](const GgufBytes&) { return GgufBytes().text("tokenizer.ggml.model", "bert").build(); },
       "tokenizer.ggml.model is 'bert'; read are gpt2 and llama"},
      {"none", [](const GgufBytes&) { return GgufBytes().build(); }, "no tokenizer"},
      {"no tokens", [](const GgufBytes&) { return GgufBytes().text("tokenizer.ggml.model", "gpt2").build(); },
       "tokenizer.ggml.tokens is missing"},
      {"scores",
       [](const GgufBytes&) {
         return GgufBytes().text("tokenizer.ggml.model", "llama").texts("tokenizer.ggml.tokens", {"a", "b"})
             .f32s("tokenizer.ggml.scores", {1}).build();
       },
       "tokenizer.ggml.scores is no array of 2 numbers"},
      {"types",
       [](const GgufBytes&) {
         return GgufBytes().text("tokenizer.ggml.model", "llama").texts("tokenizer.ggml.tokens", {"a"})
             .f32s("tokenizer.ggml.scores", {1}).i32s("tokenizer.ggml.token_type", {9}).build();
       },
       "tokenizer.ggml.token_type holds 9"},
  };
  for (const Bad& row : rows) {
    INFO(row.why);
    const std::string text = row.make(vocabulary_file());
    const auto file = read_gguf("f", bytes_of(text));
    REQUIRE(file.ok());
    const auto vocabulary = gguf_vocabulary(*file);
    REQUIRE_FALSE(vocabulary.ok());
    INFO(vocabulary.error().message);
    CHECK(vocabulary.error().message.find(row.message) != std::string::npos);
  }
}

TEST_CASE("GGUF: vocabularies of real models", "[gguf]") {
  struct Row {
    const char* name;
    std::size_t tokens, merges;
    const char* pre;
    bool add_bos, pieces;
  };
  const Row rows[] = {{"gpt-2", 50257, 50000, "gpt-2", false, false},
                      {"deepseek-llm", 102400, 99757, "deepseek-llm", true, false},
                      {"deepseek-coder", 32256, 31757, "deepseek-coder", true, false},
                      {"llama-spm", 32000, 0, "default", true, true}};
  for (const Row& row : rows) {
    INFO(row.name);
    const auto path = test::local_data(format("vocab/ggml-vocab-{}.gguf", row.name));
    if (!path) {
      WARN("the vocabularies of real models are not here");
      return;
    }
    const auto file = open_gguf(*path);
    REQUIRE(file.ok());
    const auto vocabulary = gguf_vocabulary(*file);
    REQUIRE(vocabulary.ok());
    CHECK(vocabulary->tokens.size() == row.tokens);
    CHECK(vocabulary->merges.size() == row.merges);
    CHECK(vocabulary->pre_tokenizer == row.pre);
    CHECK(vocabulary->add_bos == row.add_bos);
    CHECK((vocabulary->kind == Vocabulary::Kind::sentencepiece) == row.pieces);
    CHECK(vocabulary->scores.size() == (row.pieces ? row.tokens : 0));
  }
}

}  // namespace
}  // namespace assay::local
