// What a user does with the program, from suite to report. The real program is run.
#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/json.h"
#include "tests/support/catch.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace assay::test {
namespace {

constexpr const char* kSuite =
    "suite: small\nseed: 3\nepochs: 2\n"
    "tasks: [{task: math/arithmetic, limit: 10}, {task: logic/tracking, limit: 10}]\n"
    "models:\n"
    "  - {name: good, backend: scripted, options: {behaviour: perfect}}\n"
    "  - {name: half, backend: scripted, options: {behaviour: mixed, accuracy: 0.5, latency_ms: 1}}\n";

Json report_json(const TempDir& dir, std::vector<std::string> more = {}) {
  std::vector<std::string> args = {"report", "--format", "json"};
  args.insert(args.end(), more.begin(), more.end());
  const auto result = assay(args, {}, dir.str());
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  auto parsed = parse_json(result.out);
  REQUIRE(parsed.ok());
  return *parsed;
}

void run_suite(const TempDir& dir, std::vector<std::string> more = {}) {
  dir.file("suite.yaml", kSuite);
  std::vector<std::string> args = {"run", "suite.yaml", "--quiet"};
  args.insert(args.end(), more.begin(), more.end());
  const auto result = assay(args, {}, dir.str());
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
}

}  // namespace

TEST_CASE("a suite ends in a leaderboard with right numbers") {
  const TempDir dir;
  run_suite(dir);
  const Json report = report_json(dir);
  REQUIRE(report["rows"].size() == 4);
  for (const Json& row : report["rows"]) {
    CHECK(row["n"] == 20);
    CHECK(row["planned"] == 20);
    CHECK(row["epochs"] == 2);
    if (row["model"] == "good") CHECK(row["accuracy"] == 1.0);
    if (row["model"] == "half") CHECK(row["accuracy"] < 1.0);
  }
}

TEST_CASE("equal runs give equal bytes apart from run_info, whatever the threads and requests in flight") {
  std::string first;
  for (const char* threads : {"1", "2", "8"}) {
    for (const char* flight : {"1", "256"}) {
      const TempDir dir;
      run_suite(dir, {"--scoring-threads", threads, "--max-connections", flight});
      Json report = report_json(dir);
      report.erase("run_info");
      if (first.empty()) first = dump_json(report);
      CHECK(dump_json(report) == first);
    }
  }
}

TEST_CASE("--dry-run says what would be done and writes nothing") {
  const TempDir dir;
  dir.file("suite.yaml", kSuite);
  const auto result = assay({"run", "suite.yaml", "--dry-run"}, {}, dir.str());
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.out, has("80 attempts") && has("Nothing was sent"));
  CHECK_FALSE(std::filesystem::exists(dir / "assay.db"));
}

TEST_CASE("show prints prompt, answer, score and why") {
  const TempDir dir;
  run_suite(dir);
  const auto shown = assay({"show", "latest:good", "0", "--task", "math/arithmetic"}, {}, dir.str());
  INFO(shown.err);
  CHECK(shown.exit_code == 0);
  CHECK_THAT(shown.out, has("math/arithmetic") && has("good") && has("correct"));
  const auto missing = assay({"show", "latest", "no-such-sample"}, {}, dir.str());
  CHECK(missing.exit_code == 3);
  CHECK_THAT(missing.err, has("no-such-sample"));
}

TEST_CASE("every attempt can be exported") {
  const TempDir dir;
  run_suite(dir);
  const auto csv = assay({"report", "--items", "--format", "csv"}, {}, dir.str());
  CHECK(csv.exit_code == 0);
  CHECK(std::count(csv.out.begin(), csv.out.end(), '\n') == 81);
  const auto sql = assay({"sql", "select count(*) as n from v_attempts where model = 'good' and outcome = 'correct'", "--format", "csv"}, {}, dir.str());
  INFO(sql.err);
  CHECK_THAT(sql.out, has("40"));
  CHECK(assay({"sql", "delete from run"}, {}, dir.str()).exit_code == 3);
}

TEST_CASE("variants are columns of their own") {
  const TempDir dir;
  dir.file("suite.yaml", std::string(kSuite) + "variants: [{name: plain}, {name: terse, system: Be brief.}]\n");
  REQUIRE(assay({"run", "suite.yaml", "--quiet"}, {}, dir.str()).exit_code == 0);
  const Json report = report_json(dir);
  CHECK(report["rows"].size() == 8);
}

TEST_CASE("attempts that failed are not wrong answers; the report gives bounds and exit code 4") {
  const TempDir dir;
  const std::vector<std::string> args = {"run", "--tasks", "math/arithmetic", "--limit", "20", "--model", "m", "--backend",
                                         "scripted", "-M", "behaviour=failing", "-M", "fail_rate=0.5", "-M",
                                         "fail_code=invalid", "--quiet"};
  const auto ran = assay(args, {}, dir.str());
  CHECK(ran.exit_code == 4);
  const auto report = assay({"report", "--format", "json"}, {}, dir.str());
  CHECK(report.exit_code == 4);
  auto json = parse_json(report.out);
  REQUIRE(json.ok());
  const Json& row = (*json)["rows"][0];
  CHECK(row["planned"] == 20);
  CHECK(row["outcomes"]["error"].get<int>() + row["n"].get<int>() == 20);
  CHECK(row["outcomes"]["error"].get<int>() > 0);
  CHECK(row["outcomes"]["incorrect"] == 0);
  CHECK(assay({"report", "--allow-incomplete"}, {}, dir.str()).exit_code == 0);
}

TEST_CASE("a model's name can be anything and reaches no terminal, query or shell raw") {
  const TempDir dir;
  const std::string nasty = "a'; drop table run; --\"`$(touch pwned)\x1b[31m\n|<b>\xe2\x80\xae";
  const auto ran = assay({"run", "--tasks", "math/arithmetic", "--limit", "2", "--model", nasty, "--backend", "scripted", "--quiet"}, {}, dir.str());
  INFO(ran.err);
  CHECK(ran.exit_code == 0);
  for (const char* format : {"table", "markdown", "csv"}) {
    const auto report = assay({"report", "--format", format}, {}, dir.str());
    CHECK(report.exit_code == 0);
    CHECK(report.out.find('\x1b') == std::string::npos);
  }
  CHECK(report_json(dir)["rows"][0]["model"] == nasty);
  CHECK(assay({"list", "models"}, {}, dir.str()).out.find('\x1b') == std::string::npos);
  CHECK_FALSE(std::filesystem::exists(dir / "pwned"));
  CHECK(assay({"show", "latest:" + nasty, "0"}, {}, dir.str()).exit_code == 0);
}

TEST_CASE("an import is never what --resume goes on with") {
  const TempDir dir;
  dir.file("m.jsonl",
           "{\"id\": 1, \"chat_history\": [\"## Question: \\n\\n1+1?\\n\\n## Instruction \\n\\nAnswer.\"], "
           "\"output\": [\"{\\\"answer\\\": \\\"2\\\"}\"], \"answer\": \"2\"}\nnot a row\n");
  const auto imported = assay({"import", "m.jsonl", "--format", "zeroeval", "--task", "math/arithmetic"}, {}, dir.str());
  INFO(imported.err);
  REQUIRE(imported.exit_code == 0);
  CHECK_THAT(imported.err, has("m.jsonl:2"));
  const auto resumed = assay({"run", "--resume"}, {}, dir.str());
  CHECK(resumed.exit_code == 3);
  CHECK_THAT(resumed.err, has("no unfinished run"));
  const auto named = assay({"run", "--resume", "latest"}, {}, dir.str());
  CHECK(named.exit_code == 3);
  CHECK_THAT(named.err, has("is an import"));
}

TEST_CASE("every subcommand has help with an exit code of 0") {
  for (const char* name : {"run", "import", "report", "show", "list", "data", "sql", "doctor", "completion"}) {
    const auto help = assay({name, "--help"});
    CHECK(help.exit_code == 0);
    CHECK_THAT(help.out, has(name));
  }
  CHECK(assay({"--help"}).exit_code == 0);
  CHECK(assay({"--version"}).out.rfind("assay 0.", 0) == 0);
}

TEST_CASE("completion scripts are valid for their shell") {
  const auto script = assay({"completion", "bash"});
  REQUIRE(script.exit_code == 0);
  const TempDir dir;
  const std::string path = dir.file("c.bash", script.out);
  CHECK(run_process({"/bin/bash", "-n", path}).exit_code == 0);
  const auto completed = run_process(
      {"/bin/bash", "-c", "source " + path + "; COMP_WORDS=(assay rep); COMP_CWORD=1; _assay; echo \"${COMPREPLY[@]}\""});
  CHECK_THAT(completed.out, has("report"));
}

TEST_CASE("doctor says what works and what does not") {
  const TempDir dir;
  const auto result = assay({"doctor"}, {{"OPENAI_API_KEY", "sk-canary-17"}}, dir.str());
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.out, has("backend openai") && has("backend local") && has("model smollm2-135m") && has("OPENAI_API_KEY"));
  CHECK_THAT(result.out, !has("canary"));
}

}  // namespace assay::test
