#include <string>
#include <vector>

#include "tests/scorers/scoring.h"

namespace assay {
namespace {

using test::kNo;
using test::kNone;
using test::kYes;
using test::make_scorer;
using test::score;

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
    {{}, "\\boxed{\\text{Yes}}", "Yes", kYes},
    {{}, "So\n\\boxed{\\textbf{\\text{Yes}}}", "Yes", kYes},
    {{}, "So\n\\boxed{\\text{Yes} or}", "Yes", kNo},
    // A clause behind a short answer.
    {{}, "Answer: Yes, it is plausible.", "Yes", kYes},
    {{}, "Answer: **Yes**, it is plausible.", "Yes", kYes},
    {{}, "Answer: No, it is not plausible.", "No", kYes},
    {{}, "Yes because they play", "Yes", kYes},
    {{}, "Yes. They play.", "Yes", kYes},
    {{}, "So\nThe answer is Alice, because she is tall.", "Alice", kYes},
    {{}, "So\nThe answer is Alice, she is tall.", "Alice", kYes},
    {{}, "Answer: True, since not False is True.", "True", kNo},
    {{}, "Answer: Yes, it is plausible.", "No", kNo},
    {{}, "Answer: Yes, or no.", "Yes", kNo},
    {{}, "Answer: Yes. No.", "Yes", kNo},
    {{}, "Answer: Yes, but it is disputed", "Yes", kNo},
    {{}, "Answer: Yes, wait, it is wrong", "Yes", kNo},
    {{}, "Answer: valid, it is not invalid", "valid", kNo},
    {{}, "Answer: Alice, Bob", "Alice", kNo},
    {{}, "Answer: Alice, Bob because both are tall", "Alice", kNo},
    {{}, "Answer: red, green, and blue", "red", kNo},
    {{}, "Answer: 4, because 2 + 2 is 4", "4", kNo},
    {{}, "Answer: 4, because it is even", "4", kYes},
    {{}, "Answer: Yes it is", "Yes", kNo},
    {{}, "Answer: Noah, Eva, because", "Noah, Eva", kNo},
    // The last line alone.
    {{}, "Reasoning\n\nYes", "Yes", kYes},
    {{}, "Reasoning\n\n**Yes.**\n", "Yes", kYes},
    {{}, "Yes\n\nNo", "Yes", kNo},
    {{}, "Answer: No\n\nYes", "Yes", kNo},
    {{}, "Reasoning\n\nIt is Yes", "Yes", kNo},
    {{}, "Reasoning\n\nNoah Eva", "Noah Eva", kNo},
    {{{"anywhere", false}}, "Reasoning\n\nYes", "Yes", kNo},
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
    {"24 = (7 - 3) * 6", kYes},
    {"x = (7 - 3) * 6", kYes},
    {"Answer: x = (7 - 3) * 6 = 24", kYes},
    {"(7 - 3) * 6 = 4 * 6 = 24", kYes},
    {"(7 - 3) * 6 = 4 * 6 = 25", kNo},
    {"(7 - 3) * 6 = 5 * 6 = 24", kNo},
    {"25 = (7 - 3) * 6", kNo},
    {"4 * 6 = (7 - 3) * 6", kNo},
    {"24 = 24", kNo},
    {"x = y = 3 * 8", kNo},
    {"= 3 * 8", kNo},
    {"3 * 8 =", kNo},
    {"\\boxed{\\text{3 * 8 = 24}}", kYes},
    {"3 * \\text{8}", kYes},
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
  Sample twelve;  // of one number that no answer may put together
  twelve.metadata = {{"numbers", {12}}, {"target", 12}};
  CHECK(score(*scorer, twelve, test::answering("`12`")).outcome == kYes);
  for (const char* answer : {"1`2", "1**2**", "1$2", "1\\!2", "1\\left2", "1\\text{2}"}) {
    CAPTURE(answer);
    CHECK(score(*scorer, twelve, test::answering(answer)).outcome == kNo);
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
