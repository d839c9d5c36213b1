// assay trace: what comes out of a line, and what a bad line gets. The real program is run.
#include <algorithm>
#include <string>
#include <vector>

#include "harness/base/json.h"
#include "tests/support/catch.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace assay::test {
namespace {

Json checked(const TempDir& dir, const std::string& line, std::vector<std::string> options = {}) {
  std::vector<std::string> argv = {"trace", dir.file("t.jsonl", line + "\n")};
  argv.insert(argv.end(), options.begin(), options.end());
  const ProcessResult result = assay(argv);
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  const auto json = parse_json(result.out);
  REQUIRE(json);
  return *json;
}

TEST_CASE("assay trace names the first false step of any trace") {
  TempDir dir;
  const Json steps = checked(
      dir, R"({"id": "a", "steps": ["We add.", "So 3 + 4 = 8.", "Then 8 * 2 = 17."], "answer": "17"})");
  CHECK(steps["id"] == "a");
  CHECK(steps["first_mistake"] == 1);
  CHECK(steps["checker"] == "claims");
  CHECK(steps["findings"][0]["kind"] == "false_claim");
  CHECK(steps["findings"][0]["detail"] == "3 + 4 is 7, not 8");
  CHECK(steps["metrics"]["false_claims"] == 2);

  const Json clean =
      checked(dir, R"({"id": 2, "trace": "So 3 + 4 = 7.\n\nThe answer is 7.", "answer": "7", "gold": "7"})");
  CHECK(clean["first_mistake"].is_null());
  CHECK(clean["metrics"]["trace_answer_match"] == 1);
  CHECK(clean["metrics"]["had_right_then_lost"] == 0);
  CHECK(clean["metrics"]["think_closed"].is_null());

  CHECK(checked(dir, R"({"trace": "We think about it."})")["first_mistake"] == "unparsed");
  const Json tagged = checked(dir, R"({"trace": "<think>So 3 + 4 = 8.</think>It is 8."})");
  CHECK(tagged["metrics"]["think_closed"] == 1);
  CHECK(tagged["findings"][0]["span"] == Json::array({10, 19}));
}

TEST_CASE("a task with a state verifier is checked by it, and never by its gold answer") {
  TempDir dir;
  const std::string line =
      R"({"task": "dyck_languages", "input": "< [ ]", "steps": ["We should process each input one by one and keep )"
      R"(track of the stack configuration.", "stack: empty", "< ; stack: <", "[ ; stack: < {", "] ; stack: <", "Now, we )"
      R"(have reached the end. The final stack is \"<\".", "We will need to pop out \"<\" one by one in that order.", )"
      R"("So, we need \">\". So the answer is >"], "answer": ">")";
  const Json plain = checked(dir, line + "}");
  CHECK(plain["checker"] == "state");
  CHECK(plain["first_mistake"] == 3);
  CHECK(checked(dir, line + R"(, "gold": "]"})")["first_mistake"] == 3);
}

TEST_CASE("labels of the file are compared on the error stream") {
  TempDir dir;
  const std::string file =
      dir.file("p.jsonl", R"({"id": "x", "problem": "p", "steps": ["3 + 4 = 8"], "label": 0})"
                          "\n"
                          R"({"id": "y", "problem": "p", "steps": ["3 + 4 = 7"], "label": -1})"
                          "\n");
  const ProcessResult result = assay({"trace", file});
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err, has("F1 100.0"));
}

TEST_CASE("a bad line of traces gets one line with its place and exit code 3") {
  TempDir dir;
  const struct {
    const char* line;
    const char* says;
  } rows[] = {{"{\"id\": 1}", "expected \"trace\""},
              {"[1]", "expected an object"},
              {"{\"trace\": [1]}", "\"trace\": expected a string"},
              {"{\"steps\": []}", "\"steps\": expected an array of strings"},
              {"{\"steps\": [1]}", "\"steps\": expected an array of strings"},
              {"{\"steps\": [\"a\"], \"label\": \"x\"}", "\"label\""},
              {"{\"trace\": ", "parse"}};
  for (const auto& row : rows) {
    const std::string file = dir.file("b.jsonl", std::string("{\"trace\": \"fine\"}\n") + row.line + "\n");
    const ProcessResult result = assay({"trace", file});
    INFO(result.err);
    CHECK(result.exit_code == 3);
    CHECK_THAT(result.err, has("b.jsonl:2: "));
    CHECK_THAT(result.err, has(row.says));
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  }
  CHECK(assay({"trace", dir / "none.jsonl"}).exit_code == 3);
}

}  // namespace
}  // namespace assay::test
