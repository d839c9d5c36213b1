// What a task file may say, and how a faulty one is refused.
#include <string>

#include "harness/api/catalog.h"
#include "tasks/task_file.h"
#include "tests/support/catch.h"
#include "tests/tasks/task_fixtures.h"

using namespace assay;

namespace {

constexpr std::string_view kGood = R"y(task: my/set
version: 2
summary: Mine
dataset:
  path: rows.jsonl
fields:
  question: q
  target: a
prompt: "{question}"
scorers: [exact]
)y";

// kGood with one line replaced; `with` may hold several lines, or be empty.
std::string replaced(std::string_view line, std::string_view with) {
  std::string text(kGood);
  const std::size_t at = text.find(line);
  REQUIRE(at != std::string::npos);
  return text.replace(at, line.size(), with);
}

std::string failure(const std::string& text) {
  const auto specs = parse_task_file(text, "t.yaml");
  return specs ? "(no error)" : specs.error().message;
}

}  // namespace

TEST_CASE("A task file gives the task it describes") {
  const auto specs = parse_task_file(R"y(task: my/set
version: 3
summary: Mine
dataset: {path: data/rows.json.gz, records: items, sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}
fields:
  question: "{title}: {body}"
  target: [{field: a, transform: strip}, {field: b, regex: "= *(\\d+)"}]
  choices: options
  key: "row {index} of {source}"
  cluster: page
  metadata: [source, extra]
system: Be brief.
prompt: "{question}\n{choices}"
scorers: [{numeric: {last_number: true}}, choice, {regex: {pattern: "x{{y}}"}}]
metrics: [accuracy]
)y",
                                     "t.yaml");
  REQUIRE(specs.ok());
  REQUIRE(specs->size() == 1);
  const TaskSpec& spec = specs->front();
  CHECK(spec.info.id == "my/set");
  CHECK(spec.info.version == 3);
  CHECK(spec.info.dataset == "data/rows.json.gz");
  CHECK_FALSE(spec.info.procedural);
  REQUIRE(spec.info.scorers.size() == 3);
  CHECK(spec.info.scorers[0].id == "numeric");
  CHECK(dump_json(spec.info.scorers[0].options) == R"({"last_number":true})");
  CHECK(spec.info.scorers[1].options.empty());
  CHECK(spec.data.layout.format == DataFormat::json);
  CHECK(spec.data.layout.records == "items");
  CHECK(spec.data.sha256->hex().substr(0, 8) == "01234567");
  CHECK(spec.fields.target.size() == 2);
  CHECK(spec.system == "Be brief.");
}

TEST_CASE("Subsets share what the file says and override what they say themselves") {
  const auto specs = parse_task_file(R"y(task: my/set
version: 1
summary: Several
dataset: {path: "{subset}.jsonl"}
fields: {question: q, target: a}
prompt: "{question}"
scorers: [exact]
subsets:
  one:
  two: {summary: The second, version: 4, scorers: [numeric], prompt: "Q: {question}"}
)y",
                                     "t.yaml");
  REQUIRE(specs.ok());
  REQUIRE(specs->size() == 2);
  CHECK(specs->at(0).info.id == "my/set/one");
  CHECK(specs->at(0).info.summary == "Several");
  CHECK(specs->at(0).data.path == "one.jsonl");
  CHECK(specs->at(1).info.id == "my/set/two");
  CHECK(specs->at(1).info.version == 4);
  CHECK(specs->at(1).info.scorers.front().id == "numeric");
  CHECK(specs->at(1).prompt == "Q: {question}");
  CHECK(specs->at(1).data.path == "two.jsonl");
}

TEST_CASE("A faulty task file is refused with file, line, column and what was expected") {
  struct Row {
    const char* line;
    const char* with;
    const char* message;  // its start
  };
  const Row rows[] = {
      {"task: my/set", "name: my/set", "t.yaml:1:1: unknown key 'name'"},
      {"scorers: [exact]", "scorer: [exact]", "t.yaml:10:1: unknown key 'scorer' (did you mean 'scorers'?)"},
      {"scorers: [exact]", "", "t.yaml:1:1: the key 'scorers' is missing"},
      {"summary: Mine", "summary: Mine\nsummary: Yours", "t.yaml:4:1: the key 'summary' is given twice; first on line 3"},
      {"task: my/set", "task: [a]", "t.yaml:1:7: expected a text, got a list"},
      {"task: my/set", "task: my//set", "t.yaml:1:7: expected a task name such as math/my-set, got 'my//set'"},
      {"task: my/set", "task: ../set", "t.yaml:1:7: expected a task name"},
      {"task: my/set", "task: \"a\\nb\"", "t.yaml:1:7: expected a task name such as math/my-set, got 'a\\nb'"},
      {"version: 2", "version: two", "t.yaml:2:10: expected a non-negative integer, got 'two'"},
      {"version: 2", "version: 0", "t.yaml:2:10: expected a version from 1"},
      {"version: 2", "", "t.yaml:1:1: the key 'version' is missing"},
      {"  path: rows.jsonl", "  path: rows.jsonl\n  name: gsm8k", "t.yaml:5:3: expected `name` of a known data set, or `path`"},
      {"  path: rows.jsonl", "  format: jsonl", "t.yaml:5:3: expected `name` of a known data set, or `path`"},
      {"  path: rows.jsonl", "  name: gsm9k", "t.yaml:5:9: unknown data set 'gsm9k' (did you mean 'gsm8k'?)"},
      {"  path: rows.jsonl", "  name: bbh", "t.yaml:5:3: the data set 'bbh' has several files; `file` names one"},
      {"  path: rows.jsonl", "  name: bbh\n  file: bbh/none.json", "t.yaml:6:9: the data set 'bbh' has no file 'bbh/none.json'"},
      {"  path: rows.jsonl", "  path: rows.parquet", "t.yaml:5:3: expected `format: jsonl`, `json` or `csv`"},
      {"  path: rows.jsonl", "  path: rows\n  format: xml", "t.yaml:6:11: expected jsonl, json or csv, got 'xml'"},
      {"  path: rows.jsonl", "  path: rows.jsonl\n  records: x", "t.yaml:6:12: `records` is for the format json only"},
      {"  path: rows.jsonl", "  path: rows.jsonl\n  sha256: 12", "t.yaml:6:11: expected 64 hexadecimal digits, got '12'"},
      {"  path: rows.jsonl", "  path: rows.jsonl\n  sha265: 12", "t.yaml:6:3: unknown key 'sha265' (did you mean 'sha256'?)"},
      {"  question: q", "", "t.yaml:8:3: the key 'question' is missing"},
      {"  question: q", "  question: q\n  tagret: a", "t.yaml:8:3: unknown key 'tagret' (did you mean 'target'?)"},
      {"  target: a", "", "t.yaml:7:3: `target` or `targets` is missing, and the scorer 'exact' needs one"},
      {"  target: a", "  target: a\n  targets: b", "t.yaml:9:12: expected `target` or `targets`, not both"},
      {"  target: a", "  target: {field: a, transform: strp}", "t.yaml:8:33: unknown transform 'strp' (did you mean 'strip'?)"},
      {"  target: a", "  target: {field: a, regex: \"(\"}", "t.yaml:8:29: "},
      {"  target: a", "  target: {field: a, regex: \"x\"}", "t.yaml:8:29: expected a pattern with exactly one group"},
      {"  target: a", "  target: {transform: strip}", "t.yaml:8:11: the key 'field' is missing"},
      {"  target: a", "  target: []", "t.yaml:8:11: expected at least one target"},
      {"prompt: \"{question}\"", "prompt: Hello", "t.yaml:9:9: the prompt has no {field} of the data"},
      {"prompt: \"{question}\"", "prompt:", "t.yaml:9:1: expected a text, got nothing"},
      {"scorers: [exact]", "scorers: []", "t.yaml:10:10: expected a list of at least one scorer"},
      {"scorers: [exact]", "scorers: exact", "t.yaml:10:10: expected a list of at least one scorer"},
      {"scorers: [exact]", "scorers: [{a: 1, b: 2}]", "t.yaml:10:11: expected one scorer and its options"},
      {"scorers: [exact]", "scorers: [{exact: 3}]", "t.yaml:10:19: expected the scorer's options as a mapping"},
      {"scorers: [exact]", "scorers: [exact]\nmetrics: [accuraccy]", "t.yaml:11:11: unknown metric 'accuraccy'; known is accuracy"},
      {"scorers: [exact]", "scorers: [exact]\nfewshot: {count: 1}", "t.yaml:11:10: expected `examples`, or `data`"},
      {"scorers: [exact]", "scorers: [exact]\nfewshot: {examples: [{q: x}]}", "t.yaml:11:22: the key 'answer' is missing"},
      {"scorers: [exact]", "scorers: [exact]\nfewshot: {count: 2, examples: [{q: x, answer: y}]}",
       "t.yaml:11:18: expected at most 1 examples, got 2"},
      {"scorers: [exact]", "scorers: [exact]\nfewshot: {data: {path: rows.jsonl}, answer: x}",
       "t.yaml:11:10: the examples must not come from the rows that are scored"},
      {"scorers: [exact]", "scorers: [exact]\nsubsets: {}", "t.yaml:11:10: expected a mapping of subsets"},
      {"scorers: [exact]", "scorers: [exact]\nsubsets: {\"a b\": {summary: x}}", "t.yaml:11:18: expected a plain subset name, got 'a b'"},
      {"scorers: [exact]", "scorers: [exact]\nsubsets: {a: {task: x}}", "t.yaml:11:15: unknown key 'task'"},
  };
  for (const Row& row : rows) {
    INFO(row.with);
    const std::string message = failure(replaced(row.line, row.with));
    CHECK(message.substr(0, std::string(row.message).size()) == row.message);
    CHECK(message.find('\n') == std::string::npos);
  }
  CHECK(failure("") == "t.yaml:1:1: expected a mapping, got nothing");
  CHECK(failure("- a") == "t.yaml:1:1: expected a mapping, got a list");
  CHECK(failure(std::string(kGood)) == "(no error)");
}

TEST_CASE("Tasks come from a user's own file, and a missing one is named") {
  const testing::TempFolder dir;
  const auto file = dir.write("t.yaml", kGood);
  const auto tasks = tasks_from_file(file);
  REQUIRE(tasks.ok());
  REQUIRE(tasks->size() == 1);
  CHECK(tasks->front().id == "my/set");
  auto task = tasks->front().make();
  REQUIRE(task.ok());
  CHECK((*task)->describe().version == 2);
  const auto none = tasks_from_file(dir.path() / "none.yaml");
  REQUIRE_FALSE(none.ok());
  CHECK(none.error().message.find("none.yaml: cannot be read: No such file") != std::string::npos);
}
