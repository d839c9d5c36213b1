#include "harness/text/tokenizer/splitter.h"

#include <string>
#include <vector>

#include "harness/text/tokenizer/split_names.h"
#include "tests/support/catch.h"

namespace assay {
namespace {

struct SplitRow {
  const char* name;  // as GGUF files name it
  std::vector<std::string> pieces;
};

// Made by the Rust library `tokenizers` 0.23 with the expressions of each model's tokenizer.json.
const std::vector<SplitRow> kSplits = {
    {"gpt-2", {"I", "'ll", " can", "'t", " WE", "'", "VE", " '", "RE", " x", "'", "\u017Fy"}},
    {"gpt-2", {"one", " ", " two", "\u00A0", "three", " ", "\u3000", "four"}},
    {"gpt-2", {"a", " \n\n ", " b", "\n  \r\n"}},
    {"gpt-2", {"1234567", " \u0662\u0663\u0664", " x", "\u00B2"}},
    {"gpt-2", {"e", "\u0301\u0302", "le", " \u0301", "x", " ", " \u0301"}},
    {"gpt-2", {"#", "include", " <", "x", ">", " .", "a", ".", "b", " ", " ==", "\n\n"}},
    {"gpt-2",
     {"\u4F60\u597D", " \u30AB\u30BF\u30AB\u30CA", "\u30FB", "\u30C6\u30B9\u30C8", "3",
      "\uD55C\uAD6D\uC5B4\u3067\u3059"}},
    {"gpt-2", {"x", " \u2003\u2003 "}},
    {"gpt-2", {"  \t", " lead"}},
    {"gpt-2", {"\u200B\uFEFF", " \001", "y"}},
    {"gpt-2", {"\U0001F3F3\uFE0F\u200D\U0001F308", " \U0001F44D\U0001F3FD!?\u2026"}},
    {"gpt-2", {"don", "\u2019", "t", " '", "x", "'", " ''", "s"}},
    {"smollm", {"I", "'ll", " can", "'t", " WE", "'", "VE", " '", "RE", " x", "'", "\u017Fy"}},
    {"smollm", {"one", " ", " two", "\u00A0", "three", " ", "\u3000", "four"}},
    {"smollm", {"a", " \n\n ", " b", "\n  \r\n"}},
    {"smollm", {"1", "2", "3", "4", "5", "6", "7", " ", "\u0662", "\u0663", "\u0664", " x", "\u00B2"}},
    {"smollm", {"e", "\u0301\u0302", "le", " \u0301", "x", " ", " \u0301"}},
    {"smollm", {"#", "include", " <", "x", ">", " .", "a", ".", "b", " ", " ==", "\n\n"}},
    {"smollm",
     {"\u4F60\u597D", " \u30AB\u30BF\u30AB\u30CA", "\u30FB", "\u30C6\u30B9\u30C8", "3",
      "\uD55C\uAD6D\uC5B4\u3067\u3059"}},
    {"smollm", {"x", " \u2003\u2003 "}},
    {"smollm", {"  \t", " lead"}},
    {"smollm", {"\u200B\uFEFF", " \001", "y"}},
    {"smollm", {"\U0001F3F3\uFE0F\u200D\U0001F308", " \U0001F44D\U0001F3FD!?\u2026"}},
    {"smollm", {"don", "\u2019", "t", " '", "x", "'", " ''", "s"}},
    {"qwen2", {"I", "'ll", " can", "'t", " WE", "'VE", " '", "RE", " x", "'\u017F", "y"}},
    {"qwen2", {"one", " ", " two", "\u00A0three", " ", "\u3000four"}},
    {"qwen2", {"a", " \n\n", " ", " b", "\n  \r\n"}},
    {"qwen2", {"1", "2", "3", "4", "5", "6", "7", " ", "\u0662", "\u0663", "\u0664", " x", "\u00B2"}},
    {"qwen2", {"e", "\u0301\u0302", "le", " \u0301", "x", " ", " \u0301"}},
    {"qwen2", {"#include", " <", "x", ">", " .", "a", ".b", " ", " ==\n\n"}},
    {"qwen2",
     {"\u4F60\u597D", " \u30AB\u30BF\u30AB\u30CA", "\u30FB\u30C6\u30B9\u30C8", "3",
      "\uD55C\uAD6D\uC5B4\u3067\u3059"}},
    {"qwen2", {"x", " \u2003\u2003 "}},
    {"qwen2", {"  \t", " lead"}},
    {"qwen2", {"\u200B\uFEFF", " \001", "y"}},
    {"qwen2", {"\U0001F3F3\uFE0F\u200D\U0001F308", " \U0001F44D\U0001F3FD!?\u2026"}},
    {"qwen2", {"don", "\u2019t", " '", "x", "'", " ''", "s"}},
    {"llama-bpe", {"I", "'ll", " can", "'t", " WE", "'VE", " '", "RE", " x", "'\u017F", "y"}},
    {"llama-bpe", {"one", " ", " two", "\u00A0three", " ", "\u3000four"}},
    {"llama-bpe", {"a", " \n\n", " ", " b", "\n  \r\n"}},
    {"llama-bpe", {"123", "456", "7", " ", "\u0662\u0663\u0664", " x", "\u00B2"}},
    {"llama-bpe", {"e", "\u0301\u0302", "le", " \u0301", "x", " ", " \u0301"}},
    {"llama-bpe", {"#include", " <", "x", ">", " .", "a", ".b", " ", " ==\n\n"}},
    {"llama-bpe",
     {"\u4F60\u597D", " \u30AB\u30BF\u30AB\u30CA", "\u30FB\u30C6\u30B9\u30C8", "3",
      "\uD55C\uAD6D\uC5B4\u3067\u3059"}},
    {"llama-bpe", {"x", " \u2003\u2003 "}},
    {"llama-bpe", {"  \t", " lead"}},
    {"llama-bpe", {"\u200B\uFEFF", " \001", "y"}},
    {"llama-bpe", {"\U0001F3F3\uFE0F\u200D\U0001F308", " \U0001F44D\U0001F3FD!?\u2026"}},
    {"llama-bpe", {"don", "\u2019t", " '", "x", "'", " ''", "s"}},
    {"deepseek-v3", {"I", "'ll", " can", "'t", " WE", "'VE", " '", "RE", " x", "'", "\u017Fy"}},
    {"deepseek-v3", {"one", " ", " two", "\u00A0three", " ", "\u3000four"}},
    {"deepseek-v3", {"a", " \n\n", " ", " b", "\n  \r\n"}},
    {"deepseek-v3", {"123", "456", "7", " ", "\u0662\u0663\u0664", " x", "\u00B2"}},
    {"deepseek-v3", {"e\u0301\u0302le", " \u0301x", " ", " \u0301"}},
    {"deepseek-v3", {"#include", " <", "x", ">", " .", "a", ".b", " ", " ==\n\n"}},
    {"deepseek-v3",
     {"\u4F60\u597D", " ", "\u30AB\u30BF\u30AB\u30CA", "\u30FB", "\u30C6\u30B9\u30C8", "3",
      "\uD55C\uAD6D\uC5B4", "\u3067\u3059"}},
    {"deepseek-v3", {"x", " \u2003\u2003 "}},
    {"deepseek-v3", {"  \t", " lead"}},
    {"deepseek-v3", {"\u200B\uFEFF", " ", "\001y"}},
    {"deepseek-v3", {"\U0001F3F3", "\uFE0F", "\u200D", "\U0001F308", " \U0001F44D\U0001F3FD!?\u2026"}},
    {"deepseek-v3", {"don", "\u2019", "t", " '", "x", "'", " ''", "s"}},
    {"deepseek-coder",
     {"I", "'", "ll", " can", "'", "t", " WE", "'", "VE", " '", "RE", " x", "'", "\u017Fy"}},
    {"deepseek-coder", {"one", " ", " two", "\u00A0three", " ", "\u3000", "four"}},
    {"deepseek-coder", {"a", " ", "\n", "\n", " ", " b", "\n", "  ", "\r", "\n"}},
    {"deepseek-coder",
     {"1", "2", "3", "4", "5", "6", "7", " ", "\u0662", "\u0663", "\u0664", " x", "\u00B2"}},
    {"deepseek-coder", {"e", "\u0301\u0302", "le", " \u0301", "x", "  \u0301"}},
    {"deepseek-coder", {"#", "include", " <", "x", ">", " .", "a", ".", "b", "  ==", "\n", "\n"}},
    {"deepseek-coder",
     {"\u4F60\u597D", " ", "\u30AB\u30BF\u30AB\u30CA", "\u30FB", "\u30C6\u30B9\u30C8", "3",
      "\uD55C\uAD6D\uC5B4\u3067\u3059"}},
    {"deepseek-coder", {"x", " ", "\u2003\u2003", " "}},
    {"deepseek-coder", {"  \t", " lead"}},
    {"deepseek-coder", {"\u200B", "\uFEFF \001", "y"}},
    {"deepseek-coder", {"\U0001F3F3\uFE0F", "\u200D", "\U0001F308 \U0001F44D\U0001F3FD", "!?", "\u2026"}},
    {"deepseek-coder", {"don", "\u2019", "t", " '", "x", "'", " ''", "s"}},
    {"deepseek-llm",
     {"I", "'", "ll", " can", "'", "t", " WE", "'", "VE", " '", "RE", " x", "'", "\u017F", "y"}},
    {"deepseek-llm", {"one", " ", " two", "\u00A0three", " ", "\u3000", "four"}},
    {"deepseek-llm", {"a", " ", "\n", "\n", " ", " b", "\n", "  ", "\r", "\n"}},
    {"deepseek-llm", {"1", "2", "3", "4", "5", "6", "7", " ", "\u0662", "\u0663", "\u0664", " x", "\u00B2"}},
    {"deepseek-llm", {"e", "\u0301\u0302", "le", " \u0301", "x", "  \u0301"}},
    {"deepseek-llm", {"#", "include", " <", "x", ">", " .", "a", ".", "b", " ", " ==", "\n", "\n"}},
    {"deepseek-llm",
     {"\u4F60\u597D", " ", "\u30AB\u30BF\u30AB\u30CA\u30FB\u30C6\u30B9\u30C8", "3",
      "\uD55C\uAD6D\uC5B4\u3067\u3059"}},
    {"deepseek-llm", {"x", " ", "\u2003\u2003", " "}},
    {"deepseek-llm", {"  \t", " lead"}},
    {"deepseek-llm", {"\u200B", "\uFEFF \001", "y"}},
    {"deepseek-llm", {"\U0001F3F3\uFE0F", "\u200D", "\U0001F308 \U0001F44D\U0001F3FD", "!?", "\u2026"}},
    {"deepseek-llm", {"don", "\u2019", "t", " '", "x", "'", " ''", "s"}},
};

std::string joined(const std::vector<std::string>& pieces) {
  std::string out;
  for (const std::string& piece : pieces) out += piece;
  return out;
}

std::vector<std::string> pieces_of(const std::vector<Split>& splits, const std::string& text) {
  std::vector<std::string> out;
  for (const Piece& piece : split_text(splits, text)) {
    out.push_back(text.substr(piece.begin, piece.end - piece.begin));
  }
  return out;
}

TEST_CASE("each model's pre-tokenizer cuts texts as the reference does", "[text][tokenizer]") {
  for (const SplitRow& row : kSplits) {
    const auto splits = splits_of_gguf_name(row.name);
    REQUIRE(splits);
    const std::string text = joined(row.pieces);
    CAPTURE(row.name, text);
    CHECK(pieces_of(*splits, text) == row.pieces);
  }
}

TEST_CASE("pieces cover any bytes without gaps, in linear time", "[text][tokenizer]") {
  const std::vector<std::string> texts = {
      "",
      "\xFF\xFE \x80'\xC5",
      std::string(300000, ' ') + "x",
      std::string(300000, '\n') + " x",
      std::string(300000, '\''),
      std::string(100000, ' ') + "\n" + std::string(100000, ' '),
      "\xE2\x96\x81\xE2\x96\x81x\xE2\x96\x81",
  };
  for (int split = static_cast<int>(Split::gpt2); split <= static_cast<int>(Split::metaspace_words);
       ++split) {
    for (const std::string& text : texts) {
      CAPTURE(split, text.size());
      const std::vector<std::string> pieces = pieces_of({static_cast<Split>(split)}, text);
      CHECK(joined(pieces) == text);
      for (const std::string& piece : pieces) {
        if (piece.empty()) FAIL("an empty piece");
      }
    }
  }
}

TEST_CASE("a pre-tokenizer that is not known is refused by name", "[text][tokenizer]") {
  const auto splits = splits_of_gguf_name("falcon\x1b");
  REQUIRE_FALSE(splits);
  CHECK(splits.error().code == Code::invalid);
  CHECK_THAT(splits.error().message, test::has("falcon\\x1b") && test::has("deepseek-coder"));
  CHECK_FALSE(split_of_regex(""));
  CHECK_FALSE(split_of_regex("\\p{N}{1,4}"));
}

TEST_CASE("a line break in an expression may be written either way", "[text][tokenizer]") {
  CHECK(split_of_regex("[\r\n]") == Split::line_breaks);
  CHECK(split_of_regex("[\\r\\n]") == Split::line_breaks);
}

TEST_CASE("words of SentencePiece keep runs of the mark together where asked", "[text][tokenizer]") {
  const std::string mark = "\u2581";
  const std::string text = mark + mark + "a" + mark + "b";
  CHECK(pieces_of({Split::metaspace}, text) == std::vector<std::string>{mark, mark + "a", mark + "b"});
  CHECK(pieces_of({Split::metaspace_words}, text) == std::vector<std::string>{mark + mark + "a", mark + "b"});
}

}  // namespace
}  // namespace assay
