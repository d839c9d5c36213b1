#include "backends/local/engine/generation.h"

#include "tests/backends/local/engine/fake_model.h"
#include "tests/support/catch.h"

namespace assay::local::test {
namespace {

// Lets a generation take the tokens of `said` one by one, then `rest` for ever; gives what it made.
Generation say(const FakeTokenizer& tokenizer, const VocabularyText& vocabulary, GenerationRules rules,
               const std::vector<TokenId>& said, TokenId rest = 'r') {
  std::vector<TokenId> tokens = {'p'};
  Generation g(vocabulary, std::move(rules), tokens);
  g.start(tokens);
  std::size_t next = 0;
  while (!g.finished()) {
    std::vector<float> logits(tokenizer.size() + 10, 0);
    for (std::size_t pad = tokenizer.size(); pad < logits.size(); ++pad)
      logits[pad] = 50;  // rows of no token
    logits[static_cast<std::size_t>(next < said.size() ? said[next] : rest)] = 9;
    ++next;
    CHECK(g.accept(logits, tokens).ok());
  }
  CHECK(tokens.size() == 1 + g.ids().size());
  return g;
}

std::vector<TokenId> ids(const FakeTokenizer& t, std::string_view text) {
  return t.encode(text, SpecialTokens::parse);
}

TEST_CASE("An answer ends at an end token, a stop string or its limit", "[local][generation]") {
  const FakeTokenizer t;
  const VocabularyText v(t, {FakeTokenizer::kEnd});
  struct Row {
    const char* said;
    std::vector<std::string> stops;
    std::int64_t max_tokens;
    const char* text;
    FinishReason finish;
    const char* word;
    std::int64_t count;
  };
  const Row rows[] = {
      {"abc<|end|>def", {}, 50, "abc", FinishReason::stop, "end_token", 4},
      {"abcdef", {}, 4, "abcd", FinishReason::length, "length", 4},
      {"one\nQ: two", {"\nQ:"}, 50, "one", FinishReason::stop, "stop_string", 6},
      {"a<|control|>b<|end|>", {}, 50, "ab", FinishReason::stop, "end_token", 4},
      {"a<|control|>b<|end|>", {"<|control|>"}, 50, "a", FinishReason::stop, "stop_string", 2},
      {"ab\xC3\xA9", {}, 3, "ab", FinishReason::length, "length", 3},  // half a character is no text
      {"<think>t</think>a<|end|>", {}, 50, "<think>t</think>a", FinishReason::stop, "end_token", 5},
      {"x<|end|>", {}, 1, "x", FinishReason::length, "length", 1},
      {"xST", {"ST"}, 3, "x", FinishReason::stop, "stop_string", 3},  // both at once: the model did stop
  };
  for (const Row& row : rows) {
    INFO(row.said);
    GenerationRules rules;
    rules.stops = row.stops;
    rules.max_tokens = row.max_tokens;
    const Generation g = say(t, v, rules, ids(t, row.said));
    CHECK(g.text() == row.text);
    CHECK(g.finish() == row.finish);
    CHECK(g.finish_word() == row.word);
    CHECK(g.count() == row.count);
  }
}

TEST_CASE("A stop string is found over every cut into tokens", "[local][generation]") {
  const std::string whole = "keep \xE2\x82\xACSTOP now";
  for (std::size_t a = 1; a < whole.size(); ++a) {
    for (std::size_t b = a + 1; b < whole.size(); ++b) {
      const FakeTokenizer t({whole.substr(0, a), whole.substr(a, b - a), whole.substr(b)});
      const VocabularyText v(t, {FakeTokenizer::kEnd});
      GenerationRules rules;
      rules.stops = {"\xE2\x82\xACSTOP"};
      rules.max_tokens = 20;
      const TokenId first = FakeTokenizer::kFirstWord;
      const Generation g = say(t, v, rules, {first, first + 1, first + 2});
      CHECK(g.text() == "keep ");
      CHECK(g.finish_word() == "stop_string");
    }
  }
}

TEST_CASE("A thinking budget closes an open trace, and the answer follows", "[local][generation]") {
  struct Row {
    const char* name;
    bool tags_are_tokens;
    bool opened_by_prompt;
    std::int64_t budget;
    const char* said;  // then "r" for ever, until 30 tokens
    const char* starts;
    bool forced;
  };
  const Row rows[] = {
      {"within the budget", true, false, 10, "<think>abc</think>de<|end|>", "<think>abc</think>de", false},
      {"beyond it", true, false, 4, "<think>abcdefghij", "<think>abc\n</think>\n\ndef", true},
      {"at a line's start", true, false, 4, "<think>ab\nde", "<think>ab\n</think>\n\nde", true},
      {"opened by the prompt", true, true, 3, "abcdef", "abc\n</think>\n\ndef", true},
      {"none at all", true, true, 0, "abc", "</think>\n\nabc", true},
      {"no trace, no budget", true, false, 2, "abcdef", "abcdef", false},
      {"tags as text", false, false, 4, "<think>abcd", "<think>abc\n</think>\n\nd", true},
      {"tags as text, closed", false, false, 30, "<think>a</think>b<|end|>", "<think>a</think>b", false},
      {"a character is not cut", true, true, 1,
       "\xE2\x82\xAC"
       "abc",
       "\xE2\x82\xAC\n</think>\n\nabc", true},
      {"a second trace is over at once", true, false, 3, "<think>a</think>b<think>c",
       "<think>a</think>b<think>\n</think>\n\nc", true},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const FakeTokenizer t({}, row.tags_are_tokens);
    const VocabularyText v(t, {FakeTokenizer::kEnd});
    GenerationRules rules;
    rules.max_tokens = 40;
    rules.thinking_budget = row.budget;
    rules.trace_open = row.opened_by_prompt;
    const Generation g = say(t, v, rules, ids(t, row.said));
    CHECK(g.text().substr(0, std::string(row.starts).size()) == row.starts);
    CHECK(g.budget_forced() == row.forced);
  }
}

TEST_CASE("Tokens of a trace are counted apart, a prefix's count for the budget", "[local][generation]") {
  const FakeTokenizer t;
  const VocabularyText v(t, {FakeTokenizer::kEnd});
  GenerationRules rules;
  rules.max_tokens = 40;
  const Generation closed = say(t, v, rules, ids(t, "x<think>abc</think>de<|end|>"));
  CHECK(closed.count() == 9);
  CHECK(closed.reasoning() == 5);
  rules.trace_open = true;
  CHECK(say(t, v, rules, ids(t, "abc</think>de<|end|>")).reasoning() == 4);
  rules.thinking_budget = 10;
  rules.thinking_spent = 8;
  rules.continues = true;
  CHECK(say(t, v, rules, ids(t, "abcdef<|end|>")).text() == "ab\n</think>\n\ncdef");
  rules.max_tokens = 3;
  const Generation cut = say(t, v, rules, ids(t, "abcdef<|end|>"));
  CHECK(cut.finish() == FinishReason::length);
  CHECK(cut.count() == 3);
}

TEST_CASE("Log-probabilities have one figure a token; a forced one was certain", "[local][generation]") {
  const FakeTokenizer t;
  const VocabularyText v(t, {FakeTokenizer::kEnd});
  GenerationRules rules;
  rules.max_tokens = 9;
  rules.sampling.logprobs = true;
  rules.trace_open = true;
  rules.thinking_budget = 1;
  const Generation g = say(t, v, rules, ids(t, "abc<|end|>"));
  REQUIRE(g.logprobs().size() == g.ids().size());
  CHECK(g.logprobs()[0] < 0);
  CHECK(g.logprobs()[1] == 0);
}

}  // namespace
}  // namespace assay::local::test
