// AdaptiveBound: how many requests may be in flight, adapted to what the server bears.
//
// Additive increase, multiplicative decrease (Chiu and Jain, "Analysis of the Increase and Decrease Algorithms for
// Congestion Avoidance", 1989): halved on overload, at most once for all the requests that were in flight at that
// moment; raised by a step for every round without one. The step begins at 1 and doubles with each such round, so
// that the way back to the ceiling takes a logarithm of rounds, and a limit is met by a few requests at first.
// A round is over when as many answers have come as are allowed in flight, or when the bound has been full for
// kQuietRoundS: a server that cannot bear a request says so at once, however long its answers take.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <optional>

#include "harness/run/timer.h"

namespace assay {

class AdaptiveBound {
 public:
  using Time = Timer::Clock::time_point;
  static constexpr double kQuietRoundS = 1;

  explicit AdaptiveBound(std::uint32_t most) : most_(most == 0 ? 1 : most), bound_(most_) {}

  double exact() const { return bound_; }
  std::uint32_t whole() const { return static_cast<std::uint32_t>(bound_ + 1e-9); }
  std::uint32_t most() const { return static_cast<std::uint32_t>(most_); }
  std::uint64_t generation() const { return generation_; }  // of a request that goes in now

  void answered();
  void overloaded(std::uint64_t generation);
  // Tells how many are in flight while more wait. When to be told again; nullopt: no need.
  std::optional<Time> look(std::uint32_t in_flight, Time now);

 private:
  void next_round();

  double most_;
  double bound_;
  double step_ = 1;
  double answers_ = 0;  // of this round
  std::uint64_t generation_ = 0;
  std::optional<Time> full_since_;
};

}  // namespace assay
