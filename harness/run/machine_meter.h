// What a machine costs while it works, shared among the calls that it works on. Internal to harness/run.
//
// At every instant the calls in flight share that instant equally, and each pays its share at its model's price of
// an hour. So the charges of all calls add up to price x the time in which at least one was in flight, to the
// pico-dollar, however the calls overlap; a machine that waits costs nothing here.
//
// Time is counted in whole nanoseconds and money in whole pico-dollars; what a division leaves over goes to the
// next instant, or call, and is not lost.
// Threads: any.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

namespace assay {

class MachineMeter {
 public:
  using Clock = std::chrono::steady_clock;
  struct Ticket {
    std::int64_t entered = 0;  // on the meter's own scale
  };

  Ticket enter(Clock::time_point now);
  // What the call pays, in pico-dollars. `micro_per_hour` is in millionths of a dollar, from 0 to 10^12.
  // REQUIRES: a ticket that was entered and not left.
  std::int64_t leave(const Ticket&, Clock::time_point now, std::int64_t micro_per_hour);

 private:
  void advance(Clock::time_point now);  // REQUIRES: mutex_ held

  std::mutex mutex_;  // guards all below
  std::int64_t in_flight_ = 0;
  std::int64_t shared_ns_ = 0;  // what a call would have got that has been there from the start
  std::int64_t over_ns_ = 0;    // not given to anybody yet
  std::int64_t over_money_ = 0; // likewise, in pico-dollars / kPerPico
  Clock::time_point last_{};
};

}  // namespace assay
