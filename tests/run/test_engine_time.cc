// Waiting, deadlines, stops and bounds of a run.
#include <thread>

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
