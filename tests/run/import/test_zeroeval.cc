#include "harness/run/import/zeroeval.h"

#include <chrono>

#include "tests/support/catch.h"

using namespace assay;

namespace {

struct OutputRow {
  const char* what;
  std::string output;
  std::optional<std::string> reasoning;
  std::optional<std::string> answer;
  AnswerRule rule;
  bool cut = false;
};

const std::vector<OutputRow>& output_rows() {
  static const std::vector<OutputRow> rows = {
      {"plain", R"({"reasoning": "r", "answer": "18"})", "r", "18", AnswerRule::json},
      {"fenced", "```json\n{\"reasoning\": \"r\", \"answer\": \"18\"}\n```", "r", "18", AnswerRule::json},
      {"fence without a language", "```\n{\"reasoning\": \"r\", \"answer\": \"18\"}\n```", "r", "18", AnswerRule::json},
      {"fence that does not close", "```json\n{\"reasoning\": \"r\", \"answer\": \"18\"}", "r", "18", AnswerRule::json},
      {"text around", "Sure.\n{\"reasoning\": \"r\", \"answer\": \"18\"}\nHope it helps!", "r", "18", AnswerRule::json},
      {"text around a fence", "Sure:\n```json\n{\"reasoning\": \"r\", \"answer\": \"18\"}\n```\nDone.", "r", "18",
       AnswerRule::json},
      {"of two objects the last fenced one", "```json\n{\"answer\": \"1\"}\n```\nNo:\n```json\n{\"answer\": \"2\"}\n```",
       std::nullopt, "2", AnswerRule::json},
      {"a fence inside the reasoning", "{\"reasoning\": \"```py\\nf()\\n```\", \"answer\": \"18\"}", "```py\nf()\n```",
       "18", AnswerRule::json},
      {"answer first", R"({"answer": "18", "reasoning": "r"})", "r", "18", AnswerRule::json},
      {"white space of an answer is kept", R"({"reasoning": "r", "answer": " a "})", "r", " a ", AnswerRule::json},
      {"a number, as written", R"({"reasoning": "r", "answer": 44.670})", "r", "44.670", AnswerRule::json},
      {"a large number, as written", R"({"reasoning": "r", "answer": 123456789012345678901})", "r",
       "123456789012345678901", AnswerRule::json},
      {"a list", R"({"reasoning": "r", "answer": [1, "a"]})", "r", "[1, \"a\"]", AnswerRule::json},
      {"an object", R"({"reasoning": "r", "answer": {"a": 1, "b": [2]}})", "r", "{\"a\": 1, \"b\": [2]}",
       AnswerRule::json},
      {"true", R"({"reasoning": "r", "answer": true})", "r", "true", AnswerRule::json},
      {"null", R"({"reasoning": "r", "answer": null})", "r", "null", AnswerRule::json},
      {"no reasoning", R"({"answer": "18"})", std::nullopt, "18", AnswerRule::json},
      {"LaTeX swallowed by an escape", R"({"reasoning": "\\frac", "answer": "\frac{1}{2}"})", "\\frac",
       "\\frac{1}{2}", AnswerRule::json},
      {"a key with a capital", R"({"Reasoning": "r", "Answer": "160"})", "r", "160", AnswerRule::json},
      {"a capital key and a number", R"({"Answer": 160.50})", std::nullopt, "160.50", AnswerRule::json},
      {"a capital key beside the right one", R"({"Answer": "1", "answer": "2"})", std::nullopt, "2", AnswerRule::json},
      {"a damaged object with capital keys", "{\"REASONING\": \"a\nb\", \"ANSWER\": \"18\"}", "a\nb", "18",
       AnswerRule::repaired_json},
      {"line ends inside a string", "{\"reasoning\": \"a\nb\", \"answer\": \"18\"}", "a\nb", "18",
       AnswerRule::repaired_json},
      {"escapes that JSON does not know", R"~({"reasoning": "\( x \)", "answer": "\(18\)"})~", "\\( x \\)", "\\(18\\)",
       AnswerRule::repaired_json},
      {"bad escapes and a swallowed one", R"~({"reasoning": "\(r\)", "answer": "\frac{1}{2}"})~", "\\(r\\)",
       "\\frac{1}{2}", AnswerRule::repaired_json},
      {"quotes inside the reasoning", R"({"reasoning": "say "hi", ok", "answer": "18"})", "say \"hi\", ok", "18",
       AnswerRule::repaired_json},
      {"quotes inside the answer", R"~({"reasoning": "r", "answer": "b"os""})~", "r", "b\"os\"",
       AnswerRule::repaired_json},
      {"escaped quotes inside a damaged answer", "{\"reasoning\": \"\\(\", \"answer\": \"\\\"hi\\\"\"}", "\\(",
       "\"hi\"", AnswerRule::repaired_json},
      {"a comma too many", R"({"reasoning": "r", "answer": "18",})", "r", "18", AnswerRule::repaired_json},
      {"a comma missing", "{\"reasoning\": \"r\"\n\"answer\": \"18\"}", "r", "18", AnswerRule::repaired_json},
      {"single quotes", "{'reasoning': 'it is so', 'answer': '18'}", "it is so", "18", AnswerRule::repaired_json},
      {"a number with commas", "{\"reasoning\": \"r\", \"answer\": 1,234\n}", "r", "1,234", AnswerRule::repaired_json},
      {"an amount without quotes", "{\"reasoning\": \"r\", \"answer\": $18}", "r", "$18", AnswerRule::repaired_json},
      {"an expression", "{\"reasoning\": \"r\", \"answer\": \"<\" * 10\n}", "r", "\"<\" * 10",
       AnswerRule::repaired_json},
      {"the key lost its quote", "{\"reasoning\": \"so **42**\n**answer\": \"42\"\n}", "so **42**\n**", "42",
       AnswerRule::repaired_json},
      {"the word answer inside the reasoning", "{\"reasoning\": \"the \"answer\" is\n18\", \"answer\": \"18\"}",
       "the \"answer\" is\n18", "18", AnswerRule::repaired_json},
      {"prose, then a damaged answer", "## Step 1\nthink\n```json\n{\n\"answer\": \"18\",\n}\n```", "## Step 1\nthink",
       "18", AnswerRule::field_scan},
      {"cut in the answer", "{\"reasoning\": \"r\", \"answer\": \"the 1", "r", "the 1", AnswerRule::field_scan, true},
      {"cut in the reasoning", "{\"reasoning\": \"because it", "because it", std::nullopt, AnswerRule::none, true},
      {"an object without an answer", R"({"reasoning": "r"})", "r", std::nullopt, AnswerRule::none},
      {"a box in prose", "We get \\boxed{1}. No: \\boxed{\\frac{1}{2}}.", "We get \\boxed{1}. No: \\boxed{\\frac{1}{2}}.",
       "\\frac{1}{2}", AnswerRule::field_scan},
      {"prose", "The answer is 18.", std::nullopt, "The answer is 18.", AnswerRule::whole_text},
      {"nothing", "", std::nullopt, std::nullopt, AnswerRule::none},
      {"white space", " \n ", std::nullopt, std::nullopt, AnswerRule::none},
      {"invalid UTF-8", "{\"reasoning\": \"\xff\n\", \"answer\": \"\xfe\"}", "\xff\n", "\xfe",
       AnswerRule::repaired_json},
  };
  return rows;
}

}  // namespace

TEST_CASE("reasoning and answer are found in sound, fenced and damaged outputs") {
  for (const OutputRow& row : output_rows()) {
    INFO(row.what << ": " << row.output);
    const ZeroEvalOutput out = read_zeroeval_output(row.output);
    CHECK(out.reasoning.value_or("<none>") == row.reasoning.value_or("<none>"));
    CHECK(out.answer.value_or("<none>") == row.answer.value_or("<none>"));
    CHECK(name(out.rule) == name(row.rule));
    CHECK(out.cut == row.cut);
  }
}

TEST_CASE("every prefix of every output is read without trouble") {
  for (const OutputRow& row : output_rows()) {
    for (std::size_t n = 0; n < row.output.size(); ++n) {
      const ZeroEvalOutput out = read_zeroeval_output(row.output.substr(0, n));
      if (out.answer) CHECK(out.answer->size() <= n);
    }
  }
}

TEST_CASE("outputs of half a megabyte made to be slow are read in linear time") {
  const auto repeated = [](std::string_view part, std::size_t bytes) {
    std::string out;
    while (out.size() < bytes) out += part;
    return out;
  };
  const std::vector<std::string> parts = {"\"", "```", "```json\n{", "{", "[", "\"answer\": ", "\"answer\"   ", "\\boxed{",
                                          "\", ", "\"'", "\\", "\\ud83d", "},", "\"\n}", "answer\":\"", "`", " "};
  for (const std::string& part : parts) {
    for (const std::string start : {"", "{\"reasoning\": \"", "{\"answer\": \"", "{\"reasoning\": \"\n\", \"answer\": ["}) {
      INFO(start << "..." << part);
      const std::string small = start + repeated(part, std::size_t{1} << 15);
      const std::string large = start + repeated(part, std::size_t{1} << 19);
      const auto seconds = [](const std::string& text) {
        const auto begin = std::chrono::steady_clock::now();
        (void)read_zeroeval_output(text);
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      };
      // Sixteen times the text: a quadratic reader would take 256 times as long.
      const double once = seconds(small);
      CHECK(seconds(large) < 64 * once + 0.5);
    }
  }
}

TEST_CASE("a row keeps every field, and a bad one says what is wrong") {
  const auto row = read_zeroeval_row(
      R"({"id": 7, "chat_history": ["old", "\n## Question: \n\nHow many?\n\n\n## Instruction \n\nBe brief."],)"
      R"( "output": ["out"], "answer": "# 18", "generator": "g", "configs": {"temperature": 0}, "extra": [1]})");
  REQUIRE(row.ok());
  CHECK(row->id == "7");
  CHECK(row->question == "How many?");
  CHECK(row->output == "out");
  CHECK(row->gold == "18");
  CHECK(dump_json(row->others) == R"({"configs":{"temperature":0},"extra":[1],"generator":"g"})");

  const auto bare = read_zeroeval_row(R"({"id": "a", "output": ["x"], "chat_history": ["Just ask."], "answer": [1, 2]})");
  REQUIRE(bare.ok());
  CHECK(bare->question == "Just ask.");
  CHECK(bare->gold == "[1,2]");

  const std::vector<std::pair<std::string, std::string>> bad = {
      {"{", "parse error"},
      {"[]", "must be a JSON object"},
      {R"({"id": "a"})", "`output` is missing"},
      {R"({"id": "a", "output": []})", "must be a list with one string"},
      {R"({"id": "a", "output": ["x", "y"]})", "must be a list with one string"},
      {R"({"id": "a", "output": [5]})", "must be a list with one string"},
      {R"({"id": 1.5, "output": ["x"]})", "`id` must be a string or an integer"},
  };
  for (const auto& [line, reason] : bad) {
    INFO(line);
    const auto read = read_zeroeval_row(line);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().message.find(reason) != std::string::npos);
  }
}
