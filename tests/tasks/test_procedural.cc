#include <map>
#include <set>
#include <thread>

#include "harness/base/json.h"
#include "tests/tasks/procedural_support.h"

using namespace assay;
using namespace assay::testing;

namespace {

Digest digest_of(const std::vector<Sample>& samples) {
  DigestBuilder builder;
  for (const Sample& s : samples) {
    builder.add("key", s.key).add("question", s.question).add("metadata", dump_json(s.metadata));
    builder.add("identity", s.identity.view());
    for (const Message& m : s.messages) builder.add("message", m.content);
    for (const std::string& t : s.targets) builder.add("target", t);
  }
  return builder.finish();
}

struct Pinned {
  const char* id;
  const char* digest;
};
// The first 12 hex digits over 20 samples a level. A change of any of them changes what a seed
// means: raise the family's version with it.
const Pinned kPinned[] = {
    {"coding/list-transform", "71ad7d828660"},
    {"coding/predict-output", "cceba7a3b170"},
    {"logic/dyck", "7bb0759875c4"},
    {"logic/knights-knaves", "6d9508457aef"},
    {"logic/ordering", "6c70072c4782"},
    {"logic/tracking", "9f7865348a07"},
    {"logic/zebra", "34f7f9fc95b4"},
    {"math/arithmetic", "a9384c8f5e43"},
    {"math/countdown", "02f9744949a0"},
    {"math/linear-systems", "bfc3e6442e74"},
    {"math/number-theory", "21e262608224"},
};

}  // namespace

TEST_CASE("every family is listed once, in the order of folders, with a primary scorer") {
  std::set<std::string> ids;
  for (const TaskEntry& entry : procedural_tasks()) {
    CAPTURE(entry.id);
    CHECK(ids.insert(entry.id).second);
    const auto task = entry.make();
    REQUIRE(task);
    const TaskInfo& info = (*task)->describe();
    CHECK(info.id == entry.id);
    CHECK(info.version >= 1);
    CHECK(info.procedural);
    CHECK_FALSE(info.scorers.empty());
    CHECK_FALSE(info.summary.empty());
  }
  CHECK(ids.size() == std::size(kPinned));
}

TEST_CASE("a seed means the same samples on every platform and compiler") {
  for (const Pinned& pinned : kPinned) {
    DigestBuilder builder;
    for (int level = 1; level <= 5; ++level) {
      builder.add("level", digest_of(samples_of(pinned.id, level, 20, 1)).view());
    }
    CAPTURE(pinned.id);
    CHECK(builder.finish().short_hex() == pinned.digest);
  }
}

TEST_CASE("another seed, level or index gives other questions, and few come twice") {
  for (const Pinned& family : kPinned) {
    for (int level = 1; level <= 5; ++level) {
      CAPTURE(family.id, level);
      std::set<std::string> questions;
      std::set<Digest> identities;
      std::set<std::string> keys;
      for (const std::uint64_t seed : {1, 2}) {
        for (const Sample& s : samples_of(family.id, level, 200, seed)) {
          questions.insert(s.question);
          identities.insert(s.identity);
          keys.insert(s.key);
          CHECK(s.occurrence == 0);
          CHECK_FALSE(s.targets.empty());
        }
      }
      CHECK(identities.size() == 400);
      CHECK(keys.size() == 400);
      CHECK(questions.size() >= 380);
    }
  }
}

TEST_CASE("a sample is the same in any order, on any thread and under any limit") {
  for (const Pinned& family : kPinned) {
    CAPTURE(family.id);
    const std::vector<Sample> in_order = samples_of(family.id, 3, 40);
    TaskContext context;
    context.seed = 11;
    context.options["level"] = 3;
    const auto set = open_family(family.id, context);
    CHECK(set->size() == 100);
    std::vector<std::vector<Sample>> seen(4, std::vector<Sample>(40));
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < seen.size(); ++t) {
      threads.emplace_back([&, t] {
        for (std::size_t i = 40; i-- > 0;) seen[t][i] = *set->at((i * 7 + t) % 40);
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (std::size_t t = 0; t < seen.size(); ++t) {
      std::size_t equal = 0;
      for (std::size_t i = 0; i < 40; ++i) {
        equal += digest_of({seen[t][i]}) == digest_of({in_order[(i * 7 + t) % 40]}) ? 1 : 0;
      }
      CHECK(equal == 40);
    }
    CHECK_FALSE(set->at(100));
  }
}

TEST_CASE("bad options and templates are errors that name the task and what was expected") {
  struct Row {
    Json options;
    const char* prompt;
    std::uint32_t fewshot;
    const char* message;
  };
  const Row row = GENERATE(values<Row>({
      {{{"level", 0}}, nullptr, 0, "task math/arithmetic: option 'level': expected a whole number from 1 to 5"},
      {{{"level", 6}}, nullptr, 0, "task math/arithmetic: option 'level': expected a whole number from 1 to 5"},
      {{{"level", "2"}}, nullptr, 0, "task math/arithmetic: option 'level': expected a whole number from 1 to 5"},
      {{{"level", 2.5}}, nullptr, 0, "task math/arithmetic: option 'level': expected a whole number from 1 to 5"},
      {{{"levle", 2}}, nullptr, 0, "task math/arithmetic: unknown option 'levle', expected 'level'"},
      {Json::array(), nullptr, 0, "task math/arithmetic: expected options as a mapping"},
      {Json::object(), "Q: {text}", 0,
       "task math/arithmetic: prompt template, byte 3: unknown field {text}, "
       "expected {question}, {format} or {level}"},
      {Json::object(), nullptr, 1000, "task math/arithmetic: fewshot: expected at most 64, found 1000"},
  }));
  CAPTURE(row.message);
  for (const TaskEntry& entry : procedural_tasks()) {
    if (entry.id != "math/arithmetic") continue;
    TaskContext context;
    context.options = row.options;
    if (row.prompt) context.prompt.prompt = row.prompt;
    context.prompt.fewshot = row.fewshot;
    const auto set = (*entry.make())->open(context);
    REQUIRE_FALSE(set);
    CHECK(set.error().code == Code::invalid);
    CHECK(set.error().message == row.message);
  }
}

TEST_CASE("prompt overrides change the messages, their own factor, and nothing else") {
  TaskContext plain;
  plain.limit = 200;
  plain.options["level"] = 1;
  TaskContext changed = plain;
  changed.prompt.prompt = "Level {level}. {question}\n{format} Think.";
  changed.prompt.system = "You are terse.";
  changed.prompt.fewshot = 3;
  const auto a = open_family("math/number-theory", plain);
  const auto b = open_family("math/number-theory", changed);
  CHECK(a->factors().data == b->factors().data);
  CHECK(a->factors().prompt != b->factors().prompt);
  CHECK(a->factors().fewshot == Digest{});
  CHECK(b->factors().fewshot != Digest{});
  CHECK(a->factors().system == Digest{});
  CHECK(b->factors().system == sha256("You are terse."));
  for (std::uint64_t i = 0; i < a->size(); ++i) {
    const Sample x = *a->at(i);
    const Sample y = *b->at(i);
    REQUIRE(x.messages.size() == 1);
    REQUIRE(y.messages.size() == 8);
    CHECK(x.identity == y.identity);
    CHECK(x.messages[0].content == x.question + "\n\nEnd with a line of the form \"Answer: <number>\".");
    CHECK(y.messages[0] == Message{Role::system, "You are terse."});
    CHECK(y.messages[7].content ==
          "Level 1. " + y.question + "\nEnd with a line of the form \"Answer: <number>\". Think.");
    for (std::size_t m = 1; m < 7; ++m) {
      CHECK(y.messages[m].role == (m % 2 == 1 ? Role::user : Role::assistant));
      if (m % 2 == 1) CHECK(y.messages[m].content != y.messages[7].content);
      else CHECK(y.messages[m].content.rfind("Answer: ", 0) == 0);
    }
  }
}
