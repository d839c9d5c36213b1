// RateBucket: a token bucket for so many a minute, that holds what flows in during `burst_s` seconds and at least
// one. What is larger than the bucket goes when it is full, and leaves it in debt.
//
// Threads: one at a time.
#pragma once

#include <algorithm>
#include <optional>

#include "harness/run/timer.h"

namespace assay {

class RateBucket {
 public:
  using Time = Timer::Clock::time_point;

  RateBucket(std::optional<double> per_minute, double burst_s, Time now)
      : per_s_(per_minute ? *per_minute / 60 : 0), burst_(std::max(1.0, per_s_ * burst_s)), left_(burst_), at_(now) {}

  bool limits() const { return per_s_ > 0; }

  // Seconds until `n` may be taken; 0: now.
  double wait_s(double n, Time now) {
    if (!limits()) return 0;
    left_ = std::min(left_ + std::chrono::duration<double>(now - at_).count() * per_s_, burst_);
    at_ = now;
    const double missing = std::min(n, burst_) - left_;
    // Rounding may leave a remainder far below a microsecond; waiting for it would never end.
    return missing / per_s_ > 1e-6 ? missing / per_s_ + 1e-6 : 0;
  }
  void take(double n) { left_ -= n; }  // negative gives back

 private:
  double per_s_;
  double burst_;
  double left_;
  Time at_;
};

}  // namespace assay
