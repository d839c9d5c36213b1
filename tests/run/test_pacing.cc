// Retries, the gate and the timer.
#include <algorithm>
#include <atomic>
#include <thread>

#include "harness/run/pace/gate.h"
#include "harness/run/pace/retry.h"
#include "tests/run/fake_timer.h"
#include "tests/support/catch.h"

using namespace assay;
using namespace assay::test;

namespace {

// A gate whose `go` comes back after the gate has let go of its lock.
struct Bench {
  FakeTimer timer;
  std::vector<std::function<void()>> ready;
  Account account;
  Gate gate;
  std::vector<Gate::Ticket> inside;
  int refused = 0;

  explicit Bench(GateOptions options)
      : account({}, timer, [this](std::function<void()> f) { ready.push_back(std::move(f)); }),
        gate(options, account) {}
  void enter(std::int64_t tokens = 0) {
    gate.enter(tokens, [this](bool in, Gate::Ticket t) {
      if (in)
        inside.push_back(t);
      else
        ++refused;
    });
    settle();
  }
  void settle() {
    while (!ready.empty()) {
      auto now = std::move(ready);
      ready.clear();
      for (auto& f : now) f();
    }
  }
  void leave(Leave how, std::optional<std::int64_t> tokens = std::nullopt) {
    const Gate::Ticket t = inside.back();
    inside.pop_back();
    gate.leave(t, {how, tokens});
    settle();
  }
  void advance(double s) {
    timer.advance(s);
    settle();
  }
};

}  // namespace

TEST_CASE("passing failures are tried again and nothing else") {
  CHECK(is_retried(Code::unavailable));
  CHECK(is_retried(Code::exhausted));
  CHECK(is_retried(Code::corrupt));
  for (const Code c : {Code::invalid, Code::deadline, Code::internal, Code::cancelled})
    CHECK_FALSE(is_retried(c));
}

TEST_CASE(
    "backoff is jittered over the whole of a doubling, capped range, and no earlier than the server says") {
  const RetryOptions options{10, 1, 60};
  Rng rng(1);
  for (std::uint32_t tries = 1; tries < 80; ++tries) {
    const double ceiling = std::min(60.0, std::ldexp(1.0, static_cast<int>(std::min(tries - 1, 20U))));
    double low = 1e9, high = 0;
    for (int i = 0; i < 300; ++i) {
      const double d = retry_delay_s(options, tries, std::nullopt, rng);
      low = std::min(low, d);
      high = std::max(high, d);
    }
    CHECK(low >= 0);
    CHECK(low < ceiling * 0.1);
    CHECK(high <= ceiling);
    CHECK(high > ceiling * 0.9);
  }
  for (int i = 0; i < 100; ++i) {
    CHECK(retry_delay_s(options, 1, 1.375, rng) == 1.375);
    CHECK(retry_delay_s(options, 7, 0.5, rng) >= 0.5);
  }
  CHECK(retry_delay_s(options, 1, -3.0, rng) >= 0);
  CHECK(retry_delay_s(options, 1, std::nan(""), rng) <= 1);
}

TEST_CASE("a gate lets no more through than its bound, first come first served") {
  Bench b({3, {}, {}});
  for (int i = 0; i < 10; ++i) b.enter();
  CHECK(b.inside.size() == 3);
  CHECK(b.gate.waiting() == 7);
  b.leave(Leave::answered);
  CHECK(b.inside.size() == 3);
  CHECK(b.gate.in_flight() == 3);
  b.gate.close();
  b.settle();
  CHECK(b.refused == 6);
  b.enter();
  CHECK(b.refused == 7);
}

TEST_CASE("overload halves the bound once a round, answers raise it one a round") {
  Bench b({16, {}, {}});
  for (int i = 0; i < 100; ++i) b.enter();
  REQUIRE(b.inside.size() == 16);
  for (int i = 0; i < 5; ++i) b.leave(Leave::overloaded);  // all of one round
  CHECK(b.gate.bound() == 8);
  for (int i = 0; i < 11; ++i) b.leave(Leave::failed);  // says nothing about the load
  CHECK(b.gate.bound() == 8);
  CHECK(b.inside.size() == 8);
  for (int i = 0; i < 8; ++i) b.leave(Leave::answered);
  CHECK(b.gate.bound() > 8.9);
  CHECK(b.gate.bound() <= 9);
  for (int i = 0; i < 20; ++i) {
    for (int n = 0; n < 20; ++n) b.enter();
    b.leave(Leave::overloaded);
    while (b.inside.size() > 1) b.leave(Leave::failed);
  }
  CHECK(b.gate.bound() >= 1);
  while (!b.inside.empty()) b.leave(Leave::failed);
  CHECK(b.gate.waiting() == 0);
  for (int i = 0; i < 1000; ++i) {
    b.enter();
    b.leave(Leave::answered);
  }
  CHECK(b.gate.bound() == 16);
}

TEST_CASE("requests are paced to the rate a minute") {
  Bench b({1000, 30.0, {}});  // one every two seconds
  for (int i = 0; i < 5; ++i) b.enter();
  CHECK(b.inside.size() == 1);
  b.advance(1.9);
  CHECK(b.inside.size() == 1);
  b.advance(0.2);
  CHECK(b.inside.size() == 2);
  b.advance(6.0);
  CHECK(b.inside.size() == 5);
  CHECK(b.timer.pending() == 0);
  Bench fast({100000, 6000.0, {}});  // a hundred a second
  for (int i = 0; i < 1000; ++i) fast.enter();
  CHECK(fast.inside.size() == 100);
  fast.advance(5);
  CHECK(fast.inside.size() >= 595);
  CHECK(fast.inside.size() <= 605);
}

TEST_CASE("tokens are paced too, and what was really taken counts") {
  Bench b({1000, {}, 6000.0});  // a hundred a second, a thousand at once
  b.enter(900);
  b.enter(200);
  CHECK(b.inside.size() == 1);
  b.advance(0.9);
  CHECK(b.inside.size() == 1);
  b.advance(0.2);
  CHECK(b.inside.size() == 2);
  b.leave(Leave::answered, 700);  // 500 more than estimated
  b.enter(100);
  b.advance(5.8);
  CHECK(b.inside.size() == 1);
  b.advance(0.3);
  CHECK(b.inside.size() == 2);
  b.enter(50000);  // larger than the bucket: goes when that is full
  b.advance(60);
  CHECK(b.inside.size() == 3);
  b.enter(1);
  b.advance(400);
  CHECK(b.inside.size() == 3);
  b.advance(120);
  CHECK(b.inside.size() == 4);
}

TEST_CASE("a timer calls in order of time, not before it, and not what was cancelled") {
  auto timer = make_timer();
  std::atomic<int> order{0}, first{0}, second{0}, never{0};
  const auto now = timer->now();
  timer->at(now + seconds(0.03), [&] { second = ++order; });
  timer->at(now + seconds(0.01), [&] { first = ++order; });
  const Timer::Id id = timer->at(now + seconds(0.02), [&] { never = ++order; });
  timer->cancel(id);
  timer->cancel(id);
  timer->cancel(12345);
  while (second == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  CHECK(timer->now() >= now + seconds(0.03));
  CHECK(first == 1);
  CHECK(second == 2);
  CHECK(never == 0);
  timer->at(timer->now() + seconds(1e30), [&] { ++never; });
  timer.reset();
  CHECK(never == 0);
}

TEST_CASE("after a cancel the callback is over") {
  auto timer = make_timer();
  for (int i = 0; i < 50; ++i) {
    std::atomic<bool> in{false}, out{false};
    const Timer::Id id = timer->at(timer->now(), [&] {
      in = true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      out = true;
    });
    if (i % 2 == 0) {
      while (!in) std::this_thread::yield();
    }
    timer->cancel(id);
    CHECK(in == out);
  }
}
