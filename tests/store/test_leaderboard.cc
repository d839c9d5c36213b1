// Leaderboards, items and details: sums are exact, and the order is total.
#include "tests/store/fixtures.h"

namespace assay {
namespace {

struct Board {
  TempDir dir;
  std::unique_ptr<Store> store = open_store(dir / "b.db");
  RunRecord run = run_record();
  Board() { REQUIRE(store->begin_run(run).ok()); }
  EntryId entry(const EntryRecord& e) {
    const auto id = store->add_entry(e);
    REQUIRE(id.ok());
    return *id;
  }
  std::vector<LeaderboardRow> rows(const Selection& selection = {}) {
    REQUIRE(store->flush().ok());
    auto r = store->leaderboard(selection);
    REQUIRE(r.ok());
    return std::move(*r);
  }
};

TEST_CASE("outcomes, values and question means add up") {
  Board b;
  const EntryId e = b.entry(entry_record(b.run.run_id, "m", "t", 4, 3));
  // question 0: 1, 0, 0.5; question 1: 1, error, 1; question 2: unscored only; question 3: truncated
  put_attempt(*b.store, e, 0, 0, Outcome::correct, 1);
  put_attempt(*b.store, e, 0, 1, Outcome::incorrect, 0.75);  // a wrong answer's value does not count
  put_attempt(*b.store, e, 0, 2, Outcome::partial, 0.5);
  put_attempt(*b.store, e, 1, 0, Outcome::correct, 1);
  put_attempt(*b.store, e, 1, 1, Outcome::error, 0);
  put_attempt(*b.store, e, 1, 2, Outcome::correct, 1);
  put_attempt(*b.store, e, 2, 0, Outcome::unscored, 0);
  put_attempt(*b.store, e, 3, 0, Outcome::truncated, 0);
  const auto rows = b.rows();
  REQUIRE(rows.size() == 1);
  const LeaderboardRow& r = rows[0];
  CHECK(r.planned == 12);
  CHECK(r.epochs == 3);
  CHECK(r.outcomes[static_cast<std::size_t>(Outcome::correct)] == 3);
  CHECK(r.outcomes[static_cast<std::size_t>(Outcome::incorrect)] == 1);
  CHECK(r.outcomes[static_cast<std::size_t>(Outcome::partial)] == 1);
  CHECK(r.outcomes[static_cast<std::size_t>(Outcome::error)] == 1);
  CHECK(r.outcomes[static_cast<std::size_t>(Outcome::unscored)] == 1);
  CHECK(r.outcomes[static_cast<std::size_t>(Outcome::truncated)] == 1);
  CHECK(r.value_sum == 3.5);
  CHECK(r.questions == 3);
  CHECK(r.question_sum == 1.5);       // 0.5 + 1 + 0
  CHECK(r.question_sum_sq == 1.25);
  CHECK(r.calls == 8);
  CHECK(r.input_tokens.sum == 800);
  CHECK(r.output_tokens.sum == 80);
  CHECK(r.output_tokens.known == 8);
  CHECK(r.reasoning_tokens.known == 0);
  CHECK(r.cost_pico.sum == 8000);
  CHECK(r.call_seconds == 4.0);
  CHECK(r.wall_seconds == 3.5);       // from sample 0's request to 0.5 s after sample 3's
}

TEST_CASE("failed calls are unknown and cached calls are free") {
  Board b;
  const EntryId e = b.entry(entry_record(b.run.run_id));
  CallRecord failed = call_record(0);
  failed.status = CallStatus::failed;
  failed.error_code = "unavailable";
  failed.cost_pico.reset();
  CallRecord cached = call_record(0, 1);
  cached.attempt_try = 1;
  cached.status = CallStatus::cached;
  cached.response.usage = {50, 30, 20, 7, 3};
  CallRecord unpriced = call_record(0, 2);
  unpriced.attempt_try = 2;
  unpriced.cost_pico.reset();
  unpriced.response.usage = {};
  for (const CallRecord& c : {failed, cached, unpriced}) b.store->add_call({e, 0, 0}, sample_of(0), c, {});
  const auto rows = b.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].calls == 3);
  CHECK(rows[0].input_tokens.sum == 100);
  CHECK(rows[0].input_tokens.known == 1);
  CHECK(rows[0].output_tokens.sum == 10);
  CHECK(rows[0].reasoning_tokens.sum == 3);
  CHECK(rows[0].cost_pico.sum == 0);
  CHECK(rows[0].cost_pico.known == 1);
  CHECK(b.store->check_integrity().ok());
}

TEST_CASE("absurd token counts and costs do not overflow") {
  Board b;
  const EntryId e = b.entry(entry_record(b.run.run_id));
  for (std::uint64_t i = 0; i < 20; ++i) {
    CallRecord c = call_record(i);
    c.response.usage = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};
    c.cost_pico = INT64_MAX;
    b.store->add_call({e, i, 0}, sample_of(i), c, {});
  }
  CallRecord negative = call_record(30);
  negative.response.usage.output = -5;
  negative.response.timing.total = std::numeric_limits<double>::quiet_NaN();
  b.store->add_call({e, 30, 0}, sample_of(30), negative, {});
  const auto rows = b.rows();
  CHECK(rows.at(0).output_tokens.sum > 0);
  CHECK(rows.at(0).output_tokens.known == 20);
  CHECK(rows.at(0).cost_pico.sum > 0);
}

TEST_CASE("attempts without a score and entries without an attempt are counted") {
  Board b;
  const EntryId e = b.entry(entry_record(b.run.run_id, "a", "t", 5));
  b.entry(entry_record(b.run.run_id, "b", "t", 7));
  AttemptResult failed;
  failed.outcome = Outcome::error;
  failed.error = "HTTP 401";
  b.store->finish_attempt({e, 0, 0}, sample_of(0), failed, {});
  put_attempt(*b.store, e, 1, 0, Outcome::correct, 1);
  const auto rows = b.rows();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].model == "a");
  CHECK(rows[0].scorer == "numeric");
  CHECK(rows[0].outcomes[static_cast<std::size_t>(Outcome::error)] == 1);
  CHECK(rows[0].outcomes[static_cast<std::size_t>(Outcome::correct)] == 1);
  CHECK(rows[1].model == "b");
  CHECK(rows[1].scorer == "numeric");
  CHECK(rows[1].primary);
  CHECK(rows[1].planned == 7);
  CHECK(rows[1].questions == 0);
}

TEST_CASE("rows are in one order whatever order they were written in") {
  Board b;
  const char* tasks[] = {"t2", "t1"};
  const char* models[] = {"m2", "m1"};
  const char* variants[] = {"v", ""};
  for (const char* task : tasks) {
    for (const char* model : models) {
      for (const char* variant : variants) {
        EntryRecord e = entry_record(b.run.run_id, model, task);
        e.variant = variant;
        e.scorers = {{"z", Json::object()}, {"a", Json::object()}};
        const EntryId id = b.entry(e);
        AttemptResult r = result_of(Outcome::correct, 1, "z");
        AttemptResult second = result_of(Outcome::incorrect, 0, "a");
        second.scores[0].primary = false;
        r.scores.push_back(second.scores[0]);
        b.store->finish_attempt({id, 0, 0}, sample_of(0), r, {});
      }
    }
  }
  Selection all;
  all.all_scorers = true;
  std::string order;
  for (const LeaderboardRow& r : b.rows(all)) order += r.task + r.variant + r.model + r.scorer + (r.primary ? "* " : " ");
  CHECK(order ==
        "t1m1z* t1m1a t1m2z* t1m2a t1vm1z* t1vm1a t1vm2z* t1vm2a t2m1z* t2m1a t2m2z* t2m2a t2vm1z* t2vm1a t2vm2z* t2vm2a ");
  Selection one;
  one.models = {"m1"};
  one.tasks = {"t2"};
  CHECK(b.rows(one).size() == 2);
}

TEST_CASE("items come page by page in order, each once") {
  Board b;
  EntryRecord record = entry_record(b.run.run_id, "m", "t", 5, 2);
  record.scorers.push_back({"second", Json::object()});
  const EntryId e = b.entry(record);
  const EntryId other = b.entry(entry_record(b.run.run_id, "n", "t", 2));
  for (const std::uint64_t i : {4u, 2u, 0u, 3u, 1u}) {
    for (const std::uint32_t epoch : {1u, 0u}) {
      if (i == 3 && epoch == 1) {
        AttemptResult failed;
        failed.outcome = Outcome::error;
        failed.error = "timeout";
        b.store->finish_attempt({e, i, epoch}, sample_of(i), failed, {});
        continue;
      }
      put_attempt(*b.store, e, i, epoch, Outcome::correct, 1);
    }
  }
  put_attempt(*b.store, other, 0, 0, Outcome::no_answer, 0);
  REQUIRE(b.store->flush().ok());
  for (const std::size_t page_size : {1u, 3u, 100u}) {
    auto items = b.store->items({}, page_size);
    REQUIRE(items.ok());
    std::string order;
    std::vector<ItemRow> page;
    for (;;) {
      const auto more = items->next_page(page);
      REQUIRE(more.ok());
      if (!*more) break;
      CHECK(page.size() <= page_size);
      for (const ItemRow& row : page) {
        order += row.model + row.sample_key.substr(2) + "." + std::to_string(row.epoch) + (row.outcome == Outcome::error ? "e " : " ");
      }
    }
    CHECK(order == "m0.0 m0.1 m1.0 m1.1 m2.0 m2.1 m3.0 m3.1e m4.0 m4.1 n0.0 ");
  }
  auto items = b.store->items({}, 100);
  std::vector<ItemRow> page;
  REQUIRE(*items->next_page(page));
  CHECK(page[0].identity == sample_of(0).identity.hex());
  CHECK(page[0].output_tokens == 10);
  CHECK(page[0].cost_pico == 1000);
  CHECK(page[0].extracted == "42");
  CHECK(page[7].explanation == "timeout");
  CHECK(page[7].scorer == "numeric");
  CHECK_FALSE(page[7].output_tokens.has_value());
  auto outliving = b.store->items({}, 100);
  b.store.reset();
  CHECK(*outliving->next_page(page));
}

TEST_CASE("details are found by key and by place") {
  Board b;
  const EntryId e = b.entry(entry_record(b.run.run_id, "m", "t", 20));
  Sample seven = sample_of(3);
  seven.key = "7";  // a key that looks like a place
  put_attempt(*b.store, e, 7, 0, Outcome::correct, 1);
  b.store->finish_attempt({e, 3, 0}, seven, result_of(Outcome::incorrect, 0), {});
  put_attempt(*b.store, e, 9, 0, Outcome::correct, 1);
  REQUIRE(b.store->flush().ok());
  const auto by_key = b.store->attempts({}, "7");
  REQUIRE(by_key.ok());
  REQUIRE(by_key->size() == 1);
  CHECK((*by_key)[0].item.outcome == Outcome::incorrect);
  const auto by_place = b.store->attempts({}, "9");
  REQUIRE(by_place->size() == 1);
  CHECK((*by_place)[0].sample.key == "s-9");
  CHECK((*by_place)[0].sample.targets == std::vector<std::string>{"9"});
  CHECK((*by_place)[0].calls.size() == 1);
  CHECK((*by_place)[0].chosen_step == 0u);
  CHECK(b.store->attempts({}, "nothing")->empty());
}

TEST_CASE("scoring anew replaces what counts and keeps what was said") {
  Board b;
  const EntryId e = b.entry(entry_record(b.run.run_id, "m", "t", 1));
  put_attempt(*b.store, e, 0, 0, Outcome::incorrect, 0);
  b.store->finish_attempt({e, 0, 0}, sample_of(0), result_of(Outcome::correct, 1, "numeric", 2), {});
  b.store->finish_attempt({e, 0, 0}, sample_of(0), result_of(Outcome::correct, 1, "numeric", 2), {});
  const auto rows = b.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].scorer_version == 2);
  CHECK(rows[0].outcomes[static_cast<std::size_t>(Outcome::correct)] == 1);
  CHECK(rows[0].outcomes[static_cast<std::size_t>(Outcome::incorrect)] == 0);
  CHECK((*b.store->runs())[0].attempts == 1);
  CHECK(b.store->check_integrity().ok());
}

}  // namespace
}  // namespace assay
