#include "harness/run/pace/account.h"

#include <algorithm>

#include "harness/base/format.h"
#include "harness/run/pace/gate.h"

namespace assay {
namespace {

constexpr double kRequestBurstS = 1;
constexpr double kTokenBurstS = 10;

double seconds_between(Account::Time from, Account::Time to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

Account::Account(AccountOptions options, Timer& timer, Executor executor)
    : options_(std::move(options)),
      timer_(timer),
      executor_(std::move(executor)),
      requests_({}, kRequestBurstS, timer.now()),
      tokens_({}, kTokenBurstS, timer.now()),
      paused_until_(Time::min()),
      breaker_(options_.breaker) {}

Account::~Account() {
  std::map<Time, Timer::Id> wakes;
  {
    const std::lock_guard lock(mutex_);
    wakes.swap(wakes_);
  }
  for (const auto& [when, id] : wakes) timer_.cancel(id);  // waits for one that runs, which takes the mutex
}

void Account::join(Gate& gate) {
  gates_.push_back(&gate);
  const auto largest = [](std::optional<double>& mine, const std::optional<double>& its) {
    if (its) mine = std::max(mine.value_or(0), *its);
  };
  largest(rpm_, gate.options_.rpm);
  largest(tpm_, gate.options_.tpm);
  const Time now = timer_.now();
  requests_ = RateBucket(rpm_, kRequestBurstS, now);
  tokens_ = RateBucket(tpm_, kTokenBurstS, now);
  gate.requests_ = RateBucket(gate.options_.rpm, kRequestBurstS, now);
  gate.tokens_ = RateBucket(gate.options_.tpm, kTokenBurstS, now);
}

void Account::part(Gate& gate) { gates_.erase(std::remove(gates_.begin(), gates_.end(), &gate), gates_.end()); }

void Account::run(Ready& ready) const {
  for (auto& f : ready) executor_(std::move(f));
}

std::optional<Account::Time> Account::wait(double tokens, Time now) {
  if (now < paused_until_) return paused_until_;
  if (const auto until = breaker_.wait(now)) return until;
  const double s = std::max(requests_.wait_s(1, now), tokens_.wait_s(tokens, now));
  if (s > 0) return now + seconds(s);
  return std::nullopt;
}

// Lets in whoever may go, a request a model in turn.
void Account::pump(Ready& ready) {
  if (gates_.empty()) return;
  const Time now = timer_.now();
  std::size_t passed = 0;  // models in a row of which nobody may go
  while (passed < gates_.size()) {
    turn_ %= gates_.size();
    Gate& gate = *gates_[turn_];
    if (const auto own = gate.wait(now)) {
      if (*own != Time::max()) wake_at(*own);
    } else if (const auto until = wait(static_cast<double>(gate.next_tokens()), now)) {
      if (*until != Time::max()) wake_at(*until);
      return;  // and it stays this one's turn, else a large request would wait for ever
    } else {
      const double tokens = static_cast<double>(gate.next_tokens());
      requests_.take(1);
      tokens_.take(tokens);
      const bool probe = !breaker_.closed();
      if (probe) breaker_.probe();
      gate.admit(probe, now, ready);
      passed = 0;
      ++turn_;
      continue;
    }
    ++passed;
    ++turn_;
  }
}

void Account::wake_at(Time when) {
  if (!wakes_.empty() && wakes_.begin()->first <= when) return;
  // The callback takes the mutex, so it cannot run before its id is kept.
  wakes_[when] = timer_.at(when, [this, when] {
    Ready ready;
    {
      const std::lock_guard lock(mutex_);
      wakes_.erase(when);
      pump(ready);
    }
    run(ready);
  });
}

void Account::pause(double s, Time now, Ready& ready) {
  paused_until_ = std::max(paused_until_, now + seconds(s));
  if (s <= options_.longest_pause_s || gave_up_ || !options_.on_down) return;
  gave_up_ = true;
  ready.push_back([down = options_.on_down, server = options_.server, s] {
    down(format("{} asks to come back in {:.0f} s", server, s));
  });
}

void Account::came_back(bool reached, bool unreachable, bool probe, Time now, Ready& ready) {
  if (reached) return breaker_.reached(probe);
  if (!unreachable) return breaker_.says_nothing(probe);
  if (!breaker_.unreachable(probe, now) || gave_up_ || !options_.on_down) return;
  gave_up_ = true;
  ready.push_back([down = options_.on_down, server = options_.server, s = breaker_.limit_s()] {
    down(format("{} could not be reached for {:.0f} s", server, s));
  });
}

std::string Account::waits() const {
  const std::lock_guard lock(mutex_);
  const Time now = timer_.now();
  if (now < paused_until_)
    return format("{} asks to wait, {:.0f} s left", options_.server, seconds_between(now, paused_until_));
  if (breaker_.closed()) return {};
  return format("{} not reachable for {:.0f} s", options_.server, seconds_between(*breaker_.opened(), now));
}

std::uint64_t Account::times_opened() const {
  const std::lock_guard lock(mutex_);
  return breaker_.times_opened();
}

}  // namespace assay
