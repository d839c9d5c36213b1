// Gate: lets requests to one model through. It bounds how many are in flight, adapts that bound to what the
// server bears (adaptive_bound.h), and paces requests and tokens a minute: by the model's entry (rate_bucket.h) and
// by the server's headers (server_word.h). What models that share a key have in common is in account.h.
//
// Answers that are not committed yet: together with what is in flight never more than twice max_in_flight, so
// that a store that stalls stops the requests too, and a loss has a bound.
//
// Order: enter(), and after its `go(true)` exactly one leave(), and after a leave() that says so exactly one
// committed(). First come, first served; but a request that was refused before goes before all that were not.
// Threads: every method from any thread. `go` is called through the executor, never from within enter().
// Ownership: must outlive every entered request; the account is borrowed and outlives it.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "harness/run/pace/account.h"
#include "harness/run/pace/adaptive_bound.h"
#include "harness/run/pace/server_word.h"

namespace assay {

struct GateOptions {
  std::uint32_t max_in_flight = 16;
  std::optional<double> rpm;
  std::optional<double> tpm;
};

enum class Leave : std::uint8_t {
  answered,
  overloaded,
  failed,       // the server spoke, or it is not known whether it did
  unreachable,  // nobody was there
  withdrawn,    // by us: says nothing about the server
};

// How a request came back.
struct Landing {
  Leave how = Leave::answered;
  std::optional<std::int64_t> tokens = std::nullopt;  // that it really took
  std::optional<double> retry_after = std::nullopt;   // seconds, as the server asked
  RateLimits rate = {};
  std::optional<double> headers_after_s = std::nullopt;  // from its admission, when the server's head came
  bool commits = false;                                  // committed() follows
};

class Gate {
 public:
  using Time = Timer::Clock::time_point;
  struct Ticket {
    std::uint64_t generation = 0;  // of the bound when it went in
    std::int64_t tokens = 0;       // as estimated
    ServerWord::Mark mark;
    Time admitted;
    bool probe = false;  // it finds out whether anybody is there
  };
  using Go = std::function<void(bool admitted, Ticket)>;

  Gate(const GateOptions&, Account&);
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // `tokens` at most; 0 where nobody wants to know. `again`: it was refused before.
  void enter(std::int64_t tokens, Go go, bool again = false);
  void leave(const Ticket&, const Landing&);
  void committed();
  // From now on nobody is admitted: who waits or enters gets go(false).
  void close();

  bool wants_tokens() const { return wants_tokens_; }
  std::size_t waiting() const;
  std::uint32_t in_flight() const;
  double bound() const;

 private:
  friend class Account;
  struct Waiting {
    std::int64_t tokens;
    Go go;
  };
  // REQUIRES of all of these: the account's mutex is held.
  std::optional<Time> wait(Time now);  // Time::max(): until something happens
  std::int64_t next_tokens() const { return queue_.front().tokens; }
  void admit(bool probe, Time now, Account::Ready& ready);
  std::int64_t expected(std::int64_t at_most) const;

  const GateOptions options_;
  Account& account_;
  std::atomic<bool> wants_tokens_;
  std::deque<Waiting> queue_;
  AdaptiveBound bound_;
  RateBucket requests_;
  RateBucket tokens_;
  ServerWord word_;
  std::uint32_t in_flight_ = 0;
  std::uint32_t uncommitted_ = 0;
  bool closed_ = false;
  double mean_tokens_ = 0;  // of what came back, the newest weighing most
  std::uint64_t measured_ = 0;
};

}  // namespace assay
