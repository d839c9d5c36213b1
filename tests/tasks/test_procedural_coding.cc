// The targets of the coding families, compared with what a real Python says.
#include "tests/support/process.h"
#include "tests/tasks/procedural_support.h"

using namespace assay;
using namespace assay::testing;

namespace {

constexpr const char* kEnv = "/usr/bin/env";  // finds python3 wherever it is

bool has_python() { return test::run_process({kEnv, "python3", "-c", "import json"}).exit_code == 0; }

// The lines that a script prints when it is given JSON.
std::vector<std::string> python(const std::string& script, const Json& input) {
  const auto result = test::run_process({kEnv, "python3", "-c", script}, {}, "", dump_json(input));
  CAPTURE(result.err);
  REQUIRE(result.exit_code == 0);
  std::vector<std::string> lines = split_text(result.out, "\n");
  lines.pop_back();  // what follows the last end of line: nothing
  return lines;
}

}  // namespace

TEST_CASE("predict-output: Python returns the target") {
  if (!has_python()) {
    WARN("python3 is not here: the targets of coding/predict-output were not compared with it");
    return;
  }
  Json input = Json::array();
  std::vector<std::string> targets;
  for (int level = 1; level <= 5; ++level) {
    for (const Sample& s : samples_of("coding/predict-output", level, 400)) {
      CHECK(has_text(s.question, s.metadata["source"].get<std::string>()));
      CHECK(has_text(s.question, s.metadata["call"].get<std::string>()));
      input.push_back({s.metadata["source"], s.metadata["call"]});
      targets.push_back(s.targets[0]);
    }
  }
  const auto lines = python(R"(
import json, sys
for source, call in json.load(sys.stdin):
    scope = {}
    exec(source, scope)
    print(repr(eval(call, scope)))
)", input);
  REQUIRE(lines.size() == targets.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CAPTURE(input[i][0].get<std::string>(), input[i][1].get<std::string>());
    REQUIRE(lines[i] == targets[i]);
  }
}

TEST_CASE("list-transform: the target passes every test under Python") {
  if (!has_python()) {
    WARN("python3 is not here: the tests of coding/list-transform were not compared with it");
    return;
  }
  Json input = Json::array();
  for (int level = 1; level <= 5; ++level) {
    for (const Sample& s : samples_of("coding/list-transform", level, 200)) {
      const Json& tests = s.metadata["tests"];
      CHECK(tests.size() >= 10);
      CHECK(tests[0]["input"] == Json::array({Json::array()}));
      CHECK(s.metadata["entry_point"] == "transform");
      input.push_back({s.targets[0], s.question, tests});
    }
  }
  const auto lines = python(R"(
import json, re, sys
for source, question, tests in json.load(sys.stdin):
    scope = {}
    exec(source, scope)
    right = all(scope["transform"](*t["input"]) == t["expected"] for t in tests)
    shown = re.search(r"`(transform\(.*\))` returns `(.*)`\.", question)
    print(right and repr(eval(shown.group(1), scope)) == shown.group(2))
)", input);
  REQUIRE(lines.size() == input.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CAPTURE(input[i][0].get<std::string>());
    REQUIRE(lines[i] == "True");
  }
}
