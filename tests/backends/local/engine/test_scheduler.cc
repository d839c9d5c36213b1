#include "backends/local/engine/scheduler.h"

#include <algorithm>
#include <map>
#include <memory>

#include "harness/base/rng.h"
#include "tests/backends/local/engine/fake_model.h"
#include "tests/support/catch.h"

namespace assay::local::test {
namespace {

struct Wish {
  std::vector<TokenId> prompt;
  GenerationRules rules;
};

struct Made {
  std::map<std::size_t, std::vector<TokenId>> ids;  // by wish
  std::map<std::size_t, std::string> texts;
  std::int64_t faults = 0;
  std::int64_t rows = 0;
  std::int64_t shared = 0;
  std::uint64_t put_back = 0;
  std::int64_t most_rows = 0;
  std::size_t most_sequences = 0;
};

const FakeTokenizer& tokenizer() {
  static const FakeTokenizer one({"ab", "the ", " of", "\xC3", "\xA9\xC3"});
  return one;
}
const VocabularyText& vocabulary() {
  static const VocabularyText one(tokenizer(), {FakeTokenizer::kEnd});
  return one;
}

struct How {
  std::int32_t blocks = 4096;
  std::int32_t max_batch = 32;
  std::int32_t step_rows = 256;
  bool share = true;
  std::size_t at_once = 1'000'000;  // wishes handed in before each step
};

Made run(const std::vector<Wish>& wishes, const How& how) {
  FakeModel model;
  CHECK(model.reserve(how.blocks).ok());
  Scheduler scheduler(model, {how.blocks, how.max_batch, how.step_rows, how.share});
  Made made;
  std::size_t next = 0;
  while (next < wishes.size() || !scheduler.idle()) {
    for (std::size_t n = 0; n < how.at_once && next < wishes.size(); ++n, ++next) {
      auto s = std::make_unique<Sequence>(vocabulary(), wishes[next].rules, wishes[next].prompt);
      s->request = next;
      scheduler.add(std::move(s));
    }
    if (!scheduler.idle()) scheduler.step();
    for (const auto& s : scheduler.take_ended()) {
      CHECK_FALSE(s->error);
      CHECK(made.ids.emplace(s->request, s->generation.ids()).second);
      made.texts[s->request] = s->generation.text();
      made.shared += s->shared;
    }
  }
  CHECK(scheduler.pool().available() == how.blocks);  // nobody holds a block any more
  made.faults = model.faults;
  made.rows = model.rows;
  made.most_rows = model.most_rows;
  made.most_sequences = model.most_sequences;
  made.put_back = scheduler.put_back();
  return made;
}

// One after the other, whole prompts, nothing shared.
Made run_alone(const std::vector<Wish>& wishes) {
  Made all;
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    const Made one = run({wishes[i]}, {4096, 1, 4096, false});
    all.ids[i] = one.ids.at(0);
    all.texts[i] = one.texts.at(0);
    all.faults += one.faults;
    all.rows += one.rows;
  }
  return all;
}

// Prompts of a few families with common starts, as the samples and epochs of a suite have them.
std::vector<Wish> random_wishes(std::size_t count, std::uint64_t seed, std::int64_t longest_prompt,
                                std::int64_t longest_output) {
  Rng rng(seed);
  std::vector<std::vector<TokenId>> families(6);
  for (auto& family : families) {
    for (std::int64_t i = 0; i < longest_prompt; ++i)
      family.push_back(static_cast<TokenId>(rng.uniform(0, 255)));
  }
  std::vector<Wish> wishes(count);
  for (Wish& w : wishes) {
    const auto& family = rng.pick(families);
    const auto begin = rng.chance(0.3) ? rng.uniform(1, longest_prompt) : longest_prompt;
    w.prompt.assign(family.begin(), family.begin() + static_cast<std::ptrdiff_t>(begin));
    if (rng.chance(0.3)) w.prompt.back() = static_cast<TokenId>(rng.uniform(0, 255));
    w.rules.max_tokens = rng.uniform(1, longest_output);
    w.rules.sampling.stream = rng.next();
    w.rules.sampling.temperature = rng.chance(0.3) ? 0 : 0.3 + rng.unit();
    if (rng.chance(0.3)) w.rules.sampling.top_p = 0.9;
    if (rng.chance(0.3)) w.rules.sampling.top_k = 20;
    if (rng.chance(0.3)) w.rules.sampling.repetition_penalty = 1.2;
    if (rng.chance(0.2)) w.rules.stops = {"e", "ab"};
    if (rng.chance(0.2)) {
      w.rules.trace_open = true;
      w.rules.thinking_budget = rng.uniform(0, 12);
    }
  }
  return wishes;
}

void check_same(const Made& a, const Made& b) {
  CHECK(a.faults == 0);
  CHECK(b.faults == 0);
  CHECK(a.ids == b.ids);
  CHECK(a.texts == b.texts);
}

TEST_CASE("What is generated does not depend on batch, chunks, sharing or memory", "[local][scheduler]") {
  const auto wishes = random_wishes(96, 1, 100, 60);
  const Made alone = run_alone(wishes);
  REQUIRE(alone.ids.size() == wishes.size());
  SECTION("a batch of 32") {
    const Made batch = run(wishes, {4096, 32, 256, false});
    check_same(alone, batch);
    CHECK(batch.most_sequences == 32);
  }
  SECTION("prompts in chunks") {
    const Made chunked = run(wishes, {4096, 4, 20, false});
    check_same(alone, chunked);
    CHECK(chunked.most_rows <= 20 + 4 * 8);  // a forced end of trace may add to a step
  }
  SECTION("shared prefixes") {
    const Made shared = run(wishes, {4096, 32, 256, true});
    check_same(alone, shared);
    CHECK(shared.shared > 3000);
    CHECK(shared.rows + shared.shared == alone.rows);
  }
  SECTION("requests that come one by one") { check_same(alone, run(wishes, {4096, 32, 256, true, 1})); }
  SECTION("any batch size") {
    for (const std::int32_t max_batch : {1, 2, 3, 7, 64})
      check_same(alone, run(wishes, {4096, max_batch, 128, true}));
  }
}

TEST_CASE("What was put back for want of blocks and computed again is as if it had been kept",
          "[local][scheduler]") {
  const auto wishes = random_wishes(60, 3, 100, 400);  // outputs longer than what room is kept for
  const Made alone = run_alone(wishes);
  for (const bool share : {false, true}) {
    for (const std::int32_t blocks : {32, 50, 90}) {
      const Made tight = run(wishes, {blocks, 16, 64, share});
      INFO(blocks << " blocks");
      check_same(alone, tight);
      CHECK(tight.put_back > 0);
    }
  }
}

TEST_CASE("A thousand requests through a tiny cache end, with the text of a large one",
          "[local][scheduler]") {
  const auto wishes = random_wishes(1000, 2, 70, 160);
  const Made wide = run(wishes, {8192, 32, 256, true});
  CHECK(wide.put_back == 0);
  for (const std::int32_t blocks : {15, 16, 24, 47}) {
    const Made tight = run(wishes, {blocks, 8, 64, true, 3});
    INFO(blocks << " blocks");
    check_same(wide, tight);
    CHECK((blocks == 47 || tight.put_back > 0));
  }
}

TEST_CASE("A prompt is computed once for all its epochs", "[local][scheduler]") {
  for (const std::size_t size : {1, 2, 15, 16, 17, 31, 32, 33, 100, 160, 161}) {
    for (const std::size_t at_once : {std::size_t{1}, std::size_t{20}}) {
      std::vector<Wish> wishes(20);
      for (std::size_t i = 0; i < wishes.size(); ++i) {
        for (std::size_t t = 0; t < size; ++t) wishes[i].prompt.push_back(static_cast<TokenId>(t * 7 % 250));
        wishes[i].rules.max_tokens = 5;
        wishes[i].rules.sampling.temperature = 1;
        wishes[i].rules.sampling.stream = i;
      }
      const Made made = run(wishes, {512, 32, 64, true, at_once});
      INFO(size << " tokens, " << at_once << " at once");
      CHECK(made.faults == 0);
      std::int64_t generated = 0;
      for (const auto& [wish, ids] : made.ids) generated += static_cast<std::int64_t>(ids.size());
      // The prompt, the last token of it for each of the others, and every output token but the last ones.
      CHECK(made.rows == static_cast<std::int64_t>(size) + 19 + generated - 20);
      CHECK(made.shared == 19 * (static_cast<std::int64_t>(size) - 1));
    }
  }
}

TEST_CASE("Requests are admitted in the order of arrival and end early when cancelled or late",
          "[local][scheduler]") {
  FakeModel model;
  REQUIRE(model.reserve(64).ok());
  model.next = [](const std::vector<TokenId>&) { return TokenId{'x'}; };
  Scheduler scheduler(model, {64, 2, 64, true});
  const auto soon = std::chrono::steady_clock::now() + std::chrono::seconds(1000);
  for (RequestId id = 0; id < 5; ++id) {
    GenerationRules rules;
    rules.max_tokens = 10;
    auto s =
        std::make_unique<Sequence>(vocabulary(), rules, std::vector<TokenId>{static_cast<TokenId>(id), 1, 2});
    s->request = id;
    if (id == 3) s->deadline = soon;
    scheduler.add(std::move(s));
  }
  scheduler.step();
  scheduler.cancel(1);
  scheduler.cancel(77);
  scheduler.expire(soon + std::chrono::seconds(1));
  auto ended = scheduler.take_ended();
  REQUIRE(ended.size() == 2);
  CHECK(ended[0]->request == 1);
  CHECK(ended[0]->generation.finish() == FinishReason::cancelled);
  CHECK(ended[0]->generation.text() == "x");
  CHECK(ended[1]->request == 3);
  CHECK(ended[1]->generation.finish() == FinishReason::deadline);
  CHECK(ended[1]->generation.count() == 0);
  std::vector<RequestId> order;
  while (!scheduler.idle()) {
    scheduler.step();
    for (const auto& s : scheduler.take_ended()) order.push_back(s->request);
  }
  CHECK(order == std::vector<RequestId>{0, 2, 4});
  CHECK(scheduler.pool().available() == 64);
}

TEST_CASE("A failed step ends who took part; logits that are no numbers end their own sequence",
          "[local][scheduler]") {
  FakeModel model;
  REQUIRE(model.reserve(64).ok());
  Scheduler scheduler(model, {64, 2, 64, true});
  const auto add = [&](RequestId id) {
    GenerationRules rules;
    rules.max_tokens = 4;
    auto s =
        std::make_unique<Sequence>(vocabulary(), rules, std::vector<TokenId>{static_cast<TokenId>(id), 1, 2});
    s->request = id;
    scheduler.add(std::move(s));
  };
  for (RequestId id = 0; id < 3; ++id) add(id);
  model.fail_at = 1;
  scheduler.step();
  scheduler.step();
  auto ended = scheduler.take_ended();
  REQUIRE(ended.size() == 2);
  for (const auto& s : ended) {
    REQUIRE(s->error);
    CHECK_THAT(s->error->message, assay::test::has("failed as told"));
  }
  const float bad[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                       -std::numeric_limits<float>::infinity()};
  for (std::size_t i = 0; i < 3; ++i) {
    model.spoil = [&bad, i](std::vector<float>& row, std::size_t begin) { row[begin + 50 * i] = bad[i]; };
    add(10 + i);
    while (!scheduler.idle()) scheduler.step();
    for (const auto& s : scheduler.take_ended()) {
      REQUIRE(s->error);
      CHECK_THAT(s->error->message, assay::test::has("not finite"));
    }
  }
  CHECK(scheduler.pool().available() == 64);
}

}  // namespace
}  // namespace assay::local::test
