// Wrong input gets one line that names the file, the line or the option, exit code 3, and leaves
// nothing behind. The real program is run.
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace assay::test {
namespace {

constexpr const char* kModels = "models: [{name: m, backend: scripted}]\n";

struct SuiteCase {
  const char* what;
  std::string suite;
  std::vector<const char*> says;  // every one of these stands in the message
};

void check_refused(const ProcessResult& result, const std::vector<const char*>& says) {
  INFO(result.err);
  CHECK(result.exit_code == 3);
  CHECK(result.out.empty());
  CHECK(result.err.rfind("assay: ", 0) == 0);
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  CHECK(result.err.back() == '\n');
  for (const char* text : says) CHECK_THAT(result.err, has(text));
}

}  // namespace

TEST_CASE("a wrong suite file is refused with file, line and column, and no database appears") {
  const std::vector<SuiteCase> cases = {
      {"unknown task", std::string("suite: s\ntasks: [math/arithmetik]\n") + kModels, {"math/arithmetik", "math/arithmetic"}},
      {"malformed YAML", "suite: s\ntasks: [math/arithmetic\n", {"suite.yaml:"}},
      {"unknown key", std::string("suite: s\ntasks: [math/arithmetic]\nepoch: 2\n") + kModels, {"suite.yaml:3:1", "epoch", "epochs"}},
      {"duplicate key", std::string("suite: s\nseed: 1\nseed: 2\ntasks: [math/arithmetic]\n") + kModels, {"suite.yaml:3:1", "seed"}},
      {"alias to itself", "suite: s\ntasks: &a [*a]\n", {"suite.yaml:2"}},
      {"wrong type", std::string("suite: s\nepochs: many\ntasks: [math/arithmetic]\n") + kModels, {"suite.yaml:2:9", "integer", "many"}},
      {"no models", "suite: s\ntasks: [math/arithmetic]\n", {"suite.yaml", "models"}},
      {"two models of one name",
       "suite: s\ntasks: [math/arithmetic]\nmodels: [{name: m, backend: scripted}, {name: m, backend: scripted}]\n",
       {"suite.yaml", "'m'"}},
      {"unknown backend", "suite: s\ntasks: [math/arithmetic]\nmodels: [{name: m, backend: scriptd}]\n", {"scriptd", "scripted"}},
      {"unknown backend option",
       "suite: s\ntasks: [math/arithmetic]\nmodels: [{name: m, backend: scripted, options: {behavior: perfect}}]\n",
       {"behavior", "behaviour"}},
      {"unknown task option",
       std::string("suite: s\ntasks: [{task: math/arithmetic, options: {levle: 3}}]\n") + kModels,
       {"levle"}},
      {"zero epochs", std::string("suite: s\nepochs: 0\ntasks: [math/arithmetic]\n") + kModels, {"suite.yaml:2:9", "integer from 1"}},
      {"invalid UTF-8", std::string("suite: \"\xff\"\ntasks: [math/arithmetic]\n") + kModels, {"suite.yaml:1", "UTF-8"}},
      {"two documents", std::string("suite: s\ntasks: [math/arithmetic]\n") + kModels + "---\nsuite: t\n", {"suite.yaml"}},
      {"sampling out of range", std::string("suite: s\ntasks: [math/arithmetic]\nsampling: {top_p: 2}\n") + kModels, {"suite.yaml:3", "top_p"}},
      {"empty file", "", {"suite.yaml"}},
  };
  for (const SuiteCase& c : cases) {
    DYNAMIC_SECTION(c.what) {
      const TempDir dir;
      dir.file("suite.yaml", c.suite);
      check_refused(assay({"run", "suite.yaml", "--db", "out.db"}, {}, dir.str()), c.says);
      CHECK_FALSE(std::filesystem::exists(dir / "out.db"));
    }
  }
}

TEST_CASE("wrong options are refused with what was meant") {
  struct Row {
    std::vector<std::string> args;
    std::vector<const char*> says;
  };
  const std::vector<Row> rows = {
      {{"rnu"}, {"rnu", "run"}},
      {{"run", "--model", "m", "--backend", "scripted", "--taks", "math/arithmetic"}, {"--taks", "--tasks"}},
      {{"run"}, {"suite file", "--tasks"}},
      {{"run", "--tasks", "math/arithmetic"}, {"--model"}},
      {{"run", "nowhere.yaml"}, {"nowhere.yaml"}},
      {{"run", "--tasks", "math/arithmetic", "--model", "m", "--backend", "scripted", "--limit", "three"}, {"--limit"}},
      {{"run", "--tasks", "math/arithmetic", "--model", "m", "--backend", "scripted", "--strategy", "best"}, {"--strategy", "best"}},
      {{"run", "--tasks", "math/arithmetic", "--model", "m", "--backend", "scripted", "-M", "latency"}, {"--model-option", "KEY=VALUE"}},
      {{"run", "--tasks", "math/arithmetic", "--model", "m", "--backend", "scripted", "--format", "tabel"}, {"--format", "tabel"}},
      {{"run", "--resume"}, {"--resume"}},
      {{"run", "--resume", "--dry-run"}, {"--dry-run"}},
      {{"run", "--resume", "--epochs", "3"}, {"--resume", "--epochs"}},
      {{"run", "--tasks", "math/arithmetic", "--model", "m", "--backend", "scripted", "--epochs", "0"}, {"--epochs"}},
      {{"run", "--tasks", "math/arithmetic", "--model", "m", "--backend", "scripted", "--limit", "-1"}, {"--limit"}},
      {{"run", "--tasks", "math/arithmetic", "--model", "m", "--backend", "scripted", "--timeout", "nan"}, {"--timeout"}},
      {{"run", "--tasks", "math/arithmetic", "--model", "m", "--backend", "scripted", "--max-error-rate", "nan"},
       {"--max-error-rate"}},
      {{"run", "--tasks", "math/arithmetic", "--model", "m", "--backend", "scripted", "-o", "no/such/x.md"},
       {"--output", "no/such"}},
      {{"report", "--db", "nowhere.db"}, {"nowhere.db"}},
      {{"report", "--format", "jsno"}, {"jsno", "json"}},
      {{"show", "latest", "x", "--db", "nowhere.db"}, {"nowhere.db"}},
      {{"list", "taks"}, {"taks"}},
      {{"import", "nowhere.jsonl", "--format", "zeroeval", "--task", "math/gsm8k"}, {"nowhere.jsonl"}},
      {{"import", "x.jsonl", "--format", "zeroeva", "--task", "math/gsm8k"}, {"zeroeva"}},
      {{"sql", "select 1", "--db", "nowhere.db"}, {"nowhere.db"}},
      {{"data", "pull", "gsm8"}, {"gsm8", "gsm8k"}},
  };
  for (const Row& row : rows) {
    std::string name;
    for (const std::string& a : row.args) name += a + " ";
    DYNAMIC_SECTION(name) {
      const TempDir dir;
      dir.file("x.jsonl", "{}\n");
      check_refused(assay(row.args, {}, dir.str()), row.says);
      CHECK_FALSE(std::filesystem::exists(dir / "assay.db"));
    }
  }
}

TEST_CASE("data that is missing or altered is refused by name") {
  const TempDir dir;
  const std::map<std::string, std::string> env = {{"ASSAY_DATA", dir.str()}, {"XDG_CACHE_HOME", dir / "cache"}};
  const std::vector<std::string> args = {"run", "--tasks", "math/gsm8k", "--model", "m", "--backend", "scripted"};
  check_refused(assay(args, env, dir.str()), {"math/gsm8k", "assay data pull gsm8k"});

  dir.file("gsm8k/test.jsonl", "{\"question\":\"1+1?\",\"answer\":\"#### 2\"}\n");
  check_refused(assay(args, env, dir.str()), {"gsm8k/test.jsonl", "SHA-256"});
  CHECK_FALSE(std::filesystem::exists(dir / "assay.db"));
}

TEST_CASE("a bad row of a user's data is named with its file and line") {
  const TempDir dir;
  dir.file("mine.jsonl", "{\"q\":\"1+1?\",\"a\":\"2\"}\n{\"q\":\"2+2?\"}\n");
  dir.file("mine.yaml",
           "task: math/mine\nversion: 1\nsummary: mine\ndataset: {path: mine.jsonl, format: jsonl}\n"
           "fields: {question: q, target: a}\nprompt: \"{question}\"\nscorers: [numeric]\n");
  const auto result = assay({"run", "--task-file", "mine.yaml", "--tasks", "math/mine", "--data-dir", ".", "--model", "m",
                             "--backend", "scripted", "--quiet"},
                            {}, dir.str());
  INFO(result.err);
  CHECK(result.exit_code == 3);
  CHECK_THAT(result.err, has("mine.jsonl:2") && has("'a'"));
}

}  // namespace assay::test
