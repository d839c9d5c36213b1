// ServerWord: what a server's headers say it still allows (x-ratelimit-remaining and -reset), less what has gone
// out since. No more than that goes before the reset.
//
// A server counts a request when it takes it, so the word of an answer is about the requests that went in before
// it: the later ones are taken off. A reset beyond kLongestS is not believed for longer; trying then costs one
// request, whose refusal says how long to wait.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <optional>

#include "harness/api/backend.h"
#include "harness/run/timer.h"

namespace assay {

class ServerWord {
 public:
  using Time = Timer::Clock::time_point;
  static constexpr double kLongestS = 600;

  struct Mark {  // all that had gone in when a request did, itself included
    std::uint64_t requests = 0;
    std::int64_t tokens = 0;
  };

  Mark admitted(std::int64_t tokens);
  // `headers_at`: when the server's head arrived.
  void heard(const RateLimits& limits, const Mark& mark, Time headers_at);
  // nullopt: a request of so many tokens may go.
  std::optional<Time> wait(std::int64_t tokens, Time now);
  bool speaks_of_tokens() const { return tokens_.until.has_value(); }

 private:
  struct Left {
    std::optional<Time> until;  // the reset; nullopt: never heard
    double left = 0;
    double reset_s = 0;
    std::optional<std::int64_t> limit;
  };
  static void hear(Left& kind, const RateLimits::Bucket& said, std::int64_t since, Time headers_at);
  static bool blocks(Left& kind, double need, Time now);

  Mark gone_;
  std::uint64_t heard_of_ = 0;  // requests of the newest mark
  Left requests_;
  Left tokens_;
};

}  // namespace assay
