#include <string>
#include <vector>

#include "tests/scorers/scoring.h"

namespace assay {
namespace {

using test::make_scorer;
using test::score;

constexpr Outcome kYes = Outcome::correct;
constexpr Outcome kNo = Outcome::incorrect;
constexpr Outcome kNone = Outcome::no_answer;

struct Row {
  Json options;
  std::string answer;
  std::string target;
  Outcome outcome;
};

const std::vector<Row> kExact = {
    {{}, "yes", "yes", kYes},
    {{}, " yes\n", "yes", kYes},
    {{}, "Yes", "yes", kNo},
    {{{"ignore_case", true}}, "Yes", "yes", kYes},
    {{}, "a  b", "a b", kYes},
    {{{"space", "keep"}}, "a  b", "a b", kNo},
    {{}, "] ]", "]]", kNo},
    {{{"space", "ignore"}}, "] ]", "]]", kYes},
    {{}, "\"yes\"", "yes", kYes},
    {{}, "`yes`", "yes", kYes},
    {{}, "**yes**", "yes", kYes},
    {{{"strip_quotes", false}}, "\"yes\"", "yes", kNo},
    {{}, "a-b, c.", "a b c", kNo},
    {{{"strip_punctuation", true}}, "a-b, c.", "a b c", kYes},
    {{}, "So\nAnswer: yes", "yes", kYes},
    {{}, "So\n**Answer: yes**", "yes", kYes},
    {{}, "So\n**Answer:** yes.", "yes", kYes},
    {{}, "So\nThe answer is yes.", "yes.", kYes},
    {{}, "So\n\\boxed{\\frac{1}{2}}", "\\frac{1}{2}", kYes},
    {{}, "So\nAnswer: no", "yes", kNo},
    {{{"anywhere", false}}, "So\nAnswer: yes", "yes", kNo},
    {{}, "The answer is yes", "The answer is yes", kYes},
    {{}, "So it is yes", "yes", kNo},
    {{}, "So\nAnswer: Noah, Eva", "Noah, Eva", kYes},
    {{}, "", "yes", kNone},
    {{}, "\xFF\xFE", "yes", kNo},
};

TEST_CASE("exact texts", "[scorers][exact]") {
  for (const Row& row : kExact) {
    CAPTURE(row.answer, row.target, dump_json(row.options));
    const Score s = score(*make_scorer("exact", row.options), row.target, row.answer);
    CAPTURE(s.explanation);
    CHECK(name(s.outcome) == name(row.outcome));
  }
}

const std::vector<Row> kRegex = {
    {{{"pattern", "is (\\w+)"}}, "it is red, it is blue", "blue", kYes},
    {{{"pattern", "is (\\w+)"}, {"which", "first"}}, "it is red, it is blue", "red", kYes},
    {{{"pattern", "\\w+$"}}, "it is\nblue", "blue", kYes},
    {{{"pattern", "^\\w+"}, {"which", "last"}, {"multi_line", false}}, "red\nblue", "red", kYes},
    {{{"pattern", "(x)?(?P<answer>\\d+)"}}, "is 18", "18", kYes},
    {{{"pattern", "(x)?(\\d+)"}}, "is 18", "18", kNone},
    {{{"pattern", "IS (\\w+)"}}, "it is red", "red", kNone},
    {{{"pattern", "IS (\\w+)"}, {"ignore_case", true}}, "it is red", "red", kYes},
    {{{"pattern", "is (\\w+)"}}, "it is RED", "red", kNo},
    {{{"pattern", "is (\\w+)"}, {"compare", "nocase"}}, "it is RED", "red", kYes},
    {{{"pattern", "is (.*)$"}, {"compare", "number"}}, "it is $1,234.50", "1234.5", kYes},
    {{{"pattern", "a.b"}, {"dot_all", true}}, "a\nb", "a b", kYes},
    {{{"pattern", "nothing"}}, "", "x", kNone},
};

TEST_CASE("what a pattern finds", "[scorers][regex]") {
  for (const Row& row : kRegex) {
    CAPTURE(row.answer, row.target, dump_json(row.options));
    const Score s = score(*make_scorer("regex", row.options), row.target, row.answer);
    CAPTURE(s.explanation);
    CHECK(name(s.outcome) == name(row.outcome));
  }
  const auto any = make_scorer("regex", {{"pattern", "\\bdone\\b"}});
  CHECK(score(*any, test::with_targets({}), test::answering("all done.")).outcome == kYes);
  CHECK(score(*any, test::with_targets({}), test::answering("undone")).outcome == kNone);
}

struct CountdownRow {
  std::string answer;
  Outcome outcome;
};

const std::vector<CountdownRow> kCountdown = {
    {"(7 - 3) * 6", kYes},
    {"6*(7-3)", kYes},
    {"(7 - 3) * 6 = 24", kYes},
    {"24 = (7 - 3) * 6", kNo},
    {"(7 - 3) * 6 = 25", kNo},
    {"(7 - 3) \u00D7 6", kYes},
    {"`(7 - 3) * 6`", kYes},
    {"**(7 - 3) * 6**", kYes},
    {"So\nAnswer: (7 - 3) * 6", kYes},
    {"So\nAnswer: (7 - 3) * 6.", kYes},
    {"So\n\\boxed{(7 - 3) \\times 6}", kYes},
    {"So\n$\\boxed{6 \\cdot \\left(7 - 3\\right)}$", kYes},
    {"\\boxed{6 \\cdot \\frac{8}{8 - 6}}", kNo},
    {"\\frac{6 * 8}{7 - 5}", kNo},
    {"(8 \\div (7 - 3)) * 6 * 2", kNo},
    {"\\frac{3 * 8 * 7}{7}", kNo},
    {"3 * 8", kYes},
    {"24", kNo},
    {"6 * 3 + 6", kNo},
    {"6 * 4", kNo},
    {"7 + 8 + 6 + 3", kYes},
    {"30 - 6", kNo},
    {"6 / (3 - 3)", kNo},
    {"no idea", kNo},
    {"", kNone},
    {"So it\nis hard", kNone},
    {"3 * 8 * x", kNo},
    {"\\frac{3 * 8}{7 - 6}", kYes},
};

TEST_CASE("countdown expressions", "[scorers][countdown]") {
  const auto scorer = make_scorer("countdown");
  Sample sample;
  sample.metadata = {{"numbers", {3, 6, 7, 8}}, {"target", 24}};
  for (const CountdownRow& row : kCountdown) {
    CAPTURE(row.answer);
    const Score s = score(*scorer, sample, test::answering(row.answer));
    CAPTURE(s.explanation);
    CHECK(name(s.outcome) == name(row.outcome));
  }
  const auto all = make_scorer("countdown", {{"use_all", true}});
  CHECK(score(*all, sample, test::answering("3 * 8")).outcome == kNo);
  CHECK(score(*all, sample, test::answering("7 + 8 + 6 + 3")).outcome == kYes);
  sample.metadata = Json::object();
  CHECK(score(*scorer, sample, test::answering("3 * 8")).outcome == Outcome::unscored);
}

const std::string kCode = "def f(x):\n    return x\n";

struct ProgramRow {
  std::string answer;
  std::string source;
};

const std::vector<ProgramRow> kPrograms = {
    {"```python\n" + kCode + "```", "def f(x):\n    return x"},
    {"Text\n```python\nold\n```\nbetter:\n```py\nnew\n```\nDone", "new"},
    {"```python\nnew\n```\nRun it:\n```bash\npython a.py\n```", "new"},
    {"```\nnew\n```", "new"},
    {"```text\nnew\n```", "new"},
    {"```python\n    return x\n```", "    return x"},
    {"x = 1", "x = 1"},
    {"```python\ncut", "```python\ncut"},
};

TEST_CASE("programs are taken from their fences and run elsewhere", "[scorers][program]") {
  const auto scorer = make_scorer("program");
  Sample sample;
  sample.metadata = {{"entry_point", "f"}};
  for (const ProgramRow& row : kPrograms) {
    CAPTURE(row.answer);
    const auto asked = scorer->score(sample, test::answering(row.answer), {});
    REQUIRE(std::holds_alternative<std::vector<Work>>(asked));
    const auto& work = std::get<std::vector<Work>>(asked);
    REQUIRE(work.size() == 1);
    const auto& run = std::get<ProgramRun>(work[0]);
    CHECK(run.source == row.source);
    CHECK(run.language == "python");
    CHECK(run.problem == sample.metadata);
  }
  CHECK(score(*scorer, sample, test::answering(" ")).outcome == kNone);
  CHECK(score(*scorer, sample, test::answering(std::string(1 << 20, 'x'))).outcome == Outcome::unscored);
}

TEST_CASE("a run's result becomes an outcome", "[scorers][program]") {
  const auto scorer = make_scorer("program");
  const Sample sample;
  const std::vector<std::pair<WorkResult, Outcome>> rows = {
      {Json{{"verdict", "pass"}}, kYes},
      {Json{{"verdict", "fail"}, {"message", "f(1)\nis 2"}}, kNo},
      {Json{{"verdict", "timeout"}}, kNo},
      {Json{{"verdict", "memory"}}, kNo},
      {Json{{"verdict", "crash"}}, kNo},
      {Json{{"verdict", "error"}, {"message", "disk full"}}, Outcome::unscored},
      {Json{{"verdict", "unsupported"}}, Outcome::unscored},
      {Json::object(), Outcome::unscored},
      {Json("pass"), Outcome::unscored},
      {Error{Code::unavailable, "needs a sandbox: no user namespaces"}, Outcome::unscored},
  };
  for (const auto& [result, outcome] : rows) {
    const std::vector<WorkResult> results = {result};
    const auto verdict = scorer->score(sample, test::answering("x = 1"), results);
    const Score& s = std::get<Score>(verdict);
    CAPTURE(s.explanation);
    CHECK(name(s.outcome) == name(outcome));
    CHECK(s.explanation.find('\n') == std::string::npos);
    if (!result) CHECK(s.explanation.find("user namespaces") != std::string::npos);
  }
}

}  // namespace
}  // namespace assay
