#include "harness/run/pace/server_word.h"

#include <algorithm>
#include <cmath>

namespace assay {

ServerWord::Mark ServerWord::admitted(std::int64_t tokens) {
  ++gone_.requests;
  gone_.tokens += tokens;
  requests_.left -= 1;
  tokens_.left -= static_cast<double>(tokens);
  return gone_;
}

void ServerWord::heard(const RateLimits& limits, const Mark& mark, Time headers_at) {
  if (mark.requests < heard_of_) return;  // a later request's answer was faster
  heard_of_ = mark.requests;
  hear(requests_, limits.requests, static_cast<std::int64_t>(gone_.requests - mark.requests), headers_at);
  hear(tokens_, limits.tokens, gone_.tokens - mark.tokens, headers_at);
}

void ServerWord::hear(Left& kind, const RateLimits::Bucket& said, std::int64_t since, Time headers_at) {
  if (!said.remaining || !said.reset_s || !std::isfinite(*said.reset_s)) return;
  kind.reset_s = std::clamp(*said.reset_s, 0.0, kLongestS);
  kind.until = headers_at + seconds(kind.reset_s);
  kind.left = static_cast<double>(*said.remaining) - static_cast<double>(since);
  kind.limit = said.limit;
}

bool ServerWord::blocks(Left& kind, double need, Time now) {
  if (!kind.until) return false;
  if (now >= *kind.until) {
    if (!kind.limit) return false;
    kind.left = static_cast<double>(*kind.limit);  // full again, as it said
    kind.until = now + seconds(std::max(1.0, kind.reset_s));
  }
  if (kind.limit) need = std::min(need, static_cast<double>(*kind.limit));
  return kind.left < need;
}

std::optional<ServerWord::Time> ServerWord::wait(std::int64_t tokens, Time now) {
  std::optional<Time> until;
  if (blocks(requests_, 1, now)) until = requests_.until;
  if (tokens > 0 && blocks(tokens_, static_cast<double>(tokens), now)) {
    until = until ? std::max(*until, *tokens_.until) : *tokens_.until;
  }
  return until;
}

}  // namespace assay
