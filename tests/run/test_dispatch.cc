// How many requests are in flight, in which order they go, and which go together.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <thread>

#include "harness/base/rng.h"
#include "tests/run/engine_fixture.h"
#include "tests/run/fake_timer.h"

using namespace assay;
using namespace assay::test;

namespace {

// Answers when its clock says so.
class Timed final : public Backend {
 public:
  struct State {
    std::mutex mutex;
    std::multiset<Timer::Clock::time_point> due;
    std::size_t answered = 0;
  };
  Timed(FakeTimer& timer, State& state, std::function<double(const Request&)> seconds_of)
      : timer_(timer), state_(state), seconds_of_(std::move(seconds_of)) {}
  BackendInfo describe() const override { return {}; }
  TokenBound bound(const Request&) const override { return {}; }
  void submit(Request request, Done done) override {
    const auto when = timer_.now() + seconds(seconds_of_(request));
    {
      const std::lock_guard lock(state_.mutex);
      state_.due.insert(when);
    }
    timer_.at(when, [this, when, request = std::move(request), done = std::move(done)] {
      {
        const std::lock_guard lock(state_.mutex);
        state_.due.erase(state_.due.find(when));
        ++state_.answered;
      }
      done(says(right(request)));
    });
  }
  void cancel(RequestId) override {}

 private:
  FakeTimer& timer_;
  State& state_;
  std::function<double(const Request&)> seconds_of_;
};

constexpr std::size_t kSamples = 96;
constexpr std::size_t kSlots = 8;

// Lengths as reasoning models' are: lognormal, a few many times the median.
std::vector<double> lengths() {
  Rng rng(5);
  std::vector<double> out;
  for (std::size_t i = 0; i < kSamples; ++i) {
    const double normal = std::sqrt(-2 * std::log(1 - rng.unit())) * std::cos(6.283185307179586 * rng.unit());
    out.push_back(std::round(std::exp(8 + 0.9 * normal)));
  }
  return out;
}

std::size_t index_of(const Request& r) { return std::stoul(r.sample_key.substr(4)); }

struct Clocked : Fixture {
  // Seconds from the first request to the last answer, at 50 tokens a second.
  double makespan(const Suite& suite, const std::vector<double>& tokens) {
    FakeTimer timer;
    Timed::State state;
    options.timer = &timer;
    options.max_connections = kSlots;
    options.attempt_deadline_s = 1e8;
    Plugins plugins = world.plugins();
    plugins.backend = [&](const std::string&, const BackendOptions&) -> Result<std::unique_ptr<Backend>> {
      return std::unique_ptr<Backend>(
          std::make_unique<Timed>(timer, state, [&](const Request& r) { return tokens[index_of(r)] / 50; }));
    };
    const auto began = timer.now();
    std::optional<Result<RunOutcome>> out;
    std::thread runner([&] { out = execute(suite, *store, plugins, options, progress); });
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    auto last = began;
    while (std::chrono::steady_clock::now() < give_up) {
      std::unique_lock lock(state.mutex);
      if (state.answered == kSamples) break;
      const bool busy = state.due.size() == std::min(kSlots, kSamples - state.answered);
      if (busy) last = *state.due.begin();
      lock.unlock();
      if (busy)
        timer.advance(std::chrono::duration<double>(last - timer.now()).count() + 1e-9);
      else
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    runner.join();
    options.timer = nullptr;
    REQUIRE(out->ok());
    CHECK(count(**out, Outcome::correct) == kSamples);
    return std::chrono::duration<double>(last - began).count();
  }
};

// One request may bring several choices, each with its own answer.
class Choosing final : public Backend {
 public:
  struct Seen {
    std::mutex mutex;
    std::vector<std::uint32_t> choices;
    int failures = 0;  // of requests to come
  };
  Choosing(std::uint32_t most, std::shared_ptr<Seen> seen) : most_(most), seen_(std::move(seen)) {}
  BackendInfo describe() const override {
    BackendInfo i;
    i.max_choices = most_;
    return i;
  }
  TokenBound bound(const Request&) const override { return {100, 50}; }
  void submit(Request r, Done done) override {
    {
      const std::lock_guard lock(seen_->mutex);
      seen_->choices.push_back(r.choices);
      if (seen_->failures > 0) {
        --seen_->failures;
        return done(fails(Code::unavailable));
      }
    }
    BackendReply reply = says(right(r));
    reply.responses[0].usage.input = 90;
    for (std::uint32_t i = 1; i < r.choices; ++i) {
      reply.responses.push_back(says(right(r)).responses[0]);
      reply.responses.back().usage.input = 0;  // the prompt is the first one's
    }
    done(std::move(reply));
  }
  void cancel(RequestId) override {}

 private:
  std::uint32_t most_;
  std::shared_ptr<Seen> seen_;
};

}  // namespace

TEST_CASE_METHOD(Clocked, "the longest expected first comes close to the shortest possible time") {
  const std::vector<double> tokens = lengths();
  const Suite suite = suite_of(kSamples);
  Rng rng(9);
  std::vector<double> before;
  for (const double t : tokens) before.push_back(t * std::exp(0.4 * (rng.unit() - 0.5)));
  options.in_order = true;
  const double as_they_stand = makespan(suite, tokens);
  const double lower = std::max(*std::max_element(tokens.begin(), tokens.end()),
                                std::accumulate(tokens.begin(), tokens.end(), 0.0) / kSlots) / 50;
  world.answer = [before](const Request& r) {
    BackendReply reply = says(right(r));
    reply.responses[0].usage.output = static_cast<std::int64_t>(before[index_of(r)]);
    return reply;
  };
  auto other = Store::open(dir / "b.db", StoreMode::read_write);  // without the run before
  REQUIRE(other.ok());
  store = std::move(*other);
  run(suite);
  options.in_order = false;
  const double longest_first = makespan(suite, tokens);
  WARN("makespan over the lower bound: as they stand " << as_they_stand / lower << ", longest first "
                                                       << longest_first / lower);
  CHECK(longest_first <= 1.10 * lower);
  CHECK(longest_first < as_they_stand);
}

TEST_CASE_METHOD(Fixture, "as many requests are in flight as are allowed, before the first answer comes") {
  options.max_connections = 512;
  class Watch final : public Progress {
   public:
    std::uint64_t most = 0;
    double when = 0;
    void started(const Plan&, const std::string&) override {}
    void tick(const Snapshot& s) override {
      if (s.in_flight <= most) return;
      most = s.in_flight;
      when = s.elapsed_s;
    }
    void finished(const RunOutcome&) override {}
  } watch;
  auto out = execute(suite_of(700, "scripted", Json{{"latency_ms", 3000}}), *store, world.plugins(), options, watch);
  REQUIRE(out.ok());
  CHECK(watch.most == 512);
  CHECK(watch.when < 3);
  CHECK(out->finished == 700);
}

TEST_CASE_METHOD(Fixture, "epochs and draws of a sample go as one request, and each is a call of its own") {
  auto seen = std::make_shared<Choosing::Seen>();
  Plugins plugins = world.plugins();
  plugins.backend = [seen](const std::string&, const BackendOptions&) -> Result<std::unique_ptr<Backend>> {
    return std::unique_ptr<Backend>(std::make_unique<Choosing>(4, seen));
  };
  seen->failures = 3;
  Suite suite = suite_of(5);
  suite.epochs = 6;
  suite.models[0].price.input = 1'000'000;
  suite.models[0].price.output = 2'000'000;
  auto out = execute(suite, *store, plugins, options, progress);
  REQUIRE(out.ok());
  CHECK(count(*out, Outcome::correct) == 30);
  CHECK(out->calls == 13);  // four and two epochs a sample, and three more tries
  CHECK(out->retries == 3);
  CHECK(out->cost_pico.sum == 10 * 90'000'000 + 30 * 20'000'000);
  CHECK(std::count(seen->choices.begin(), seen->choices.end(), 4U) >= 5);
  CHECK(std::count(seen->choices.begin(), seen->choices.end(), 2U) >= 5);
  Selection selection;
  selection.run_ids = {out->run_id};
  std::size_t kept = 0, failed = 0;
  std::int64_t bounds = 0;
  for (int i = 0; i < 5; ++i) {
    auto attempts = store->attempts(selection, format("sum-{}", i));
    REQUIRE(attempts.ok());
    for (const AttemptDetail& a : *attempts) {
      for (const StoredCall& c : a.calls) {
        ++(c.call.status == CallStatus::ok ? kept : failed);
        if (c.call.status == CallStatus::failed) bounds += c.call.bound_tokens.value_or(0);
      }
    }
  }
  CHECK(kept == 30);
  CHECK(failed >= 3 * 2);
  CHECK(failed <= 3 * 4);
  CHECK(bounds == 3 * 150);
  // Draws, and epochs that were answered before.
  suite.strategy = {StrategyKind::self_consistency, 3, 0, 0};
  suite.epochs = 1;
  seen->choices.clear();
  auto drawn = execute(suite, *store, plugins, options, progress);
  REQUIRE(drawn.ok());
  CHECK(seen->choices == std::vector<std::uint32_t>(5, 3));
  // A seed of its own makes each request another.
  suite.models[0].seed = true;
  seen->choices.clear();
  REQUIRE(execute(suite, *store, plugins, options, progress).ok());
  CHECK(seen->choices == std::vector<std::uint32_t>(15, 1));
}

TEST_CASE_METHOD(Fixture, "a server that stays away stops its model cleanly; nothing is wrong, and a resume goes on") {
  options.breaker = {5, 0.01, 0.05, 0.3, 0.3};
  options.retry.max_tries = 100;
  world.answer = [](const Request&) {
    BackendReply reply = fails(Code::unavailable);
    reply.error->may_be_billed = false;
    return reply;
  };
  Suite suite = suite_of(40);
  ModelEntry healthy = suite.models[0];
  healthy.name = "other";
  healthy.backend = "second";
  suite.models.push_back(healthy);
  world.second = [](const Request& r) { return says(right(r)); };
  const RunOutcome out = run(suite);
  CHECK(out.state == "partial");
  CHECK(out.exit_code == 4);
  CHECK(count(out, Outcome::correct) == 40);  // the other model's, all
  CHECK(count(out, Outcome::incorrect) == 0);
  CHECK(out.finished == 40);
  const auto says_why = [](const std::string& note) { return note.find("could not be reached") != std::string::npos; };
  CHECK(std::count_if(out.notes.begin(), out.notes.end(), says_why) == 1);
  world.answer = [](const Request& r) { return says(right(r)); };
  const RunOutcome after = again(out.run_id);
  CHECK(after.state == "complete");
  CHECK(count(after, Outcome::correct) == 80);
}
