// The shipped task files against the real data sets, where those are at hand.
#include <chrono>
#include <map>
#include <set>
#include <string>

#include "harness/api/catalog.h"
#include "harness/base/known_datasets.h"
#include "tests/support/catch.h"
#include "tests/tasks/task_fixtures.h"

using namespace assay;

namespace {

std::unique_ptr<Task> task(const std::string& id) {
  for (const TaskEntry& entry : task_catalog()) {
    if (entry.id == id) {
      auto made = entry.make();
      REQUIRE(made.ok());
      return std::move(*made);
    }
  }
  FAIL("no task " + id);
  return nullptr;
}

std::unique_ptr<SampleSet> open(const std::string& id, const std::filesystem::path& data) {
  TaskContext ctx;
  ctx.data_dirs = {data};
  auto set = task(id)->open(ctx);
  if (!set) FAIL(set.error().message);
  return std::move(*set);
}

struct Expected {
  const char* id;
  std::size_t samples;
  const char* key;     // of the first
  const char* target;  // of the first
};

constexpr Expected kExpected[] = {
    {"math/gsm8k", 1319, "gsm8k-main-test-#0", "18"},
    {"math/math500", 500, "test/precalculus/807.json", "\\left( 3, \\frac{\\pi}{2} \\right)"},
    {"math/aime24", 30, "aime24-60", "204"},
    {"math/amc23", 40, "amc23-0", "27"},
    {"coding/cruxeval-o", 800, "crux-test-#0", "[(4, 1), (4, 1), (4, 1), (4, 1), (2, 3), (2, 3)]"},
    {"coding/humaneval", 164, "HumanEval/0", nullptr},
    {"logic/bbh/boolean_expressions", 250, "bbh-0", "False"},
    {"logic/bbh/causal_judgement", 187, "bbh-0", "No"},
    {"logic/bbh/date_understanding", 250, "bbh-0", "(B)"},
    {"logic/bbh/disambiguation_qa", 250, "bbh-0", "(A)"},
    {"logic/bbh/dyck_languages", 250, "bbh-0", "] ]"},
    {"logic/bbh/formal_fallacies", 250, "bbh-0", "invalid"},
    {"logic/bbh/geometric_shapes", 250, "bbh-0", "(B)"},
    {"logic/bbh/hyperbaton", 250, "bbh-0", "(A)"},
    {"logic/bbh/logical_deduction_five_objects", 250, "bbh-0", "(A)"},
    {"logic/bbh/logical_deduction_seven_objects", 250, "bbh-0", "(D)"},
    {"logic/bbh/logical_deduction_three_objects", 250, "bbh-0", "(A)"},
    {"logic/bbh/movie_recommendation", 250, "bbh-0", "(C)"},
    {"logic/bbh/multistep_arithmetic_two", 250, "bbh-0", "24"},
    {"logic/bbh/navigate", 250, "bbh-0", "No"},
    {"logic/bbh/object_counting", 250, "bbh-0", "8"},
    {"logic/bbh/penguins_in_a_table", 146, "bbh-0", "(E)"},
    {"logic/bbh/reasoning_about_colored_objects", 250, "bbh-0", "(D)"},
    {"logic/bbh/ruin_names", 250, "bbh-0", "(A)"},
    {"logic/bbh/salient_translation_error_detection", 250, "bbh-0", "(A)"},
    {"logic/bbh/snarks", 178, "bbh-0", "(B)"},
    {"logic/bbh/sports_understanding", 250, "bbh-0", "no"},
    {"logic/bbh/temporal_sequences", 250, "bbh-0", "(A)"},
    {"logic/bbh/tracking_shuffled_objects_five_objects", 250, "bbh-0", "(A)"},
    {"logic/bbh/tracking_shuffled_objects_seven_objects", 250, "bbh-0", "(A)"},
    {"logic/bbh/tracking_shuffled_objects_three_objects", 250, "bbh-0", "(B)"},
    {"logic/bbh/web_of_lies", 250, "bbh-0", "No"},
    {"logic/bbh/word_sorting", 250, "bbh-0", "syndrome therefrom"},
};

}  // namespace

TEST_CASE("The catalog lists every shipped task once, in order, with a summary of one line") {
  std::set<std::string> ids;
  std::string before;
  for (const TaskEntry& entry : task_catalog()) {
    INFO(entry.id);
    CHECK(ids.insert(entry.id).second);
    CHECK(before < entry.id);
    before = entry.id;
    CHECK_FALSE(entry.summary.empty());
    CHECK(entry.summary.find('\n') == std::string::npos);
  }
  for (const Expected& e : kExpected) CHECK(ids.count(e.id) == 1);
}

TEST_CASE("Every data set that a shipped task reads is a known one, and the other way round") {
  std::set<std::string> read;
  for (const Expected& e : kExpected) read.insert(task(e.id)->describe().dataset);
  std::set<std::string> known;
  for (const KnownDataset& set : known_datasets()) known.insert(set.name);
  CHECK(read == known);
  CHECK(known_dataset("bbh")->files.size() == 27);
}

TEST_CASE("A shipped task without its data says where it looked and how to get it") {
  TaskContext ctx;
  ctx.data_dirs = {"/nonexistent/a", "/nonexistent/b"};
  const auto set = task("math/gsm8k")->open(ctx);
  REQUIRE_FALSE(set.ok());
  CHECK(set.error().code == Code::invalid);
  CHECK(set.error().message ==
        "task math/gsm8k: the data set 'gsm8k' (gsm8k/test.jsonl) is not in /nonexistent/a, /nonexistent/b; get it with "
        "`assay data pull gsm8k`, or say where it lies with --data-dir or ASSAY_DATA");
}

TEST_CASE("The shipped tasks read their real data: counts, keys, targets, and every sample renders") {
  const auto data = testing::real_data();
  if (!data) {
    WARN("the data sets are not here; set ASSAY_DATA");
    return;
  }
  for (const Expected& e : kExpected) {
    INFO(e.id);
    const auto set = open(e.id, *data);
    REQUIRE(set->size() == e.samples);
    const auto first = set->at(0);
    REQUIRE(first.ok());
    CHECK(first->key == e.key);
    CHECK((e.target == nullptr ? first->targets.empty() : first->targets == std::vector<std::string>{e.target}));
    std::set<std::string> keys;
    for (std::uint64_t i = 0; i < set->size(); ++i) {
      const auto s = set->at(i);
      REQUIRE(s.ok());
      keys.insert(s->key);
      const bool whole = !s->messages.empty() && s->messages.back().role == Role::user &&
                         s->messages.back().content.find(s->question) != std::string::npos && !s->question.empty();
      if (!whole) FAIL("a sample without its question: " + s->key);
      if (task(e.id)->describe().scorers.front().id == "choice" && s->choices.empty()) FAIL("no choices: " + s->key);
    }
    CHECK(keys.size() == set->size());
  }
}

TEST_CASE("Repeated BBH rows share their identity; equal questions with other targets do not") {
  const auto data = testing::real_data();
  if (!data) {
    WARN("the data sets are not here; set ASSAY_DATA");
    return;
  }
  struct Row {
    const char* id;
    std::size_t repeated_rows;
    std::size_t repeated_questions;
  };
  const Row rows[] = {{"logic/bbh/sports_understanding", 2, 2}, {"logic/bbh/causal_judgement", 0, 2},
                      {"logic/bbh/navigate", 0, 0}};
  for (const Row& row : rows) {
    INFO(row.id);
    const auto set = open(row.id, *data);
    std::map<Digest, std::uint32_t> identities;
    std::map<std::string, int> questions;
    for (std::uint64_t i = 0; i < set->size(); ++i) {
      const auto s = set->at(i);
      REQUIRE(s.ok());
      CHECK(s->occurrence == identities[s->identity]++);
      ++questions[s->question];
    }
    CHECK(set->size() - identities.size() == row.repeated_rows);
    CHECK(set->size() - questions.size() == row.repeated_questions);
  }
}

TEST_CASE("Equal contexts give equal samples and factors") {
  const auto data = testing::real_data();
  if (!data) {
    WARN("the data sets are not here; set ASSAY_DATA");
    return;
  }
  TaskContext ctx;
  ctx.data_dirs = {*data};
  ctx.limit = 50;
  ctx.prompt.fewshot = 4;
  const auto a = task("math/gsm8k")->open(ctx);
  const auto b = task("math/gsm8k")->open(ctx);
  REQUIRE((a.ok() && b.ok()));
  CHECK((*a)->factors().data.hex() == "3730d312f6e3440559ace48831e51066acaca737f6eabec99bccb9e4b3c39d14");
  CHECK((*a)->factors().fewshot == (*b)->factors().fewshot);
  for (std::uint64_t i = 0; i < 50; ++i) {
    const auto x = (*a)->at(i);
    const auto y = (*b)->at(i);
    REQUIRE((x.ok() && y.ok()));
    CHECK(x->messages == y->messages);
    CHECK(x->messages.size() == 9);
    CHECK(x->identity == y->identity);
  }
}
