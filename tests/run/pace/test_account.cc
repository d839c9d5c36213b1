// What models that share a key have in common: waits, rates, and a server that is away.
#include "harness/run/pace/account.h"

#include "harness/base/format.h"
#include "harness/run/pace/gate.h"
#include "tests/run/fake_timer.h"
#include "tests/support/catch.h"

using namespace assay;
using namespace assay::test;

namespace {

using Ready = std::vector<std::function<void()>>;

void settle(Ready& ready) {
  while (!ready.empty()) {
    const Ready now = std::exchange(ready, {});
    for (const auto& f : now) f();
  }
}

struct Lane {
  Ready& ready;
  Gate gate;
  std::vector<Gate::Ticket> inside;
  int admitted = 0;

  Lane(Account& account, Ready& queue, GateOptions options) : ready(queue), gate(options, account) {}
  void enter(int times) {
    for (int i = 0; i < times; ++i) {
      gate.enter(0, [this](bool in, Gate::Ticket t) {
        if (!in) return;
        ++admitted;
        inside.push_back(t);
      });
    }
    settle(ready);
  }
  void leave(const Landing& landing) {
    const Gate::Ticket t = inside.front();
    inside.erase(inside.begin());
    gate.leave(t, landing);
    settle(ready);
  }
};

struct Bench {
  FakeTimer timer;
  Ready ready;
  std::vector<std::string> down;
  Account account;

  explicit Bench(AccountOptions options = {})
      : account(with_down(std::move(options)), timer,
                [this](std::function<void()> f) { ready.push_back(std::move(f)); }) {}
  AccountOptions with_down(AccountOptions options) {
    options.server = "https://host";
    options.on_down = [this](std::string why) { down.push_back(std::move(why)); };
    return options;
  }
  void advance(double s) {
    timer.advance(s);
    settle(ready);
  }
};

Landing refused(double retry_after) {
  Landing out;
  out.how = Leave::overloaded;
  out.retry_after = retry_after;
  return out;
}

Landing limits(std::int64_t limit, std::int64_t remaining, double reset_s) {
  Landing out;
  out.rate.requests = {limit, remaining, reset_s};
  return out;
}

Landing nobody() {
  Landing out;
  out.how = Leave::unreachable;
  return out;
}

}  // namespace

TEST_CASE("after one refusal with Retry-After all who share the key wait for it, to the fraction") {
  Bench b, other;
  Lane one(b.account, b.ready, {4, {}, {}}), two(b.account, b.ready, {4, {}, {}});
  Lane apart(other.account, other.ready, {4, {}, {}});
  one.enter(1);
  one.leave(refused(2.625));
  CHECK(b.account.waits() == "https://host asks to wait, 3 s left");
  one.enter(1);
  two.enter(1);
  apart.enter(1);
  CHECK(apart.admitted == 1);
  b.advance(2.62);
  CHECK(one.admitted + two.admitted == 1);
  b.advance(0.006);
  CHECK(one.admitted == 2);
  CHECK(two.admitted == 1);
  CHECK(b.account.waits().empty());
}

TEST_CASE("models that share a rate take turns, and one with a smaller rate keeps to it") {
  Bench b;
  Lane one(b.account, b.ready, {100, 60.0, {}}), two(b.account, b.ready, {100, 60.0, {}});
  one.enter(40);
  two.enter(40);
  b.advance(30);
  CHECK(one.admitted + two.admitted >= 30);
  CHECK(one.admitted + two.admitted <= 31);
  CHECK(std::abs(one.admitted - two.admitted) <= 1);
  Bench c;
  Lane fast(c.account, c.ready, {100, 120.0, {}}), slow(c.account, c.ready, {100, 30.0, {}});
  fast.enter(80);
  slow.enter(80);
  c.advance(20);
  CHECK(slow.admitted >= 8);
  CHECK(slow.admitted <= 11);
  CHECK(fast.admitted + slow.admitted <= 42);
  CHECK(fast.admitted + slow.admitted >= 40);
}

TEST_CASE("no more goes before the reset than the server's headers leave, less what went since") {
  Bench b;
  Lane lane(b.account, b.ready, {100, {}, {}});
  lane.enter(3);
  lane.leave(limits(60, 4, 10));  // of the first: two went since
  lane.enter(20);
  CHECK(lane.admitted == 3 + 2);
  b.advance(9.9);
  CHECK(lane.admitted == 5);
  b.advance(0.2);
  CHECK(lane.admitted == 23);
  // Other orders: an older answer's word does not replace a newer one's.
  Bench c;
  Lane two(c.account, c.ready, {100, {}, {}});
  two.enter(2);
  std::swap(two.inside[0], two.inside[1]);
  two.leave(limits(60, 0, 10));   // of the second
  two.leave(limits(60, 50, 10));  // of the first
  two.enter(1);
  CHECK(two.admitted == 2);
  c.advance(10.1);
  CHECK(two.admitted == 3);
  // A reset in a year is tried again after a bounded time.
  two.leave(limits(60, 0, 3e7));
  two.enter(1);
  c.advance(ServerWord::kLongestS + 1);
  CHECK(two.admitted == 4);
}

TEST_CASE("a server that is away is probed less and less often, and all go on when it is back") {
  AccountOptions options;
  options.breaker = {4, 1, 8, 100, 20};
  Bench b(options);
  Lane lane(b.account, b.ready, {100, {}, {}});
  lane.enter(10);
  for (int i = 0; i < 10; ++i) lane.leave(nobody());
  lane.enter(50);
  CHECK(lane.admitted == 10);
  CHECK(b.account.times_opened() == 1);
  b.advance(1.01);
  CHECK(lane.admitted == 11);  // one probe
  lane.leave(nobody());
  b.advance(1.9);
  CHECK(lane.admitted == 11);
  b.advance(0.2);
  CHECK(lane.admitted == 12);
  Landing withdrawn;
  withdrawn.how = Leave::withdrawn;
  lane.leave(withdrawn);  // says nothing: the next one probes
  CHECK(lane.admitted == 13);
  lane.leave(refused(0));  // somebody is there
  CHECK(lane.admitted > 14);
  CHECK(b.down.empty());
}

TEST_CASE("a server that stays away is given up once, sooner where nothing ever answered") {
  for (const bool answered : {false, true}) {
    AccountOptions options;
    options.breaker = {4, 1, 8, 100, 20};
    Bench b(options);
    Lane lane(b.account, b.ready, {1, {}, {}});
    lane.enter(1);
    lane.leave(answered ? Landing() : nobody());
    double waited = 0;
    lane.enter(1000);
    while (b.down.empty() && waited < 1000) {
      while (!lane.inside.empty()) lane.leave(nobody());
      b.advance(0.5);
      waited += 0.5;
    }
    CHECK(waited >= (answered ? 100 : 20));
    CHECK(waited <= (answered ? 110 : 30));
    REQUIRE(b.down.size() == 1);
    CHECK(b.down[0] == format("https://host could not be reached for {} s", answered ? 100 : 20));
  }
}

TEST_CASE("asked to come back in hours, a server is given up") {
  AccountOptions options;
  options.longest_pause_s = 3600;
  Bench b(options);
  Lane lane(b.account, b.ready, {4, {}, {}});
  lane.enter(2);
  lane.leave(refused(3600));
  CHECK(b.down.empty());
  lane.leave(refused(7200));
  REQUIRE(b.down.size() == 1);
  CHECK(b.down[0] == "https://host asks to come back in 7200 s");
}

TEST_CASE("the way back to the ceiling takes a few rounds, of answers or of silence") {
  AdaptiveBound bound(512);
  bound.overloaded(0);
  CHECK(bound.whole() == 256);
  int rounds = 0;
  for (; bound.whole() < 512; ++rounds) {
    for (std::uint32_t i = bound.whole(); i > 0; --i) bound.answered();
  }
  CHECK(rounds <= 10);
  Bench b;
  Lane lane(b.account, b.ready, {512, {}, {}});
  lane.enter(2000);
  CHECK(lane.admitted == 512);
  for (int i = 0; i < 256; ++i) lane.leave(refused(0));
  CHECK(lane.gate.in_flight() == 256);
  b.advance(12);  // answers that take minutes
  CHECK(lane.gate.in_flight() == 512);
}
