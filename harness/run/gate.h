// Gate: lets requests to one model through. It bounds how many are in flight, adapts that bound to what the
// server bears, and paces requests and tokens per minute.
//
// Adaptive bound: additive increase, multiplicative decrease (Chiu and Jain, "Analysis of the Increase and
// Decrease Algorithms for Congestion Avoidance", 1989): +1 for every full round of answers, halved on
// overload, at most once for all the requests that were in flight at that moment.
// Pacing: one token bucket for requests, holding one second's worth and at least one, and one for tokens,
// holding ten seconds' worth; a request larger than the bucket goes when the bucket is full and leaves it in
// debt.
//
// Answers that are not committed yet: together with what is in flight never more than twice max_in_flight, so
// that a store that stalls stops the requests too, and a loss has a bound.
//
// Order: enter(), and after its `go(true)` exactly one leave(), and after a leave() that says so exactly one
// committed(). First come, first served.
// Threads: every method from any thread. `go` is called through the executor, never from within enter().
// Ownership: must outlive every entered request; the timer and the executor are borrowed and outlive it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>

#include "harness/run/timer.h"

namespace assay {

struct GateOptions {
  std::uint32_t max_in_flight = 16;
  std::optional<double> rpm;
  std::optional<double> tpm;
};

enum class Leave : std::uint8_t { answered, overloaded, failed };

class Gate {
 public:
  using Executor = std::function<void(std::function<void()>)>;
  struct Ticket {
    std::uint64_t generation = 0;  // of the bound when it went in
    std::int64_t tokens = 0;       // as estimated
  };
  using Go = std::function<void(bool admitted, Ticket)>;

  Gate(const GateOptions&, Timer&, Executor);
  ~Gate();

  void enter(std::int64_t tokens, Go go);
  // `tokens` is what the request really took, if known.
  void leave(const Ticket&, Leave, std::optional<std::int64_t> tokens, bool commits = false);
  void committed();
  // From now on nobody is admitted: who waits or enters gets go(false).
  void close();

  std::size_t waiting() const;
  std::uint32_t in_flight() const;
  double bound() const;

 private:
  struct Waiting {
    std::int64_t tokens;
    Go go;
  };
  void pump();                                                        // REQUIRES: mutex_ held
  std::optional<Timer::Clock::time_point> pace(std::int64_t tokens);  // nullopt: go, and it is paid
  void refill(Timer::Clock::time_point now);

  const GateOptions options_;
  Timer& timer_;
  const Executor executor_;
  mutable std::mutex mutex_;  // guards all below
  std::deque<Waiting> queue_;
  double bound_;
  std::uint64_t generation_ = 0;
  std::uint32_t in_flight_ = 0;
  std::uint32_t uncommitted_ = 0;
  bool closed_ = false;
  double requests_left_ = 0;  // in the buckets
  double tokens_left_ = 0;
  Timer::Clock::time_point refilled_;
  Timer::Id wake_ = 0;  // pending timer, 0 when none
};

}  // namespace assay
