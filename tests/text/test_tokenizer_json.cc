#include <functional>
#include <string>
#include <vector>

#include "harness/text/tokenizer.h"
#include "tests/support/catch.h"
#include "tests/text/tokenizer_fixture.h"

namespace assay {
namespace {

using Pieces = std::vector<std::string>;

std::unique_ptr<Tokenizer> made(const Json& file, const Json& config = Json()) {
  auto tokenizer = tokenizer_from_json(file, config);
  if (!tokenizer) FAIL(tokenizer.error().message);
  return std::move(*tokenizer);
}

Pieces pieces(const Tokenizer& tokenizer, const std::string& text,
              SpecialTokens special = SpecialTokens::parse) {
  Pieces out;
  for (const TokenId id : tokenizer.encode(text, special)) out.emplace_back(tokenizer.piece(id));
  return out;
}

struct PieceRow {
  std::string text;
  Pieces pieces;
};

// Made by the Rust library `tokenizers` 0.23 from the same file.
const std::vector<PieceRow> kAdded = {
    {"hello<a> hello", {"hello", "<a>", " hello"}},
    {"x <lst> y", {"x", "<lst>", " ", "y"}},
    {"x \u3000<rst> \n y", {"x", " ", "\xE3", "\x80", "\x80", "<rst>", "y"}},
    {"x  <both>  y", {"x", "<both>", "y"}},
    {"a word, words _word word",
     {"a", " ", "word", ",", " ", "w", "o", "r", "d", "s", " ", "_", "w", "o", "r", "d", " ", "word"}},
    {"<a><b><a>", {"<a><b>", "<a>"}},
    {"<b><a", {"<b>", "<", "a"}},
    {"ne\u0301e n\u00E9e", {"n\u00E9e", " ", "n\u00E9e"}},
    {"  <lst>  <lst>", {"<lst>", "<lst>"}},
    {"<rst>  <lst>x", {"<rst>", "<lst>", "x"}},
    {"aaaaa 12 121", {"aaaa", "a", " ", "12", " ", "12", "1"}},
    {"  hello", {" ", " hello"}},
};

Json json_with_added() {
  Json file = test::byte_level_json();
  file["normalizer"] = {{"type", "NFC"}};
  file["added_tokens"] = {test::added_token(265, "<a>", {"special"}),
                          test::added_token(266, "<lst>", {"special", "lstrip"}),
                          test::added_token(267, "<rst>", {"rstrip"}),
                          test::added_token(268, "<both>", {"lstrip", "rstrip", "normalized"}),
                          test::added_token(269, "word", {"single_word"}),
                          test::added_token(270, "<a><b>", {}),
                          test::added_token(271, "<b>", {"normalized"}),
                          test::added_token(272, "n\u00E9e", {"normalized"})};
  return file;
}

TEST_CASE("added tokens are found as the reference finds them", "[text][tokenizer]") {
  const auto tokenizer = made(json_with_added());
  CHECK(tokenizer->size() == 273);
  for (const PieceRow& row : kAdded) {
    CAPTURE(row.text);
    CHECK(pieces(*tokenizer, row.text) == row.pieces);
  }
  CHECK(tokenizer->is_special(265));
  CHECK_FALSE(tokenizer->is_special(267));
  CHECK_FALSE(tokenizer->is_special(-1));
  CHECK_FALSE(tokenizer->is_special(273));
  CHECK(tokenizer->id_of("<a><b>") == 270);
  CHECK(tokenizer->id_of(" hello") == 260);
  CHECK_FALSE(tokenizer->id_of("hellox"));
}

TEST_CASE("added tokens can be left as text", "[text][tokenizer]") {
  const auto tokenizer = made(json_with_added());
  CHECK(pieces(*tokenizer, "<a>12", SpecialTokens::as_text) == Pieces{"<", "a", ">", "12"});
}

TEST_CASE("merges are read in both spellings", "[text][tokenizer]") {
  Json file = test::byte_level_json();
  const auto one = made(file);
  Json& merges = file["model"]["merges"];
  for (Json& merge : merges) {
    const auto text = merge.get<std::string>();
    const auto space = text.find(' ');
    merge = Json::array({text.substr(0, space), text.substr(space + 1)});
  }
  const auto two = made(file);
  for (const PieceRow& row : kAdded) {
    CHECK(one->encode(row.text, SpecialTokens::parse) == two->encode(row.text, SpecialTokens::parse));
  }
}

TEST_CASE("a whole piece that is a token is taken at once where the file says so", "[text][tokenizer]") {
  Json file = test::byte_level_json();
  file["model"]["vocab"]["xyz"] = 265;  // no merge makes it
  CHECK(pieces(*made(file), "xyz") == Pieces{"x", "y", "z"});
  file["model"]["ignore_merges"] = true;
  CHECK(pieces(*made(file), "xyz") == Pieces{"xyz"});
  CHECK(pieces(*made(file), "wxyz") == Pieces{"w", "x", "y", "z"});
}

struct SpaceRow {
  const char* scheme;  // of Metaspace; "" for the older normaliser
  std::string text;
  Pieces pieces;
  std::string decoded;
};

// Made by the same library. U+2581 reads as a space in a piece.
const std::vector<SpaceRow> kSpaces = {
    {"", "ab", {" ab"}, "ab"},
    {"", "", {}, ""},
    {"", " ab", {" ", " ab"}, " ab"},
    {"", "a  b", {" a", "  ", "b"}, "a  b"},
    {"", "<s>ab</s>a", {"<s>", " ab", "</s>", " a"}, "<s> ab</s> a"},
    {"", "a\u00E9\nb\u4F60", {" a", "\u00E9", "\n", "b", "\xE4", "\xBD", "\xA0"}, "a\u00E9\nb\u4F60"},
    {"first", "ab", {" ab"}, "ab"},
    {"first", " ab", {" ab"}, "ab"},
    {"first", "<s>ab", {"<s>", "ab"}, "<s>ab"},
    {"first", "ab</s>ab", {" ab", "</s>", "ab"}, "ab</s>ab"},
    {"always", "<s>ab", {"<s>", " ab"}, "<s> ab"},
    {"never", "ab ab", {"ab", " ab"}, "ab ab"},
};

TEST_CASE("SentencePiece files put the space where the reference puts it, and take it back",
          "[text][tokenizer]") {
  for (const SpaceRow& row : kSpaces) {
    CAPTURE(row.scheme, row.text);
    Json file = test::sentencepiece_json();
    if (*row.scheme != '\0') {
      file["normalizer"] = nullptr;
      file["pre_tokenizer"] = {
          {"type", "Metaspace"}, {"replacement", "\u2581"}, {"prepend_scheme", row.scheme}, {"split", false}};
      file["decoder"] = file["pre_tokenizer"];
    }
    const auto tokenizer = made(file);
    CHECK(pieces(*tokenizer, row.text) == row.pieces);
    CHECK(tokenizer->decode(tokenizer->encode(row.text, SpecialTokens::parse)) == row.decoded);
  }
}

TEST_CASE("words merged one by one give what the whole text gives", "[text][tokenizer]") {
  Json file = test::sentencepiece_json();
  const auto apart = made(file);
  // A token that reaches over a word's start forbids it; no merge makes this one, so that ids stay equal.
  file["model"]["vocab"]["a\u2581b"] = file["model"]["vocab"].size();
  const auto whole = made(file);
  for (const std::string text : {"ab ab  a b   ab", " a", "b  ", "a a a", "   "}) {
    CHECK(apart->encode(text, SpecialTokens::parse) == whole->encode(text, SpecialTokens::parse));
  }
}

TEST_CASE("BOS and EOS come from the configuration or the template", "[text][tokenizer]") {
  Json file = json_with_added();
  CHECK_FALSE(made(file)->bos());
  CHECK_FALSE(made(file)->adds_bos());
  const auto plain = made(file, {{"bos_token", "<a>"}, {"eos_token", {{"content", "<rst>"}}}});
  CHECK(plain->bos() == 265);
  CHECK(plain->eos() == 267);
  CHECK(plain->is_special(267));
  CHECK_FALSE(plain->adds_bos());
  CHECK(made(file, {{"bos_token", "<a>"}, {"add_bos_token", true}})->adds_bos());
  file["post_processor"] = {
      {"type", "Sequence"},
      {"processors",
       {{{"type", "ByteLevel"}},
        {{"type", "TemplateProcessing"},
         {"single", {{{"SpecialToken", {{"id", "<a>"}}}}, {{"Sequence", {{"id", "A"}}}}}}}}}};
  CHECK(made(file)->adds_bos());
  CHECK(made(file)->bos() == 265);
  CHECK_FALSE(made(file, {{"add_bos_token", false}})->adds_bos());
}

struct BadRow {
  const char* what;  // a JSON pointer
  Json value;
  const char* message;
};

const std::vector<BadRow> kBad = {
    {"/model", nullptr, "'model'"},
    {"/model/type", "Unigram", "Unigram"},
    {"/model/vocab", nullptr, "model.vocab"},
    {"/model/vocab/h", -1, "'h'"},
    {"/model/vocab/h", 1.5, "'h'"},
    {"/model/vocab/h", 18446744073709551615u, "'h'"},
    {"/model/vocab/h", 4000000, "'h'"},  // far above the number of tokens
    {"/model/vocab/h", 5, "two tokens have the id 5"},
    {"/model/merges", nullptr, "model.merges"},
    {"/model/merges/0", "he", "merge 0"},
    {"/model/merges/0", "h e l", "merge 0"},
    {"/model/merges/0", Json::array({"h"}), "merge 0"},
    {"/model/merges/2", "he zz", "merge 2: 'zz'"},
    {"/model/merges/2", "h l", "merge 2: 'hl'"},
    {"/model/end_of_word_suffix", "</w>", "end_of_word_suffix"},
    {"/model/dropout", 0.1, "dropout"},
    {"/model/unk_token", "<unk>", "<unk>"},
    {"/pre_tokenizer", nullptr, "byte_fallback"},
    {"/pre_tokenizer", {{"type", "Whitespace"}}, "'Whitespace'"},
    {"/pre_tokenizer", {{"type", "Sequence"}}, "pretokenizers"},
    {"/pre_tokenizer",
     {{"type", "Split"}, {"pattern", {{"Regex", "(a+)+\x1b$"}}}, {"behavior", "Isolated"}},
     "(a+)+\\x1b$"},
    {"/pre_tokenizer",
     {{"type", "Split"}, {"pattern", {{"Regex", "\\p{N}"}}}, {"behavior", "Removed"}},
     "'Removed'"},
    {"/pre_tokenizer",
     {{"type", "Split"}, {"pattern", {{"String", " "}}}, {"behavior", "Isolated"}},
     "Regex"},
    {"/normalizer", {{"type", "Lowercase"}}, "'Lowercase'"},
    {"/normalizer", {{"type", "Replace"}, {"pattern", {{"Regex", "a"}}}, {"content", ""}}, "Replace"},
    {"/normalizer", {{"type", "Replace"}, {"pattern", {{"String", ""}}}, {"content", "x"}}, "Replace"},
    {"/normalizer", 7, "no object"},
    {"/decoder", {{"type", "WordPiece"}}, "'WordPiece'"},
    {"/added_tokens", 7, "added_tokens"},
    {"/added_tokens", Json::array({{{"content", "x"}}}), "without 'content' or 'id'"},
    {"/added_tokens", Json::array({test::added_token(5, "<x>", {})}), "contradicts"},
    {"/added_tokens", Json::array({test::added_token(300, "h", {})}), "contradicts"},
    {"/added_tokens", Json::array({test::added_token(300, "<x>", {}), test::added_token(300, "<y>", {})}),
     "contradicts"},
    {"/added_tokens", Json::array({test::added_token(300, std::string(2000, 'x'), {})}), "too long"},
};

TEST_CASE("what a tokenizer.json asks for and is not known is refused by name", "[text][tokenizer]") {
  for (const BadRow& row : kBad) {
    Json file = test::byte_level_json();
    file[Json::json_pointer(row.what)] = row.value;
    CAPTURE(row.what, row.message);
    const auto tokenizer = tokenizer_from_json(file);
    REQUIRE_FALSE(tokenizer);
    CHECK(tokenizer.error().code == Code::invalid);
    CHECK_THAT(tokenizer.error().message, test::has(row.message) && test::has("tokenizer.json"));
  }
  CHECK_FALSE(tokenizer_from_json(Json::array()));
  CHECK_FALSE(tokenizer_from_json(test::byte_level_json(), {{"bos_token", "<nowhere>"}}));
}

TEST_CASE("normalisers nested without end are refused", "[text][tokenizer]") {
  Json file = test::byte_level_json();
  Json nested = {{"type", "NFC"}};
  for (int depth = 0; depth < 20; ++depth) {
    nested = {{"type", "Sequence"}, {"normalizers", Json::array({nested})}};
  }
  file["normalizer"] = nested;
  CHECK_FALSE(tokenizer_from_json(file));
}

}  // namespace
}  // namespace assay
