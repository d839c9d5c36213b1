// Account: what the models that share a key at one server (or, without a key, the server) have in common: the rate
// that the key allows, the server's request to come back later, and whether anybody answers there.
//
// After one refusal with Retry-After all of them wait for it, not each for its own. The models take turns, so that
// none starves the others of the rate. The rate a minute is the largest that one of them names; a model that names
// a smaller one keeps to that besides.
//
// Threads: every method from any thread. `on_down` is called through the executor, at most once.
// Ownership: the gates are borrowed and take themselves out; the timer outlives it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "harness/run/pace/breaker.h"
#include "harness/run/pace/rate_bucket.h"
#include "harness/run/timer.h"

namespace assay {

class Gate;

struct AccountOptions {
  std::string server;  // for notes: "https://host"
  BreakerOptions breaker;
  double longest_pause_s = 1e9;               // asked to wait for longer, it is given up
  std::function<void(std::string)> on_down;  // why: one line
};

class Account {
 public:
  using Executor = std::function<void(std::function<void()>)>;
  using Time = Timer::Clock::time_point;

  Account(AccountOptions options, Timer& timer, Executor executor);
  ~Account();
  Account(const Account&) = delete;
  Account& operator=(const Account&) = delete;

  // Why nothing goes there now: "https://host asks to wait, 12 s left"; empty: it goes.
  std::string waits() const;
  std::uint64_t times_opened() const;

 private:
  friend class Gate;
  using Ready = std::vector<std::function<void()>>;

  // REQUIRES of all of these: mutex_ is held. What is to be called is added to `ready`.
  void join(Gate& gate);
  void part(Gate& gate);
  void pump(Ready& ready);
  std::optional<Time> wait(double tokens, Time now);
  void wake_at(Time when);
  void pause(double s, Time now, Ready& ready);
  void came_back(bool reached, bool unreachable, bool probe, Time now, Ready& ready);

  void run(Ready& ready) const;  // after the mutex

  const AccountOptions options_;
  Timer& timer_;
  const Executor executor_;
  mutable std::mutex mutex_;  // guards all below and the state of every gate
  std::vector<Gate*> gates_;
  std::size_t turn_ = 0;
  std::optional<double> rpm_, tpm_;
  RateBucket requests_;
  RateBucket tokens_;
  Time paused_until_;
  bool gave_up_ = false;
  Breaker breaker_;
  std::map<Time, Timer::Id> wakes_;  // pending; each was set when none was due as early
};

}  // namespace assay
