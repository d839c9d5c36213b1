// Waiting, deadlines, stops and bounds of a run.
#include <unistd.h>

#include <future>
#include <thread>

#include "harness/run/run_lock.h"
#include "harness/store/sqlite.h"
#include "tests/run/engine_fixture.h"
#include "tests/run/fake_timer.h"

using namespace assay;
using namespace assay::test;

TEST_CASE_METHOD(Fixture, "a try waits as long as the server asked, to the fraction") {
  FakeTimer timer;
  options.timer = &timer;
  auto asked = world.asked;
  world.answer = [](const Request& r) {
    return r.attempt_try == 0 ? fails(Code::exhausted, 2.625) : says(right(r));
  };
  const Plugins plugins = world.plugins();
  std::optional<Result<RunOutcome>> out;
  std::thread runner([&] { out = execute(suite_of(1), *store, plugins, options, progress); });
  const auto settle = [] { std::this_thread::sleep_for(std::chrono::milliseconds(150)); };
  settle();
  const std::size_t at_first = asked->size();
  timer.advance(2.6);
  settle();
  const std::size_t before = asked->size();
  timer.advance(0.03);
  settle();
  const std::size_t after = asked->size();
  runner.join();
  CHECK(at_first == 1);
  CHECK(before == 1);
  CHECK(after == 2);
  REQUIRE(out->ok());
  CHECK(count(**out, Outcome::correct) == 1);
}

TEST_CASE_METHOD(Fixture, "an attempt's deadline keeps what had arrived, and is no wrong answer without it") {
  options.attempt_deadline_s = 0.1;
  const Json slow{{"latency_ms", 60000}, {"drip", true}, {"trace_tokens", 100000}, {"output_limit", 1000000}};
  const RunOutcome cut = run(suite_of(3, "scripted", slow));
  CHECK(count(cut, Outcome::truncated) == 3);
  CHECK(cut.elapsed_s < 20);
  const RunOutcome nothing = run(suite_of(3, "scripted", Json{{"latency_ms", 60000}}));
  CHECK(count(nothing, Outcome::error) == 3);
  options.retry.base_s = options.retry.cap_s = 100;  // the next try would come too late
  world.answer = [](const Request&) { return fails(Code::unavailable, 50.0); };
  const RunOutcome late = run(suite_of(1));
  CHECK(count(late, Outcome::error) == 1);
  CHECK(late.calls == 1);
}

TEST_CASE_METHOD(Fixture,
                 "after the grace period what is in flight is cancelled, and the run can be gone on with") {
  options.grace_s = 0.1;
  auto polls = std::make_shared<int>(0);
  options.stop_requested = [polls] { return ++*polls > 3; };
  const RunOutcome out = run(suite_of(30, "scripted", Json{{"latency_ms", 60000}}));
  CHECK(out.interrupted);
  CHECK(out.exit_code == 130);
  CHECK(out.finished == 0);
  CHECK(out.elapsed_s < 20);
}

TEST_CASE_METHOD(Fixture, "a bad row ends the run with its error, and a resume finds the run") {
  world.bad_row = 5;
  auto out = execute(suite_of(10), *store, world.plugins(), options, progress);
  REQUIRE_FALSE(out.ok());
  CHECK(out.error().code == Code::invalid);
  CHECK(out.error().message.find("row 5 is bad") != std::string::npos);
  world.bad_row.reset();
  auto runs = store->runs();
  REQUIRE(runs.ok());
  REQUIRE(runs->size() == 1);
  CHECK((*runs)[0].state == "interrupted");
  CHECK(count(again((*runs)[0].run_id), Outcome::correct) == 10);
}

TEST_CASE_METHOD(Fixture, "no more requests are in flight than allowed") {
  auto asked = world.asked;
  options.scoring_threads = 8;
  options.max_connections = 3;
  world.answer = [asked](const Request& r) {
    const int now = ++asked->at_once;
    int most = asked->most_at_once;
    while (now > most && !asked->most_at_once.compare_exchange_weak(most, now)) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    --asked->at_once;
    return says(right(r));
  };
  run(suite_of(100));
  CHECK(asked->most_at_once <= 3);
  CHECK(asked->most_at_once > 1);
}

TEST_CASE_METHOD(Fixture, "while nothing can be committed nothing more is asked, and nothing is lost") {
  StoreOptions impatient;
  impatient.busy_ms = 50;  // until the run has begun
  const std::string path = dir / "stalled.db";
  auto opened = Store::open(path, StoreMode::read_write, impatient);
  REQUIRE(opened.ok());
  auto asked = world.asked;
  options.max_connections = 4;
  options.in_order = true;  // the first twenty first
  std::optional<Result<RunOutcome>> out;
  std::size_t begun = 0, early = 0, late = 0;
  auto gate = std::make_shared<std::promise<void>>();
  auto open = std::make_shared<std::shared_future<void>>(gate->get_future().share());
  world.answer = [open](const Request& r) {
    if (std::stoi(r.sample_key.substr(4)) >= 20) open->wait();
    return says(right(r));
  };
  const Plugins waiting = world.plugins();
  std::thread runner([&] { out = execute(suite_of(300), **opened, waiting, options, progress); });
  // With both threads in a request that waits, up to three of the first twenty may not be asked yet.
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (asked->size() < 16 && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  {
    auto other = Db::open(path, DbOptions());
    const bool held = other.ok() && (*other)->exec("BEGIN IMMEDIATE").ok();
    begun = asked->size();
    gate->set_value();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    early = asked->size();
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    late = asked->size();
    if (held) (void)(*other)->exec("ROLLBACK");
    CHECK(held);
  }
  runner.join();
  CHECK(early == late);
  CHECK(late < 300);
  CHECK(late <= begun + 2 * 4);
  REQUIRE(out->ok());
  CHECK((*out)->finished == 300);
  CHECK((*out)->calls == 300);
}

TEST_CASE_METHOD(Fixture, "what the watch cancels is out of time, and is not left undone") {
  FakeTimer timer;
  options.timer = &timer;
  // A backend that gives up at the deadline's watch reports that it was cancelled.
  world.answer = [](const Request& r) {
    if (r.sample_key == "sum-0") return fails(Code::cancelled);
    return says("Answer: no", FinishReason::cancelled);
  };
  const RunOutcome out = run(suite_of(2));
  CHECK(out.finished == 2);
  CHECK(count(out, Outcome::error) == 1);
  CHECK(count(out, Outcome::truncated) == 1);
}

TEST_CASE_METHOD(Fixture, "a run is worked on by one at a time") {
  const std::filesystem::path db = dir / "a.db";
  std::string refusal;
  bool locked = false;
  auto tried = std::make_shared<std::atomic<bool>>(false);
  options.stop_requested = [&] {
    if (progress.run_id.empty() || tried->exchange(true)) return false;
    locked = run_is_locked(db, progress.run_id);
    Silent other;
    auto second = resume(progress.run_id, *store, world.plugins(), quick_options(), other);
    refusal = second ? "none" : second.error().message;
    return false;
  };
  const RunOutcome out = run(suite_of(50));
  options.stop_requested = nullptr;
  CHECK(locked);
  CHECK(refusal == format("run {} is being run by process {}", out.run_id, getpid()));
  CHECK(world.asked->size() == 50);
  CHECK(out.state == "complete");
  CHECK_FALSE(run_is_locked(db, out.run_id));
  for (const auto& file : std::filesystem::directory_iterator(std::filesystem::path(db).parent_path()))
    CHECK(file.path().extension() != ".lock");
  CHECK(again(out.run_id).calls == 0);
}
