#include "harness/text/trace_split.h"

#include <chrono>
#include <string>
#include <vector>

#include "harness/text/think_tags.h"
#include "tests/support/catch.h"

namespace assay {
namespace {

using FR = FinishReason;
using SV = SplitVerdict;
using TK = TraceKind;

// What the content's tags say. Columns: content, finish, trace, answer, verdict.
struct Row {
  std::string text;
  FR finish;
  std::string trace;
  std::string answer;
  SV verdict;
};

void check(const Row& row, const SplitOptions& options) {
  CAPTURE(row.text, static_cast<int>(row.finish));
  Response r;
  r.text = row.text;
  r.finish = row.finish;
  const Split s = split(r, options);
  CHECK(s.trace == row.trace);
  CHECK(s.answer == row.answer);
  CHECK(name(s.verdict) == name(row.verdict));
  const bool thought = s.trace.find_first_not_of(" \r\n") != std::string::npos;
  CHECK(name(s.trace_kind) == name(thought ? TK::raw : TK::none));
}

// The six rows of docs/design.md section 3.
const std::vector<Row> kDesign = {
    {"<think>..</think>ANS", FR::stop, "..", "ANS", SV::closed},
    {"..</think>ANS", FR::stop, "..", "ANS", SV::orphan_close},
    {"<think>.. \\boxed{1}, wait", FR::length, ".. \\boxed{1}, wait", "", SV::truncated_in_trace},
    {"ANS", FR::stop, "", "ANS", SV::no_trace},
    {"<think>I end with `</think>` now</think>ANS", FR::stop, "I end with `</think>` now", "ANS", SV::closed},
    {"Sure.<think>..</think>ANS", FR::stop, "..", "ANS", SV::closed},
};

const std::vector<Row> kFurther = {
    // Spellings.
    {"<THINK>a</Think>ANS", FR::stop, "a", "ANS", SV::closed},
    {"<thinking>a</thinking>ANS", FR::stop, "a", "ANS", SV::closed},
    {"<think>a</thinking>ANS", FR::stop, "a", "ANS", SV::closed},
    {"<think>\r\na\r\n</think>\r\n\r\nANS\r\n", FR::stop, "\r\na\r\n", "ANS", SV::closed},
    {"<think >a</think >ANS", FR::stop, "", "<think >a</think >ANS", SV::no_trace},
    {"<thinks>a</thinks>ANS", FR::stop, "", "<thinks>a</thinks>ANS", SV::no_trace},
    {"<think>a\xFF\xFE</think>\xE2\x82"
     "ANS",
     FR::stop, "a\xFF\xFE",
     "\xE2\x82"
     "ANS",
     SV::closed},
    // <reasoning> and <thought> only as the very first thing.
    {"<reasoning>a</reasoning>ANS", FR::stop, "a", "ANS", SV::closed},
    {"\n <Thought>a</thought>ANS", FR::stop, "a", "ANS", SV::closed},
    {"The tag is <reasoning>a</reasoning>ANS", FR::stop, "", "The tag is <reasoning>a</reasoning>ANS",
     SV::no_trace},
    // White space: blank lines go, indentation stays, and without a trace nothing is touched.
    {"<think>a</think>\n\n  ANS \n\n", FR::stop, "a", "  ANS", SV::closed},
    {"<think>a</think>  ANS", FR::stop, "a", "ANS", SV::closed},
    {"<think>a</think>\n\n    return x\n    y", FR::stop, "a", "    return x\n    y", SV::closed},
    {"\n  ANS \n", FR::stop, "", "\n  ANS \n", SV::no_trace},
    {"", FR::stop, "", "", SV::no_trace},
    // Empty traces and empty answers.
    {"<think></think>ANS", FR::stop, "", "ANS", SV::closed},
    {"<think>\n\n</think>\n\nANS", FR::stop, "\n\n", "ANS", SV::closed},
    {"<think>a</think>", FR::stop, "a", "", SV::empty_answer},
    {"<think>a</think> \n\t ", FR::stop, "a", "", SV::empty_answer},
    {"a</think>", FR::stop, "a", "", SV::empty_answer},
    {"</think>ANS", FR::stop, "", "ANS", SV::orphan_close},
    {"</think>", FR::stop, "", "", SV::empty_answer},
    // Nested, repeated and successive blocks: the last closing tag ends the trace.
    {"<think>a<think>b</think>c</think>ANS", FR::stop, "a<think>b</think>c", "ANS", SV::closed},
    {"<think><think>a</think>ANS", FR::stop, "<think>a", "ANS", SV::closed},
    {"<think>a</think>\n</think>\nANS", FR::stop, "a</think>\n", "ANS", SV::closed},
    {"<think>a</think>X<think>b</think>ANS", FR::stop, "a</think>X<think>b", "ANS", SV::closed},
    {"a</think>X<think>b</think>ANS", FR::stop, "a</think>X<think>b", "ANS", SV::orphan_close},
    {"Hello\n<think>a</think>ANS", FR::stop, "a", "ANS", SV::closed},
    // Stray tags at the end, behind closed blocks and text.
    {"<think>a</think>ANS</think>", FR::stop, "a", "ANS", SV::closed},
    {"<think>a</think>ANS</think></think>\n", FR::stop, "a", "ANS", SV::closed},
    {"<think>a</think>ANS\n<think>", FR::stop, "a", "ANS", SV::closed},
    {"<think>a</think>ANS\n<think>", FR::unknown, "a", "ANS", SV::closed},
    {"<think>a</think>ANS\n<think>", FR::length, "a", "ANS", SV::truncated_in_answer},
    {"<think>a</think>ANS<think></think>", FR::stop, "a", "ANS", SV::closed},
    {"<think>a</think>ANS<think>\n</think>\n", FR::stop, "a", "ANS", SV::closed},
    {"a</think>ANS</think>", FR::stop, "a", "ANS", SV::orphan_close},
    {"<think>a<think>b</think>c</think>", FR::stop, "a<think>b</think>c", "", SV::empty_answer},
    {"<think>a</think>X<think>b</think>", FR::stop, "a</think>X<think>b", "", SV::empty_answer},
    {"<think>a</think></think>", FR::stop, "a</think>", "", SV::empty_answer},
    {"ANS\n<think>", FR::stop, "", "", SV::empty_answer},
    // Mentions within the trace.
    {"<think>close with \"</think>\" then</think>ANS", FR::stop, "close with \"</think>\" then", "ANS",
     SV::closed},
    {"<think>close with </think> then</think>ANS", FR::stop, "close with </think> then", "ANS", SV::closed},
    {"<think>\n```\n</think>\n```\nok</think>ANS", FR::stop, "\n```\n</think>\n```\nok", "ANS", SV::closed},
    // Mentions within the answer.
    {"<think>a</think>Use `</think>` to close", FR::stop, "a", "Use `</think>` to close", SV::closed},
    {"<think>a</think>Use '</think>' to close", FR::stop, "a", "Use '</think>' to close", SV::closed},
    {"<think>a</think>Use \xE2\x80\x9C</think>\xE2\x80\x9D", FR::stop, "a",
     "Use \xE2\x80\x9C</think>\xE2\x80\x9D", SV::closed},
    {"<think>a</think>Write \"<think>x</think>\" here", FR::stop, "a", "Write \"<think>x</think>\" here",
     SV::closed},
    {"<think>a</think>\n```xml\n<think>x</think>\n```", FR::stop, "a", "```xml\n<think>x</think>\n```",
     SV::closed},
    {"Use ``</think> ` x`` to close", FR::stop, "", "Use ``</think> ` x`` to close", SV::no_trace},
    {"Say `<think>` first", FR::length, "", "Say `<think>` first", SV::truncated_in_answer},
    {"~~~\n<think>x</think>\n~~~\nANS", FR::stop, "", "~~~\n<think>x</think>\n~~~\nANS", SV::no_trace},
    {"The <think> tag opens", FR::stop, "", "The <think> tag opens", SV::no_trace},
    // What looks quoted but is the real thing.
    {"<think>so it is \"x\"</think>\"x\"", FR::stop, "so it is \"x\"", "\"x\"", SV::closed},
    {"so it is \"x\"</think>\"x\"", FR::stop, "so it is \"x\"", "\"x\"", SV::orphan_close},
    {"<think>the dogs'</think>'x'", FR::stop, "the dogs'", "'x'", SV::closed},
    {"<think>```python\nx = 1\n</think>\nANS", FR::stop, "```python\nx = 1\n", "ANS", SV::closed},
    {"<think>\n```python\nx = 1\n</think>\n```python\ny\n```", FR::stop, "\n```python\nx = 1\n",
     "```python\ny\n```", SV::closed},
    {"<think>\n```\nx\n```</think>ANS", FR::stop, "\n```\nx\n```", "ANS", SV::closed},
    {"<think>all in `</think>`ANS", FR::stop, "all in `", "`ANS", SV::closed},
    // Cuts.
    {"<think>", FR::length, "", "", SV::truncated_in_trace},
    {"<think>a", FR::deadline, "a", "", SV::truncated_in_trace},
    {"<think>a", FR::cancelled, "a", "", SV::truncated_in_trace},
    {"<think>a", FR::unknown, "a", "", SV::truncated_in_trace},
    {" <think>a", FR::unknown, "a", "", SV::truncated_in_trace},
    {"X\n<think>a", FR::unknown, "a", "", SV::truncated_in_trace},
    {"It mentions <think> in the middle. ANS", FR::unknown, "", "It mentions <think> in the middle. ANS",
     SV::no_trace},
    {"It mentions <think> in the middle", FR::length, " in the middle", "", SV::truncated_in_trace},
    {"<think>a", FR::stop, "a", "", SV::empty_answer},
    {"<think>a", FR::content_filter, "a", "", SV::empty_answer},
    {"<think>a</think>AN", FR::length, "a", "AN", SV::truncated_in_answer},
    {"<think>a</think>AN", FR::deadline, "a", "AN", SV::truncated_in_answer},
    {"<think>a</think>", FR::length, "a", "", SV::truncated_in_answer},
    {"a</think>AN", FR::length, "a", "AN", SV::truncated_in_answer},
    {"AN", FR::length, "", "AN", SV::truncated_in_answer},
    {"AN", FR::unknown, "", "AN", SV::no_trace},
    {"Sure.<think>a", FR::length, "a", "", SV::truncated_in_trace},
    {"Sure.\n<think>a", FR::stop, "a", "", SV::empty_answer},
    {"<think>a</think>X\n<think>b", FR::length, "a</think>X\n<think>b", "", SV::truncated_in_trace},
    {"<think>a</think>X\n<think>b", FR::stop, "a</think>X\n<think>b", "", SV::empty_answer},
    {"<think>a</think>X <think> b", FR::stop, "a", "X <think> b", SV::closed},
    {"<think>a `</think>", FR::length, "a `", "", SV::truncated_in_answer},
    {"<think>a `</think>` b", FR::length, "a `", "` b", SV::truncated_in_answer},
    {"<think>a</thi", FR::length, "a</thi", "", SV::truncated_in_trace},
};

TEST_CASE("the six rows of the design", "[text][split]") {
  for (const Row& row : kDesign) check(row, {});
}

TEST_CASE("further rows", "[text][split]") {
  for (const Row& row : kFurther) check(row, {});
}

TEST_CASE("tags that a model entry names", "[text][split]") {
  const SplitOptions options{
      {"reasoning", "<|begin_of_thought|>...<|end_of_thought|>", "[T]\xE2\x80\xA6[/T]", "", "a b"}, false};
  const std::vector<Row> rows = {
      {"X <reasoning>a</reasoning>ANS", FR::stop, "a", "ANS", SV::closed},
      {"<|begin_of_thought|>a<|end_of_thought|>\n\nANS", FR::stop, "a", "ANS", SV::closed},
      {"a<|END_of_thought|>ANS", FR::stop, "a", "ANS", SV::orphan_close},
      {"[t]a[/t]ANS", FR::stop, "a", "ANS", SV::closed},
      {"<think>a</think>ANS", FR::stop, "a", "ANS", SV::closed},
      {"<|begin_of_thought|>a", FR::length, "a", "", SV::truncated_in_trace},
  };
  for (const Row& row : rows) check(row, options);
  check({"<|begin_of_thought|>a<|end_of_thought|>ANS", FR::stop, "",
         "<|begin_of_thought|>a<|end_of_thought|>ANS", SV::no_trace},
        {});
}

TEST_CASE("a prompt that opens the trace", "[text][split]") {
  const SplitOptions options{{}, true};
  const std::vector<Row> rows = {
      {"a</think>ANS", FR::stop, "a", "ANS", SV::orphan_close},
      {"<think>a</think>ANS", FR::stop, "a", "ANS", SV::closed},
      {"\n<think>\na</think>ANS", FR::stop, "\na", "ANS", SV::closed},
      {"a <think> b</think>ANS", FR::stop, "a <think> b", "ANS", SV::orphan_close},
      {"so \\boxed{1}, wait", FR::length, "so \\boxed{1}, wait", "", SV::truncated_in_trace},
      {"so \\boxed{1}", FR::stop, "so \\boxed{1}", "", SV::empty_answer},
      {"say `</think>` and", FR::stop, "say `", "` and", SV::orphan_close},
      {"a <think> b", FR::length, "a <think> b", "", SV::truncated_in_trace},
      {"", FR::length, "", "", SV::truncated_in_trace},
  };
  for (const Row& row : rows) check(row, options);
  Response separate;  // the server has a reasoning field and left it empty
  separate.text = "ANS";
  separate.reasoning = "";
  separate.finish = FR::stop;
  CHECK(split(separate, options).answer == "ANS");
}

struct FieldRow {
  std::string reasoning;
  TK kind;
  std::string text;
  FR finish;
  std::string answer;
  SV verdict;
};

const std::vector<FieldRow> kFields = {
    {"a", TK::raw, "ANS", FR::stop, "ANS", SV::closed},
    {"a", TK::raw, "\n\nANS ", FR::stop, "\n\nANS ", SV::closed},
    {"a", TK::summary, "ANS", FR::stop, "ANS", SV::closed},
    {"a", TK::raw, "ANS", FR::unknown, "ANS", SV::closed},
    {"a", TK::raw, "AN", FR::length, "AN", SV::truncated_in_answer},
    {"a", TK::raw, "AN", FR::deadline, "AN", SV::truncated_in_answer},
    {"a", TK::raw, "", FR::length, "", SV::truncated_in_trace},
    {"a", TK::raw, " \n", FR::deadline, " \n", SV::truncated_in_trace},
    {"a", TK::raw, " \n", FR::stop, " \n", SV::empty_answer},
    {"a", TK::raw, "", FR::stop, "", SV::empty_answer},
    {"a", TK::raw, "", FR::unknown, "", SV::empty_answer},
    {"", TK::encrypted, "ANS", FR::stop, "ANS", SV::closed},
    {"", TK::hidden, "", FR::length, "", SV::truncated_in_trace},
    // Tags beside the field.
    {"a", TK::raw, "<think>b</think>ANS", FR::stop, "ANS", SV::closed},
    {"a", TK::raw, "b</think>ANS", FR::stop, "ANS", SV::closed},
    {"a", TK::raw, "<think>b", FR::length, "", SV::truncated_in_trace},
    {"a", TK::raw, "<think>b</think>", FR::stop, "", SV::empty_answer},
    {"a", TK::raw, "<think>b</think>", FR::length, "", SV::truncated_in_answer},
    {"a", TK::raw, "Use `</think>`", FR::stop, "Use `</think>`", SV::closed},
};

TEST_CASE("a separate reasoning field comes before tags", "[text][split]") {
  for (const bool opens : {false, true}) {
    for (const FieldRow& row : kFields) {
      CAPTURE(row.reasoning, row.text, static_cast<int>(row.finish), opens);
      Response r;
      r.reasoning = row.reasoning;
      r.reasoning_kind = row.kind;
      r.text = row.text;
      r.finish = row.finish;
      r.budget_forced = true;
      const Split s = split(r, {{}, opens});
      CHECK(s.trace == row.reasoning);
      CHECK(s.answer == row.answer);
      CHECK(name(s.verdict) == name(row.verdict));
      CHECK(name(s.trace_kind) == name(row.kind));
      CHECK(s.budget_forced);
    }
  }
}

TEST_CASE("a count of reasoning tokens alone is a hidden trace", "[text][split]") {
  Response r;
  r.text = "ANS";
  r.finish = FR::stop;
  r.usage.reasoning = 0;
  CHECK(split(r, {}).trace_kind == TK::none);
  r.usage.reasoning = 17;
  CHECK(split(r, {}).trace_kind == TK::hidden);
  CHECK(split(r, {}).verdict == SV::closed);
  CHECK(split(r, {}).answer == "ANS");
  r.text.clear();
  CHECK(split(r, {}).verdict == SV::empty_answer);
  r.finish = FR::length;
  CHECK(split(r, {}).verdict == SV::truncated_in_trace);
  r.text = "<think>a</think>ANS";  // the trace itself is better evidence than its length
  CHECK(split(r, {}).trace_kind == TK::raw);
}

TEST_CASE("entries of think_tags", "[text][split]") {
  CHECK(parse_think_tag("Reasoning")->open == "<reasoning>");
  CHECK(parse_think_tag("<seed:think>")->close == "</seed:think>");
  CHECK(parse_think_tag("<a>...<b>")->close == "<b>");
  CHECK(parse_think_tag("\xE2\x97\x81think\xE2\x96\xB7\xE2\x80\xA6\xE2\x97\x81/think\xE2\x96\xB7")->open ==
        "\xE2\x97\x81think\xE2\x96\xB7");
  for (const std::string bad : {"", "<>", "a b", "...", "<a>...", "...<b>", "<a>...<a>", "<a>\n...<b>"}) {
    CAPTURE(bad);
    const auto tag = parse_think_tag(bad);
    REQUIRE_FALSE(tag.ok());
    CHECK(tag.error().code == Code::invalid);
    CHECK(tag.error().message.find('\n') == std::string::npos);
  }
  CHECK_FALSE(parse_think_tag(std::string(1000, 'a')).ok());
}

std::string repeated(const std::string& piece, std::size_t bytes) {
  std::string out;
  while (out.size() < bytes) out += piece;
  return out;
}

TEST_CASE("ten megabytes of tags, quotes and fences take linear time", "[text][split]") {
  constexpr std::size_t kBytes = 10'000'000;
  const std::vector<std::string> pieces = {
      "<think>x</think>",  "<",  "`</think>`", "\"</think>\" ", "```\n</think>\n", "`",
      "``<think>`",        "\n", " ",          "<think>",       "```a\n<think>\n", "~~~</think>\n",
      "'</think>' <think>"};
  for (const std::string& piece : pieces) {
    CAPTURE(piece);
    Response r;
    r.text = "<think>" + std::string(1'000'000, ' ') + "x" + repeated(piece, kBytes) + "</think>ANS";
    r.finish = FR::stop;
    const auto start = std::chrono::steady_clock::now();
    const Split s = split(r, {});
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    CHECK(took.count() < 5);  // 0.1 s; quadratic time would be hours
    CHECK(s.trace.size() + s.answer.size() <= r.text.size());
    CHECK(s.answer.size() >= 3);
    if (piece == "<think>x</think>") CHECK(s.answer == "ANS");
  }
}

}  // namespace
}  // namespace assay
