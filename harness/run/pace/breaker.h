// Breaker: keeps requests from an endpoint that cannot be reached (Nygard, "Release It!", 2007, "Circuit Breaker").
//
// Closed until `failures` requests in a row found nobody there. Then open for first_wait_s; after that half open:
// one request goes as a probe. An answer of any kind closes it; a probe that finds nobody opens it for twice as
// long, up to cap_s. Open for longer than down_s (never_up_s when nothing ever answered) it is down for good.
//
// Threads: one at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "harness/run/run.h"
#include "harness/run/timer.h"

namespace assay {

class Breaker {
 public:
  using Time = Timer::Clock::time_point;

  explicit Breaker(const BreakerOptions& options) : options_(options) {}

  bool closed() const { return !opened_; }
  bool half_open(Time now) const { return opened_ && now >= next_probe_; }
  // nullopt: a request may go. Time::max(): not before the probe is back.
  std::optional<Time> wait(Time now) const {
    if (!opened_) return std::nullopt;
    if (probing_) return Time::max();
    return now >= next_probe_ ? std::nullopt : std::optional<Time>(next_probe_);
  }
  void probe() { probing_ = true; }

  void reached(bool probe) {
    ever_reached_ = true;
    in_a_row_ = 0;
    opened_.reset();
    if (probe) probing_ = false;
  }
  void says_nothing(bool probe) {  // cancelled, say
    if (probe) probing_ = false;
  }
  // True once: it is down for good.
  bool unreachable(bool probe, Time now) {
    if (probe) probing_ = false;
    if (options_.failures == 0) return false;
    if (!opened_) {
      if (++in_a_row_ < options_.failures) return false;
      ++times_opened_;
      opened_ = now;
      wait_s_ = options_.first_wait_s;
    } else if (probe) {
      wait_s_ = std::min(2 * wait_s_, options_.cap_s);
    } else {
      return false;  // it went in before the breaker opened
    }
    next_probe_ = now + seconds(wait_s_);
    if (down_ || now < *opened_ + seconds(limit_s())) return false;
    return down_ = true;
  }

  double limit_s() const { return ever_reached_ ? options_.down_s : options_.never_up_s; }
  std::optional<Time> opened() const { return opened_; }
  Time next_probe() const { return next_probe_; }
  std::uint64_t times_opened() const { return times_opened_; }

 private:
  const BreakerOptions options_;
  std::uint32_t in_a_row_ = 0;
  std::optional<Time> opened_;  // since when; nullopt: closed
  Time next_probe_;
  double wait_s_ = 0;
  bool probing_ = false;
  bool ever_reached_ = false;
  bool down_ = false;
  std::uint64_t times_opened_ = 0;
};

}  // namespace assay
