#include <thread>

#include "harness/run/workload.h"
#include "tests/run/engine_fixture.h"
#include "tests/run/fake_timer.h"

using namespace assay;
using namespace assay::test;

namespace {

// Each request takes a second of a clock that only requests move, one at a time; an hour costs 3.60 dollars.
constexpr std::int64_t kSecond = 1'000'000'000;  // pico-dollars

struct MachineFixture : Fixture {
  MachineFixture() {
    options.timer = &timer;
    options.scoring_threads = 1;
    options.max_connections = 1;
    options.retry.max_tries = 1;
    options.attempt_deadline_s = 1e6;
    world.answer = [this](const Request& r) {
      timer.advance(1);
      return says(right(r));
    };
  }
  static Suite hourly(std::uint64_t samples) {
    Suite s = suite_of(samples);
    s.models[0].machine_usd_per_hour = 3'600'000;
    return s;
  }
  LeaderboardRow row(const std::string& run_id) {
    Selection selection;
    selection.run_ids = {run_id};
    auto rows = store->leaderboard(selection);
    REQUIRE(rows.ok());
    REQUIRE(rows->size() == 1);
    return (*rows)[0];
  }
  FakeTimer timer;
};

}  // namespace

TEST_CASE_METHOD(MachineFixture, "a machine's time is the cost of its model's answers") {
  const RunOutcome out = run(hourly(10));
  CHECK(out.cost_pico.sum == 10 * kSecond);
  CHECK(out.cost_pico.known == 10);
  const LeaderboardRow stored = row(out.run_id);
  CHECK(stored.cost_pico.sum == 10 * kSecond);
  CHECK(stored.cost_pico.known == 10);
  for (const ItemRow& item : items(out.run_id)) CHECK(item.cost_pico == kSecond);
}

TEST_CASE_METHOD(MachineFixture, "failed requests took the machine's time too, and a resumed run keeps what was charged") {
  const auto well = world.answer;
  world.answer = [this, well](const Request& r) {
    if (r.sample_key < "sum-3") {
      timer.advance(1);
      return fails(Code::unavailable);
    }
    return well(r);
  };
  const RunOutcome first = run(hourly(10));
  CHECK(count(first, Outcome::error) == 3);
  CHECK(row(first.run_id).cost_pico.sum == 10 * kSecond);
  world.answer = well;
  const RunOutcome second = again(first.run_id);
  CHECK(count(second, Outcome::correct) == 10);
  CHECK(second.cost_pico.sum == 3 * kSecond);
  CHECK(row(first.run_id).cost_pico.sum == 13 * kSecond);
  CHECK(store->check_integrity().ok());
}

TEST_CASE_METHOD(MachineFixture, "an answer from the cache costs nothing, and a model without a price an unknown amount") {
  run(hourly(4));
  options.use_cache = true;
  const RunOutcome cached = run(hourly(4));
  CHECK(cached.cached == 4);
  CHECK(cached.cost_pico.sum == 0);
  options.use_cache = false;
  CHECK(run(suite_of(4)).cost_pico.known == 0);
}

TEST_CASE_METHOD(Fixture, "overlapping requests of one machine cost no more than its time") {
  options.scoring_threads = 8;
  options.max_connections = 8;
  world.answer = [](const Request& r) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return says(right(r));
  };
  Suite suite = suite_of(60);
  suite.models[0].machine_usd_per_hour = 3'600'000;
  suite.models.push_back(suite.models[0]);
  suite.models[1].name = "other";  // on the same machine
  const RunOutcome out = run(suite);
  CHECK(out.cost_pico.known == 120);
  CHECK(out.cost_pico.sum > 0);
  CHECK(static_cast<double>(out.cost_pico.sum) <= out.elapsed_s * static_cast<double>(kSecond));
}

TEST_CASE("a backend that makes batches is given two of them, unless a number is asked for") {
  struct Row {
    std::uint32_t batch;
    std::optional<std::uint32_t> entry, run;
    std::uint32_t expected;
  };
  for (const Row& row : {Row{0, {}, {}, 16}, Row{4, {}, {}, 16}, Row{32, {}, {}, 64}, Row{32, {}, 5, 5}, Row{32, 7, 5, 7}, Row{0, 7, {}, 7}}) {
    World world;
    world.batch = row.batch;
    Suite suite = suite_of(1);
    suite.models[0].max_connections = row.entry;
    RunOptions options = quick_options();
    options.max_connections = row.run;
    const auto work = prepare(suite, world.plugins(), options, {});
    REQUIRE(work.ok());
    CHECK(work->models[0]->max_connections == row.expected);
  }
}

TEST_CASE("a machine's price is read, kept, and not mixed with prices of tokens") {
  const std::string head = "tasks: [a]\nmodels: [{name: m, backend: local, ";
  const auto suite = parse_suite("suite: s\n" + head + "machine_usd_per_hour: 2.49}]\n", "s.yaml");
  REQUIRE(suite.ok());
  CHECK(suite->models[0].machine_usd_per_hour == 2'490'000);
  CHECK(suite_from_json(to_json(*suite))->models[0].machine_usd_per_hour == 2'490'000);
  for (const char* wrong : {"machine_usd_per_hour: -1}]", "machine_usd_per_hour: 1e3}]", "machine_usd_per_hour: free}]"}) {
    const auto refused = parse_suite("suite: s\n" + head + wrong, "s.yaml");
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message.find("USD an hour as a plain decimal such as 2.49") != std::string::npos);
  }
  const auto both = parse_suite("suite: s\n" + head + "machine_usd_per_hour: 1, price: {input: 1, output: 2}}]", "s.yaml");
  REQUIRE_FALSE(both.ok());
  CHECK(both.error().message.find("not both") != std::string::npos);
}
