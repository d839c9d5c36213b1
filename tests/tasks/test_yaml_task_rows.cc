// From data rows to samples: mapping, keys, identity, prompts, few-shot, and bad rows.
#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "harness/api/catalog.h"
#include "harness/base/format.h"
#include "tests/support/catch.h"
#include "tests/tasks/task_fixtures.h"

using namespace assay;
using testing::TempFolder;

namespace {

constexpr const char* kHead = "task: my/set\nversion: 1\nsummary: Mine\ndataset: {path: rows.jsonl}\n";

Result<std::unique_ptr<SampleSet>> open(const TempFolder& dir, const std::string& yaml, const TaskContext& ctx = {}) {
  auto tasks = tasks_from_file(dir.write("task.yaml", yaml));
  if (!tasks) return tasks.error();
  auto task = tasks->front().make();
  if (!task) return task.error();
  return (*task)->open(ctx);
}

std::unique_ptr<SampleSet> opened(const TempFolder& dir, const std::string& yaml, const TaskContext& ctx = {}) {
  auto set = open(dir, yaml, ctx);
  if (!set) FAIL(set.error().message);
  return std::move(*set);
}

Sample sample(const SampleSet& set, std::uint64_t i) {
  auto out = set.at(i);
  if (!out) FAIL(out.error().message);
  return *out;
}

const std::string kPlain = std::string(kHead) + "fields: {question: q, target: a}\nprompt: \"Q: {question}\"\nscorers: [exact]\n";

}  // namespace

TEST_CASE("Fields become question, targets, choices, key, cluster and metadata") {
  const TempFolder dir;
  dir.write("rows.jsonl",
            R"({"q":"Which?","a":" x ","b":"so b = 12","opts":["one",2,3.0,true],"id":7,"page":"p1","meta":{"k":[1]}})"
            "\n\n"
            R"({"q":"What?","a":"y","b":"= 3","opts":"lone","id":8,"page":9,"meta":{"k":null}})"
            "\r\n");
  const auto set = opened(dir, std::string(kHead) + R"y(
fields:
  question: q
  target: [{field: a, transform: strip}, {field: b, regex: "= *(\\d+)"}]
  choices: opts
  key: "{id}/{index}"
  cluster: page
  metadata: [meta.k, id]
system: Be brief.
prompt: "{question}\n{choices}\n{{literal}} \\boxed{} {page}"
scorers: [exact]
)y");
  REQUIRE(set->size() == 2);
  const Sample one = sample(*set, 0);
  CHECK(one.question == "Which?");
  CHECK(one.targets == std::vector<std::string>{"x", "12"});
  CHECK(one.choices == std::vector<std::string>{"one", "2", "3", "true"});
  CHECK(one.key == "7/0");
  CHECK(one.cluster == "p1");
  CHECK(dump_json(one.metadata) == R"({"id":7,"meta.k":[1]})");
  REQUIRE(one.messages.size() == 2);
  CHECK(one.messages[0] == Message{Role::system, "Be brief."});
  CHECK(one.messages[1] == Message{Role::user, "Which?\n(A) one\n(B) 2\n(C) 3\n(D) true\n{literal} \\boxed{} p1"});
  const Sample two = sample(*set, 1);
  CHECK(two.choices == std::vector<std::string>{"lone"});
  CHECK(two.cluster == "9");
  CHECK(two.key == "8/1");
}

TEST_CASE("Numbers of a row reach the sample as they are, never rounded") {
  struct Row {
    const char* number;
    const char* text;
  };
  const Row rows[] = {
      {"27", "27"},
      {"27.0", "27"},
      {"0.1", "0.1"},
      {"-1.50", "-1.5"},
      {"0.30000000000000004", "0.30000000000000004"},
      {"9223372036854775807", "9223372036854775807"},
      {"18446744073709551615", "18446744073709551615"},
      {"18446744073709551616", "18446744073709551616"},
      {"12345678901234567890123", "12345678901234567890123"},
      {"-12345678901234567890123", "-12345678901234567890123"},
      {"100000000000000000000000", "100000000000000000000000"},
      {"123456789.123456789", "123456789.123456789"},
      {"0.1000000000000000000001", "0.1000000000000000000001"},
      {"1.00000000000000000001e2", "1.00000000000000000001e2"},
      {"0.0001200", "0.00012"},
      {"0.0", "0"},
  };
  for (const Row& row : rows) {
    INFO(row.number);
    const TempFolder dir;
    dir.write("rows.jsonl", std::string("{\"q\":\"1e400 \\\"2\",\"a\":") + row.number + "}\n");
    const auto set = open(dir, kPlain);
    REQUIRE(set.ok());
    const auto sample = (*set)->at(0);
    REQUIRE(sample.ok());
    CHECK(sample->question == "1e400 \"2");
    REQUIRE(sample->targets.size() == 1);
    CHECK(sample->targets[0] == row.text);
  }
}

TEST_CASE("A bad data row is named by file, line and field, before anything is asked of a model") {
  struct Row {
    const char* rows;
    const char* message;  // after the file's name
  };
  const Row rows[] = {
      {"{\"q\":\"x\",\"a\":\"y\"}\n{\"q\":\"x\"\n", ":2: parse error"},
      {"{\"q\":\"x\",\"a\":\"y\"}\n\n{\"q\":\"x\"}\n", ":3: field 'a' is missing; the row has q"},
      {"{}", ":1: field 'q' is missing; the row has none"},
      {"{\"q\":null,\"a\":\"y\"}", ":1: field 'q' is null, expected a text"},
      {"{\"q\":[1],\"a\":\"y\"}", ":1: field 'q' is array, expected a text"},
      {"{\"q\":\"x\",\"a\":{}}", ":1: field 'a' is object, expected a text"},
      {"[1,2]", ":1: expected an object, got array"},
      {"\"text\"\n", ":1: expected an object, got string"},
      {"{\"q\":\"x\xff\",\"a\":\"y\"}", ":1: "},
      {"{\"q\\u001b[31m\":\"x\"}", ":1: field 'q' is missing; the row has q\\x1b[31m"},
  };
  for (const Row& row : rows) {
    INFO(row.rows);
    const TempFolder dir;
    const auto file = dir.write("rows.jsonl", row.rows);
    const auto set = open(dir, kPlain);
    REQUIRE_FALSE(set.ok());
    CHECK(set.error().code == Code::invalid);
    const std::string start = file.string() + row.message;
    CHECK(set.error().message.substr(0, start.size()) == start);
    CHECK(set.error().message.find('\n') == std::string::npos);
  }
}

TEST_CASE("Transforms, patterns, lists and keys that do not fit a row are named too") {
  struct Row {
    const char* fields;
    const char* message;
  };
  const Row rows[] = {
      {"{question: q, target: {field: a, transform: after_hashes}}", ":1: field 'a': no '####' in it"},
      {"{question: q, target: {field: a, transform: last_boxed}}", ":1: field 'a': no '\\boxed{' in it"},
      {"{question: q, target: {field: a, regex: \"(z)\"}}", ":1: field 'a' does not match the pattern '(z)'"},
      {"{question: q, targets: empty}", ":1: field 'empty' is an empty list, expected at least one target"},
      {"{question: q, targets: nested}", ":1: field 'nested' holds array, expected texts"},
      {"{question: q, target: a, metadata: [gone]}", ":1: field 'gone' is missing, and the task's scorers need it"},
      {"{question: q, target: a, key: same}", ":2: the key 's' is that of row 1 too, expected one of its own"},
      {"{question: q, target: a, key: void}", ":1: field 'void' is empty, expected a key"},
      {"{question: q, target: a, choices: {lettered: q}}", ":1: field 'q': no line 'Options:' in it"},
      {"{question: \"{q} {r}\", target: a}", ":1: field 'r' is missing; the row has a, empty, nested, q, same, void"},
  };
  for (const Row& row : rows) {
    INFO(row.fields);
    const TempFolder dir;
    const std::string line = R"({"q":"x","a":"y","empty":[],"nested":[[1]],"same":"s","void":""})";
    const auto file = dir.write("rows.jsonl", line + "\n" + line + "\n");
    const auto set = open(dir, std::string(kHead) + "fields: " + row.fields + "\nprompt: \"{question}\"\nscorers: [exact]\n");
    REQUIRE_FALSE(set.ok());
    CHECK(set.error().message == file.string() + row.message);
  }
}

TEST_CASE("Equal rows have equal identity and are told apart by their occurrence; equal prompts are not") {
  const TempFolder dir;
  dir.write("rows.jsonl",
            "{\"q\":\"x\",\"a\":\"yes\"}\n{\"q\":\"x\",\"a\":\"no\"}\n{\"a\": \"yes\", \"q\": \"x\"}\n{\"q\":\"x\",\"a\":\"yes\"}\n");
  const auto set = opened(dir, kPlain);
  std::vector<std::uint32_t> occurrences;
  for (std::uint64_t i = 0; i < 4; ++i) occurrences.push_back(sample(*set, i).occurrence);
  CHECK(occurrences == std::vector<std::uint32_t>{0, 0, 1, 2});
  CHECK(sample(*set, 0).identity == sample(*set, 2).identity);
  CHECK(sample(*set, 0).identity == sample(*set, 3).identity);
  CHECK(sample(*set, 0).identity != sample(*set, 1).identity);
  CHECK(sample(*set, 0).messages == sample(*set, 1).messages);
  CHECK(sample(*set, 0).key == "rows.jsonl-0");
  CHECK(sample(*set, 3).key == "rows.jsonl-3");
}

TEST_CASE("A variant changes the prompt, the system prompt or the examples, each as a factor of its own") {
  const TempFolder dir;
  dir.write("rows.jsonl", "{\"q\":\"x\",\"a\":\"y\",\"hint\":\"h\"}\n");
  const std::string yaml = kPlain + "system: S\nfewshot: {count: 0, examples: [{q: e1, answer: r1}, {question: e2, answer: r2}]}\n";
  const auto base = opened(dir, yaml);
  CHECK(sample(*base, 0).messages == std::vector<Message>{{Role::system, "S"}, {Role::user, "Q: x"}});
  CHECK(base->factors().fewshot == Digest{});
  CHECK(base->factors().system == sha256("S"));

  TaskContext ctx;
  ctx.prompt.prompt = "{question} ({hint})";
  const auto prompt = opened(dir, yaml, ctx);
  CHECK(sample(*prompt, 0).messages.back().content == "x (h)");
  CHECK(prompt->factors().prompt != base->factors().prompt);
  CHECK(prompt->factors().system == base->factors().system);
  CHECK(prompt->factors().data == base->factors().data);
  CHECK(sample(*prompt, 0).identity == sample(*base, 0).identity);

  ctx.prompt = {};
  ctx.prompt.system = "";
  const auto bare = opened(dir, yaml, ctx);
  CHECK(sample(*bare, 0).messages == std::vector<Message>{{Role::user, "Q: x"}});
  CHECK(bare->factors().system == Digest{});

  ctx.prompt = {};
  ctx.prompt.fewshot = 2;
  const auto shots = opened(dir, yaml, ctx);
  CHECK(sample(*shots, 0).messages ==
        std::vector<Message>{{Role::system, "S"}, {Role::user, "Q: e1"}, {Role::assistant, "r1"}, {Role::user, "Q: e2"},
                             {Role::assistant, "r2"}, {Role::user, "Q: x"}});
  CHECK(shots->factors().fewshot != Digest{});
  CHECK(shots->factors().prompt == base->factors().prompt);

  const auto failure = [&](const PromptOverride& p) {
    TaskContext with;
    with.prompt = p;
    const auto set = open(dir, yaml, with);
    return set.ok() ? std::string("(no error)") : set.error().message;
  };
  CHECK(failure({std::nullopt, std::nullopt, 3}) == "task my/set: few-shot examples: 3 are asked for, the task has 2");
  CHECK(failure({"{question} {a}", std::nullopt, std::nullopt}) == "task my/set: the prompt's {a} holds the answer");
  CHECK(failure({"Hello", std::nullopt, std::nullopt}).find("task my/set: the prompt has no {field}") == 0);
  CHECK(failure({"{nope}", std::nullopt, std::nullopt}).find("rows.jsonl:1: prompt template, byte 0: unknown field {nope}") !=
        std::string::npos);
}

TEST_CASE("Examples drawn from another file follow the seed and never ask the sample's own question") {
  const TempFolder dir;
  std::string train;
  for (int i = 0; i < 6; ++i) train += format("{{\"q\":\"t{}\",\"a\":\"r{}\"}}\n", i, i);
  dir.write("train.jsonl", train);
  std::string rows;
  for (int i = 0; i < 6; ++i) rows += format("{{\"q\":\"t{}\",\"a\":\"y\"}}\n", i);
  dir.write("rows.jsonl", rows);
  const std::string yaml = kPlain + "fewshot: {count: 3, data: {path: train.jsonl}, answer: \"It is {target}.\"}\n";
  TaskContext ctx;
  ctx.seed = 5;
  const auto set = opened(dir, yaml, ctx);
  for (std::uint64_t i = 0; i < 6; ++i) {
    const Sample s = sample(*set, i);
    REQUIRE(s.messages.size() == 7);
    for (std::size_t m = 0; m < 6; m += 2) {
      CHECK(s.messages[m].content != s.messages.back().content);
      CHECK(s.messages[m + 1].content == "It is r" + s.messages[m].content.substr(4) + ".");
    }
  }
  const auto again = opened(dir, yaml, ctx);
  CHECK(again->factors().fewshot == set->factors().fewshot);
  bool differs = false;
  for (ctx.seed = 6; ctx.seed < 12; ++ctx.seed) {
    differs = differs || opened(dir, yaml, ctx)->factors().fewshot != set->factors().fewshot;
  }
  CHECK(differs);
  ctx.prompt.fewshot = 6;
  const auto many = open(dir, yaml, ctx);
  REQUIRE_FALSE(many.ok());
  CHECK(many.error().message.find("6 are asked for, and ") != std::string::npos);
}

TEST_CASE("The limit takes the first rows, and options that a task does not have are refused") {
  const TempFolder dir;
  dir.write("rows.jsonl", "{\"q\":\"x\",\"a\":\"y\"}\n{\"q\":\"z\",\"a\":\"y\"}\nnot json\n");
  TaskContext ctx;
  ctx.limit = 2;
  CHECK(opened(dir, kPlain, ctx)->size() == 2);
  ctx.limit = 3;
  CHECK_FALSE(open(dir, kPlain, ctx).ok());
  ctx.limit = 1;
  ctx.options = Json{{"level", 3}};
  CHECK(open(dir, kPlain, ctx).error().message == "task my/set: unknown option 'level'; this task takes none");
  dir.write("rows.jsonl", "\n\n");
  CHECK(open(dir, kPlain).error().message.find("rows.jsonl has no rows") != std::string::npos);
}

TEST_CASE("JSON arrays and CSV files hold rows too, each named by its line") {
  const TempFolder dir;
  const std::string tail = "fields: {question: q, target: a}\nprompt: \"{question}\"\nscorers: [exact]\n";
  const std::string head = "task: my/set\nversion: 1\nsummary: Mine\n";
  dir.write("rows.json", "{\"n\": [1, {\"items\": 2}], \"items\": [\n  {\"q\": \"a]}\\\"\", \"a\": \"1\"},\n\n  {\"q\": \"b\", \"a\": \"2\"}\n]}\n");
  const std::string json = head + "dataset: {path: rows.json, records: items}\n" + tail;
  const auto set = opened(dir, json);
  REQUIRE(set->size() == 2);
  CHECK(sample(*set, 0).question == "a]}\"");
  CHECK(sample(*set, 1).targets.front() == "2");
  const auto file = dir.write("rows.json", "{\"items\": [\n  {\"q\": \"a\", \"a\": \"1\"},\n  {\"q\": \"b\"}]}");
  CHECK(open(dir, json).error().message == file.string() + ":3: field 'a' is missing; the row has q");
  dir.write("rows.json", "{\"other\": []}");
  CHECK(open(dir, json).error().message == file.string() + ": the key 'items' is missing");
  dir.write("rows.json", "{\"items\": {}}");
  CHECK(open(dir, json).error().message == file.string() + ": 'items' is not an array");
  dir.write("rows.json", "{\"items\": [}");
  CHECK(open(dir, json).error().message.find(file.string() + ": parse error") == 0);

  const std::string csv = head + "dataset: {path: rows.csv}\n" + tail;
  const auto table = dir.write("rows.csv", "\xEF\xBB\xBF" "q,a\r\n\"two\nlines, \"\"quoted\"\"\",1\r\nplain,\"2\"\r\n");
  const auto rows = opened(dir, csv);
  REQUIRE(rows->size() == 2);
  CHECK(sample(*rows, 0).question == "two\nlines, \"quoted\"");
  CHECK(sample(*rows, 1).targets.front() == "2");
  struct Row {
    const char* text;
    const char* message;
  };
  const Row faults[] = {{"q,a\nx,y\nz\n", ":3: expected 2 fields, got 1"},
                        {"q,a\n\"x,y\n", ":2: a quote that is never closed"},
                        {"q,a\n\"x\"y,z\n", ":2: text after a closing quote"},
                        {"q,q\nx,y\n", ":1: the field 'q' is named twice"},
                        {"q,b\nx,y\n", ":2: field 'a' is missing; the row has b, q"}};
  for (const Row& fault : faults) {
    dir.write("rows.csv", fault.text);
    INFO(fault.text);
    CHECK(open(dir, csv).error().message == table.string() + fault.message);
  }
}

TEST_CASE("Missing data and data of another digest are refused") {
  const TempFolder dir;
  const TempFolder other;
  const std::string missing = open(dir, kPlain).error().message;
  CHECK(missing == "task my/set: the data file 'rows.jsonl' is not in " + dir.path().string());
  other.write("rows.jsonl", "{\"q\":\"x\",\"a\":\"y\"}\n");
  TaskContext ctx;
  ctx.data_dirs = {other.path()};
  CHECK(opened(dir, kPlain, ctx)->size() == 1);
  const std::string sum(64, 'a');
  const std::string pinned = "task: my/set\nversion: 1\nsummary: Mine\ndataset: {path: rows.jsonl, sha256: " + sum +
                             "}\nfields: {question: q, target: a}\nprompt: \"{question}\"\nscorers: [exact]\n";
  CHECK(open(dir, pinned, ctx).error().message ==
        "task my/set: " + (other.path() / "rows.jsonl").string() + " has the SHA-256 " +
            sha256("{\"q\":\"x\",\"a\":\"y\"}\n").hex() + ", expected " + sum);
}

TEST_CASE("A file that changes while it is read is noticed") {
  const TempFolder dir;
  const auto file = dir.write("rows.jsonl", "{\"q\":\"x\",\"a\":\"y\"}\n");
  const auto set = opened(dir, kPlain);
  dir.write("rows.jsonl", "{\"q\":\"z\",\"a\":\"y\"}\n");
  CHECK(set->at(0).error().message == file.string() + ":1: the file changed while it was in use");
  dir.write("rows.jsonl", "");
  CHECK(set->at(0).error().message == file.string() + ":1: the file changed while it was in use");
}

TEST_CASE("Samples are the same from any thread, in any order") {
  const TempFolder dir;
  std::string rows;
  for (int i = 0; i < 2000; ++i) rows += format("{{\"q\":\"question {}\",\"a\":\"{}\"}}\n", i % 700, i % 700);
  dir.write("rows.jsonl", rows);
  const auto set = opened(dir, kPlain);
  std::vector<std::vector<Digest>> seen(4);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < seen.size(); ++t) {
    threads.emplace_back([&seen, &set, t] {
      for (std::uint64_t n = 0; n < set->size(); ++n) {
        const std::uint64_t i = t % 2 == 0 ? n : set->size() - 1 - n;
        const auto s = set->at(i);
        DigestBuilder b;
        if (s) b.add("key", s->key).add("text", s->messages.back().content).add("n", static_cast<std::int64_t>(s->occurrence));
        seen[t].push_back(b.finish());
      }
      if (t % 2 == 1) std::reverse(seen[t].begin(), seen[t].end());
    });
  }
  for (std::thread& t : threads) t.join();
  for (const auto& other : seen) CHECK(other == seen[0]);
}
