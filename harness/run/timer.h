// Timer: calls functions at times to come. The engine's one way to wait, so that no thread sleeps and a test
// can turn the clock by hand.
//
// Threads: every method from any thread. Callbacks come one at a time on the timer's own thread; they must be
//   short, and may call at() and cancel().
// Ownership: a callback that is pending when the timer dies is dropped.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace assay {

class Timer {
 public:
  using Clock = std::chrono::steady_clock;
  using Id = std::uint64_t;  // never 0

  virtual ~Timer() = default;
  virtual Clock::time_point now() const = 0;
  virtual Id at(Clock::time_point when, std::function<void()> callback) = 0;
  // Afterwards the callback does not run; one that is running has returned, unless it is the caller itself.
  virtual void cancel(Id id) = 0;
};

std::unique_ptr<Timer> make_timer();

// Seconds as a steady duration, cut to about a century so that no sum overflows.
Timer::Clock::duration seconds(double s);

}  // namespace assay
