#include "harness/text/tokenizer.h"

#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "harness/base/rng.h"
#include "harness/text/tokenizer/merges.h"
#include "tests/support/catch.h"
#include "tests/text/tokenizer_fixture.h"

namespace assay {
namespace {

using Type = Vocabulary::Type;

// Bytes as tokens 3 to 258, then pieces with scores.
Vocabulary sentencepiece() {
  Vocabulary v;
  v.kind = Vocabulary::Kind::sentencepiece;
  const auto add = [&v](std::string text, float score, Type type) {
    v.tokens.push_back(std::move(text));
    v.scores.push_back(score);
    v.types.push_back(type);
  };
  add("<unk>", 0, Type::unknown);
  add("<s>", 0, Type::control);
  add("</s>", 0, Type::control);
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (int byte = 0; byte < 256; ++byte) {
    add(std::string("<0x") + kDigits[byte / 16] + kDigits[byte % 16] + ">", 0, Type::byte);
  }
  const std::pair<const char*, float> pieces[] = {
      {"ab", -1}, {"bc", -2}, {"abc", -3}, {"\u2581", -10},     {"a", -11},
      {"b", -12}, {"c", -13}, {"aa", -5},  {"\u2581a", -6},     {"<", -14},
      {"s", -15}, {">", -16}, {"<s", -4},  {"\u2581\u2581", -5}};
  for (const auto& [text, score] : pieces) add(text, score, Type::normal);
  v.bos = 1;
  v.eos = 2;
  v.unknown = 0;
  v.add_bos = true;
  return v;
}

std::unique_ptr<Tokenizer> made(Vocabulary v) {
  auto tokenizer = tokenizer_from_vocabulary(std::move(v));
  if (!tokenizer) FAIL(tokenizer.error().message);
  return std::move(*tokenizer);
}

std::vector<std::string> pieces(const Tokenizer& tokenizer, const std::string& text, SpecialTokens special) {
  std::vector<std::string> out;
  for (const TokenId id : tokenizer.encode(text, special)) out.emplace_back(tokenizer.piece(id));
  return out;
}

struct ScoreRow {
  std::string text;
  std::vector<std::string> pieces;
};

// By hand, from the scores: always the best pair, the leftmost of equal ones.
const std::vector<ScoreRow> kScores = {
    {"abc", {" ", "abc"}},  // ab (-1) before bc (-2), then abc
    {"bcab", {" ", "bc", "ab"}},
    {"aaa", {" ", "aa", "a"}},  // aa (-5) before the mark with a (-6)
    {"a", {" a"}},
    {"", {}},
    {"\xC3\xA9", {" ", "\xC3", "\xA9"}},  // no token: its bytes
    {"\xFF"
     "a",
     {" ", "\xFF", "a"}},  // no UTF-8: likewise
    {"<s>", {"<s>"}},
    {"a<s>a", {" a", "<s>", " a"}},
    {"  a", {"  ", " a"}},  // three marks with the one in front: of two equal pairs the left one
};

TEST_CASE("SentencePiece merges by score", "[text][tokenizer]") {
  const auto tokenizer = made(sentencepiece());
  for (const ScoreRow& row : kScores) {
    CAPTURE(row.text);
    CHECK(pieces(*tokenizer, row.text, SpecialTokens::parse) == row.pieces);
  }
  // A control token's text is no token of a text.
  CHECK(pieces(*tokenizer, "<s>", SpecialTokens::as_text) == std::vector<std::string>{" ", "<s", ">"});
  CHECK(tokenizer->adds_bos());
  CHECK(tokenizer->bos() == 1);
  CHECK(tokenizer->eos() == 2);
  CHECK(tokenizer->is_special(0));
  CHECK(tokenizer->id_of("<0x0A>") == 13);
  CHECK_FALSE(tokenizer->id_of("<0x0a>"));
  CHECK(tokenizer->id_of(" a") == 267);
  CHECK(tokenizer->id_of("</s>") == 2);
  CHECK(tokenizer->piece(13) == "\n");
  CHECK(tokenizer->piece(-1).empty());
  CHECK(tokenizer->piece(std::numeric_limits<TokenId>::max()).empty());
}

TEST_CASE("a vocabulary without types tells bytes and control tokens apart", "[text][tokenizer]") {
  Vocabulary v = sentencepiece();
  const auto typed = made(v);
  v.types.clear();
  const auto untyped = made(v);
  for (const ScoreRow& row : kScores) {
    CAPTURE(row.text);
    CHECK(untyped->encode(row.text, SpecialTokens::parse) == typed->encode(row.text, SpecialTokens::parse));
  }
}

TEST_CASE("SentencePiece decodes without the space in front", "[text][tokenizer]") {
  Vocabulary v = sentencepiece();
  const auto tokenizer = made(v);
  for (const char* text : {"abc", " abc", "a b\n\xC3\xA9", "a", ""}) {
    CHECK(tokenizer->decode(tokenizer->encode(text, SpecialTokens::parse)) == text);
  }
  v.add_space_prefix = false;
  const auto bare = made(v);
  CHECK(bare->decode(bare->encode(" abc", SpecialTokens::parse)) == " abc");
  CHECK(pieces(*bare, "abc", SpecialTokens::parse) == std::vector<std::string>{"abc"});
}

TEST_CASE("unknown characters of a vocabulary without bytes become one unknown token", "[text][tokenizer]") {
  Vocabulary v = sentencepiece();
  v.tokens.erase(v.tokens.begin() + 3, v.tokens.begin() + 259);
  v.scores.erase(v.scores.begin() + 3, v.scores.begin() + 259);
  v.types.erase(v.types.begin() + 3, v.types.begin() + 259);
  const auto tokenizer = made(v);
  const auto ids = tokenizer->encode("xyz a", SpecialTokens::parse);
  CHECK(ids == std::vector<TokenId>{6, 0, 11});
  v.unknown.reset();
  v.types[0] = Type::normal;
  CHECK(made(v)->encode("xyz a", SpecialTokens::parse) == std::vector<TokenId>{6, 11});
}

struct StreamRow {
  std::vector<TokenId> ids;  // bytes of the byte-level fixture
  std::vector<std::string> pushed;
  std::string rest;
};

const std::vector<StreamRow> kStreams = {
    {{'a', 'b'}, {"a", "b"}, ""},
    {{0xC3, 0xA9, 'x'}, {"", "\xC3\xA9", "x"}, ""},
    {{0xF0, 0x9F, 0x98, 0x80}, {"", "", "", "\xF0\x9F\x98\x80"}, ""},
    {{0xF0, 0x9F, 'x'},
     {"", "",
      "\xF0\x9F"
      "x"},
     ""},  // it cannot become a character any more
    {{0xE2, 0x82}, {"", ""}, "\xE2\x82"},
    {{0xFF, 0x80}, {"\xFF", "\x80"}, ""},  // never part of one
    {{0xC0, 0xAF}, {"\xC0", "\xAF"}, ""},  // overlong
    {{0xE0, 0x80, 'x'}, {"", "\xE0\x80", "x"}, ""},
    {{0xED, 0xA0}, {"", "\xED\xA0"}, ""},  // a surrogate
    {{0xC3, 0xC3, 0xA9}, {"", "\xC3", "\xC3\xA9"}, ""},
    {{-1, 99999, 'a'}, {"", "", "a"}, ""},
};

TEST_CASE("a stream of tokens never splits a character", "[text][tokenizer]") {
  const auto tokenizer = tokenizer_from_json(test::byte_level_json());
  REQUIRE(tokenizer);
  for (const StreamRow& row : kStreams) {
    Detokenizer stream(**tokenizer);
    std::vector<std::string> pushed;
    for (const TokenId id : row.ids) pushed.push_back(stream.push(id));
    CHECK(pushed == row.pushed);
    CHECK(stream.finish() == row.rest);
    CHECK(stream.finish().empty());
  }
}

TEST_CASE("a stream drops SentencePiece's space in front once", "[text][tokenizer]") {
  const auto tokenizer = made(sentencepiece());
  Detokenizer stream(*tokenizer);
  std::string text;
  for (const TokenId id : tokenizer->encode("a a", SpecialTokens::parse)) text += stream.push(id);
  CHECK(text + stream.finish() == "a a");
}

// The same without a heap: look at every pair, merge the best, begin again.
std::vector<TokenId> merged_plainly(const MergeTable& table, std::vector<TokenId> ids) {
  for (;;) {
    std::size_t best = ids.size();
    std::uint32_t rank = 0;
    for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
      const auto found = table.find(ids[i], ids[i + 1]);
      if (found.result >= 0 && (best == ids.size() || found.rank < rank)) {
        best = i;
        rank = found.rank;
      }
    }
    if (best == ids.size()) return ids;
    ids[best] = table.find(ids[best], ids[best + 1]).result;
    ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
}

TEST_CASE("merging with a heap gives what merging plainly gives", "[text][tokenizer]") {
  Rng rng(7);
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<Merge> merges;
    for (std::uint32_t i = 0; i < 40; ++i) {
      const auto id = [&rng, i] { return static_cast<TokenId>(rng.uniform(0, 4 + i)); };
      merges.push_back({id(), id(), static_cast<TokenId>(5 + i), i / 3});  // some ranks are equal
    }
    const MergeTable table(merges);
    std::vector<TokenId> symbols;
    for (std::int64_t n = rng.uniform(1, 60); n > 0; --n) {
      symbols.push_back(static_cast<TokenId>(rng.uniform(0, 4)));
    }
    std::vector<TokenId> merged;
    Merger(table).merge(symbols, merged);
    CHECK(merged == merged_plainly(table, symbols));
  }
}

TEST_CASE("threads that share a tokenizer get the same ids", "[text][tokenizer]") {
  const auto tokenizer = tokenizer_from_json(test::byte_level_json());
  REQUIRE(tokenizer);
  const std::string text = "hello hello  aaaaa 12 aaaa hell \xC3\xA9 121212";
  std::vector<std::vector<TokenId>> results(4);
  std::vector<std::thread> threads;
  for (auto& result : results) {
    threads.emplace_back([&] { result = (*tokenizer)->encode(text, SpecialTokens::parse); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& result : results) CHECK(result == results[0]);
  CHECK((*tokenizer)->decode(results[0]) == text);
}

TEST_CASE("any bytes come back from a byte-level vocabulary", "[text][tokenizer]") {
  const auto tokenizer = tokenizer_from_json(test::byte_level_json());
  REQUIRE(tokenizer);
  Rng rng(3);
  for (int trial = 0; trial < 500; ++trial) {
    std::string text;
    for (std::int64_t n = rng.uniform(0, 40); n > 0; --n) text += static_cast<char>(rng.uniform(-128, 127));
    CHECK((*tokenizer)->decode((*tokenizer)->encode(text, SpecialTokens::parse)) == text);
  }
}

TEST_CASE("long texts of one piece take no quadratic time", "[text][tokenizer]") {
  const auto tokenizer = tokenizer_from_json(test::byte_level_json());
  REQUIRE(tokenizer);
  for (const char c : {'a', ' ', '\n', '1', '\''}) {
    const std::string text(1000000, c);  // with n squared steps this would take minutes
    const auto ids = (*tokenizer)->encode(text, SpecialTokens::parse);
    CHECK((*tokenizer)->decode(ids) == text);
  }
}

struct BadRow {
  const char* message;
  void (*spoil)(Vocabulary& v);
};

const std::vector<BadRow> kBad = {
    {"0 tokens", [](Vocabulary& v) { v.tokens.clear(); }},
    {"scores", [](Vocabulary& v) { v.scores.pop_back(); }},
    {"types", [](Vocabulary& v) { v.types.pop_back(); }},
    {"BOS", [](Vocabulary& v) { v.bos = 99999; }},
    {"EOS", [](Vocabulary& v) { v.eos = -1; }},
    {"unknown", [](Vocabulary& v) { v.unknown = 99999; }},
    {"no number", [](Vocabulary& v) { v.scores[5] = std::numeric_limits<float>::quiet_NaN(); }},
    {"bytes", [](Vocabulary& v) { v.tokens[260] = std::string(5000, 'x'); }},
    {"pre-tokenizer", [](Vocabulary& v) { v.kind = Vocabulary::Kind::byte_level_bpe; }},
    {"merge 0: 'q'",
     [](Vocabulary& v) {
       v.kind = Vocabulary::Kind::byte_level_bpe;
       v.pre_tokenizer = "gpt-2";
       v.merges = {{"a", "q"}};
     }},
};

TEST_CASE("a vocabulary that contradicts itself is refused", "[text][tokenizer]") {
  for (const BadRow& row : kBad) {
    CAPTURE(row.message);
    Vocabulary v = sentencepiece();
    row.spoil(v);
    const auto tokenizer = tokenizer_from_vocabulary(v);
    REQUIRE_FALSE(tokenizer);
    CHECK(tokenizer.error().code == Code::invalid);
    CHECK_THAT(tokenizer.error().message, test::has(row.message));
  }
}

}  // namespace
}  // namespace assay
