#include "harness/run/import/import.h"

#include <algorithm>

#include "harness/api/catalog.h"
#include "harness/base/json.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

using namespace assay;
using assay::test::TempDir;

namespace {

constexpr const char* kTask = R"(task: test/sums
version: 1
summary: sums for a test
dataset: {path: sums.jsonl}
fields:
  question: question
  target: answer
  key: "sum-{index}"
prompt: "{question}"
scorers: [numeric]
)";

constexpr const char* kData =
    "{\"question\": \"How much is two and two, in numbers?\", \"answer\": \"4\"}\n"
    "{\"question\": \"How much is five and four, in numbers?\", \"answer\": \"9\"}\n"
    "{\"question\": \"How much is seven and one, in numbers?\", \"answer\": \"8\"}\n";

std::string prompt(const std::string& question) {
  return "\n## Question: \n\n" + question + "\n\n\n## Instruction \n\nThink, then answer.";
}

std::string output(const std::string& reasoning, const std::string& answer) {
  return dump_json(Json{{"reasoning", reasoning}, {"answer", answer}});
}

std::string row(const std::string& id, const std::string& question, const std::string& text,
                const std::optional<std::string>& gold = std::nullopt) {
  Json json{{"id", id}, {"chat_history", {prompt(question)}}, {"output", {text}}, {"generator", "g"},
            {"configs", {{"temperature", 0.5}, {"max_tokens", 64}}}, {"extra", 7}};
  if (gold) json["answer"] = *gold;
  return dump_json(json) + "\n";
}

struct World {
  TempDir dir;
  Plugins plugins;
  std::unique_ptr<Store> store;
  ImportOptions options;

  World() {
    const std::string task = dir.file("sums.yaml", kTask);
    dir.file("sums.jsonl", kData);
    auto made = catalog_plugins({task});
    REQUIRE(made.ok());
    plugins = std::move(*made);
    auto opened = Store::open(dir / "test.db", StoreMode::read_write);
    REQUIRE(opened.ok());
    store = std::move(*opened);
    options.task = "test/sums";
    options.scoring_threads = 2;
  }

  Result<ImportOutcome> import(const std::vector<std::pair<std::string, std::string>>& files) {
    options.files.clear();
    for (const auto& [name, text] : files) options.files.push_back(dir.file(name, text));
    return import_files(options, *store, plugins);
  }

  std::vector<ItemRow> items(const std::string& run_id) const {
    Selection selection;
    selection.run_ids = {run_id};
    auto input = store->items(selection);
    REQUIRE(input.ok());
    std::vector<ItemRow> all;
    std::vector<ItemRow> page;
    while (true) {
      auto more = input->next_page(page);
      REQUIRE(more.ok());
      all.insert(all.end(), page.begin(), page.end());
      if (!*more) break;
    }
    return all;
  }

  LeaderboardRow board(const std::string& run_id) const {
    Selection selection;
    selection.run_ids = {run_id};
    auto rows = store->leaderboard(selection);
    REQUIRE(rows.ok());
    REQUIRE(rows->size() == 1);
    return rows->front();
  }
};

const char* const kTwo = "How much is two and two, in numbers?";
const char* const kFive = "How much is five and four, in numbers?";

std::uint64_t count(const LeaderboardRow& row, Outcome o) { return row.outcomes[static_cast<std::size_t>(o)]; }

}  // namespace

TEST_CASE("rows find their sample by id, else by question, else bring their own") {
  World world;
  auto outcome = world.import({{"m.jsonl", row("sum-0", kTwo, output("2+2", "4")) +                      // by id
                                               row("other", "How much is five and  four, in numbers?", output("r", "8")) +
                                               row("sum-2", "Something quite different?", output("r", "3"), "# 3") +
                                               row("", "Another that no one knows?", output("r", "5"), "6")}});
  REQUIRE(outcome.ok());
  const ImportedFile& file = outcome->files.at(0);
  CHECK(file.model == "m");
  CHECK(file.rows == 4);
  CHECK(file.by_id == 1);
  CHECK(file.by_question == 1);
  CHECK(file.from_row == 2);  // the id sum-2 is another question's
  CHECK(outcome->bad_rows.empty());
  const auto items = world.items(outcome->run_id);
  REQUIRE(items.size() == 4);
  const auto outcome_of = [&](const std::string& key, const std::string& extracted) {
    const auto item = std::find_if(items.begin(), items.end(), [&](const ItemRow& i) {
      return i.sample_key == key && i.extracted == extracted;
    });
    REQUIRE(item != items.end());
    return item->outcome;
  };
  CHECK(outcome_of("sum-0", "4") == Outcome::correct);
  CHECK(outcome_of("sum-1", "8") == Outcome::incorrect);
  CHECK(outcome_of("sum-2", "3") == Outcome::correct);
  const LeaderboardRow board = world.board(outcome->run_id);
  CHECK(board.planned == 4);
  CHECK(board.model == "m");
  CHECK(count(board, Outcome::correct) == 2);
  CHECK_FALSE(board.output_tokens.known);
}

TEST_CASE("what was recorded is kept") {
  World world;
  const std::string text = "```json\n" + output("two and two", "4") + "\n```";
  auto outcome = world.import({{"m.json", row("sum-0", kTwo, text, "4")}});
  REQUIRE(outcome.ok());
  CHECK(outcome->files[0].model == "m");
  Selection selection;
  selection.run_ids = {outcome->run_id};
  auto attempts = world.store->attempts(selection, "sum-0");
  REQUIRE(attempts.ok());
  REQUIRE(attempts->size() == 1);
  const AttemptDetail& attempt = attempts->front();
  REQUIRE(attempt.calls.size() == 1);
  const CallRecord& call = attempt.calls[0].call;
  CHECK(call.response.text == text);
  CHECK(call.response.split.trace == "two and two");
  CHECK(call.response.split.answer == "4");
  CHECK(call.response.split.verdict == SplitVerdict::closed);
  CHECK(call.response.split.trace_kind == TraceKind::raw);
  CHECK(call.response.finish == FinishReason::unknown);
  CHECK_FALSE(call.response.usage.output);
  CHECK_FALSE(call.cost_pico);
  CHECK(call.request["messages"][0]["content"] == prompt(kTwo));
  CHECK(call.request["sampling"]["temperature"] == 0.5);
  CHECK(dump_json(call.request["recorded"]) ==
        R"({"answer":"4","configs":{"max_tokens":64,"temperature":0.5},"extra":7,"generator":"g","id":"sum-0","line":1,"rule":"json"})");
  CHECK(attempt.sample.question == kTwo);
}

TEST_CASE("bad rows are named and counted, and lost ones widen the bounds") {
  World world;
  auto outcome = world.import({{"m.jsonl", row("sum-0", kTwo, output("r", "4")) + "{broken\n" +
                                               "{\"id\": \"sum-1\", \"output\": []}\n\n" +
                                               row("x", "A question that no one knows?", output("r", "1"))}});
  REQUIRE(outcome.ok());
  CHECK(outcome->files[0].rows == 1);
  CHECK(outcome->files[0].bad == 3);
  REQUIRE(outcome->bad_rows.size() == 3);
  CHECK(outcome->bad_rows[0].find("m.jsonl:2: ") != std::string::npos);
  CHECK(outcome->bad_rows[1].find("m.jsonl:3: `output` must be a list with one string") != std::string::npos);
  CHECK(outcome->bad_rows[2].find("m.jsonl:5: no sample of test/sums") != std::string::npos);
  const LeaderboardRow board = world.board(outcome->run_id);
  CHECK(board.planned == 4);
  CHECK(count(board, Outcome::correct) == 1);
  CHECK(count(board, Outcome::error) == 1);
  const auto runs = world.store->runs();
  REQUIRE(runs.ok());
  CHECK(runs->front().state == "partial");
}

TEST_CASE("further rows about a sample are further epochs") {
  World world;
  auto even = world.import({{"m.jsonl", row("sum-0", kTwo, output("r", "4")) + row("sum-1", kFive, output("r", "9")) +
                                            row("sum-1", kFive, output("r", "1")) + row("sum-0", kTwo, output("r", "4"))}});
  REQUIRE(even.ok());
  CHECK(even->files[0].epochs == 2);
  LeaderboardRow board = world.board(even->run_id);
  CHECK(board.planned == 4);
  CHECK(board.epochs == 2);
  CHECK(board.questions == 2);
  CHECK(count(board, Outcome::correct) == 3);
  auto uneven = world.import({{"m.jsonl", row("sum-0", kTwo, output("r", "4")) + row("sum-0", kTwo, output("r", "5")) +
                                              row("sum-1", kFive, output("r", "9"))}});
  REQUIRE(uneven.ok());
  board = world.board(uneven->run_id);
  CHECK(board.planned == 3);
  CHECK(count(board, Outcome::correct) == 2);
}

TEST_CASE("cut, empty and missing answers are told apart from wrong ones") {
  World world;
  auto outcome = world.import({{"m.jsonl", row("sum-0", kTwo, "{\"reasoning\": \"it goes on and") +
                                               row("sum-1", kFive, output("r", "")) +
                                               row("sum-2", "How much is seven and one, in numbers?", "")}});
  REQUIRE(outcome.ok());
  const LeaderboardRow board = world.board(outcome->run_id);
  CHECK(count(board, Outcome::truncated) == 1);
  CHECK(count(board, Outcome::no_answer) == 2);
}

TEST_CASE("where a known data set is not on this machine every row brings its own sample, and a note says so") {
  World world;
  world.options.task = "math/gsm8k";
  auto outcome = world.import({{"a.jsonl", row("1", kTwo, output("r", "4"), "# 4")},
                               {"b.jsonl", row("1", kTwo, output("r", "5"), "# 4")}});
  REQUIRE(outcome.ok());
  CHECK(outcome->data_note.find("gsm8k") != std::string::npos);
  CHECK(outcome->files[0].from_row == 1);
  const auto items = world.items(outcome->run_id);
  REQUIRE(items.size() == 2);
  CHECK(items[0].identity == items[1].identity);
  CHECK(items[0].outcome == Outcome::correct);
  CHECK(items[1].outcome == Outcome::incorrect);

  world.dir.file("data/gsm8k/test.jsonl", "{\"question\": \"not it\", \"answer\": \"#### 1\"}\n");
  world.options.data_dirs = {world.dir / "data"};
  outcome = world.import({{"a.jsonl", row("1", kTwo, output("r", "4"), "# 4")}});
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().message.find("SHA-256") != std::string::npos);
}

TEST_CASE("what the user got wrong is one line, and nothing is written") {
  World world;
  const std::string good = row("sum-0", kTwo, output("r", "4"));
  struct Row {
    const char* what;
    std::vector<std::pair<std::string, std::string>> files;
    std::string task, format, model, message;
  };
  const std::vector<Row> rows = {
      {"unknown task", {{"m.jsonl", good}}, "test/sum", "zeroeval", "", "unknown task 'test/sum'"},
      {"unknown format", {{"m.jsonl", good}}, "test/sums", "zero", "", "--format zero: unknown; known: zeroeval"},
      {"no file", {}, "test/sums", "zeroeval", "", "no file given"},
      {"one name twice", {{"a/m.jsonl", good}, {"b/m.jsonl.gz", good}}, "test/sums", "zeroeval", "", "another file is named m too"},
      {"one model for two files", {{"a.jsonl", good}, {"b.jsonl", good}}, "test/sums", "zeroeval", "M",
       "--model M: names one model, but there are 2 files"},
      {"an empty file", {{"m.jsonl", "\n"}}, "test/sums", "zeroeval", "", "m.jsonl: holds no rows"},
      {"no good row", {{"m.jsonl", "[]\n"}}, "test/sums", "zeroeval", "", "m.jsonl:1: a row must be a JSON object"},
      {"cut gzip", {{"m.jsonl.gz", "\x1f\x8b\x08"}}, "test/sums", "zeroeval", "", "m.jsonl.gz"},
  };
  for (const Row& r : rows) {
    INFO(r.what);
    world.options.task = r.task;
    world.options.format = r.format;
    world.options.model = r.model;
    auto outcome = world.import(r.files);
    REQUIRE_FALSE(outcome.ok());
    INFO(outcome.error().message);
    CHECK(outcome.error().message.find(r.message) != std::string::npos);
    CHECK(outcome.error().message.find('\n') == std::string::npos);
  }
  world.options.model = "";
  world.options.files = {world.dir / "missing.jsonl"};
  world.options.task = "test/sums";
  world.options.format = "zeroeval";
  CHECK_FALSE(import_files(world.options, *world.store, world.plugins).ok());
  CHECK(world.store->runs()->empty());
}

TEST_CASE("the same files give the same items for every number of threads") {
  World world;
  std::string text;
  for (int i = 0; i < 2000; ++i) {
    const bool two = i % 3 == 0;
    text += row(two ? "sum-0" : "sum-1", two ? kTwo : kFive, output("r " + std::to_string(i), std::to_string(i % 11)));
  }
  std::vector<ItemRow> first;
  for (const unsigned threads : {1U, 2U, 8U}) {
    world.options.scoring_threads = threads;
    auto outcome = world.import({{"m.jsonl", text}});
    REQUIRE(outcome.ok());
    const auto items = world.items(outcome->run_id);
    REQUIRE(items.size() == 2000);
    if (first.empty()) first = items;
    bool equal = true;
    for (std::size_t i = 0; i < items.size(); ++i) {
      equal = equal && items[i].sample_key == first[i].sample_key && items[i].epoch == first[i].epoch &&
              items[i].extracted == first[i].extracted && items[i].outcome == first[i].outcome;
    }
    CHECK(equal);
  }
}
