#include "harness/run/gate.h"

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

double request_burst(double rpm) { return std::max(1.0, rpm / 60); }
double token_burst(double tpm) { return std::max(1.0, tpm / 6); }

}  // namespace

Gate::Gate(const GateOptions& options, Timer& timer, Executor executor)
    : options_(options),
      timer_(timer),
      executor_(std::move(executor)),
      bound_(std::max(1U, options.max_in_flight)),
      requests_left_(options.rpm ? request_burst(*options.rpm) : 0),
      tokens_left_(options.tpm ? token_burst(*options.tpm) : 0),
      refilled_(timer.now()) {}

Gate::~Gate() {
  if (wake_ != 0) timer_.cancel(wake_);
}

void Gate::enter(std::int64_t tokens, Go go) {
  const std::lock_guard lock(mutex_);
  if (closed_) {
    executor_([go = std::move(go)] { go(false, {}); });
    return;
  }
  queue_.push_back({tokens, std::move(go)});
  pump();
}

void Gate::leave(const Ticket& ticket, Leave how, std::optional<std::int64_t> tokens, bool commits) {
  const std::lock_guard lock(mutex_);
  --in_flight_;
  if (commits) ++uncommitted_;
  if (how == Leave::answered) {
    bound_ = std::min<double>(bound_ + 1 / bound_, std::max(1U, options_.max_in_flight));
  } else if (how == Leave::overloaded && ticket.generation == generation_) {
    bound_ = std::max(1.0, bound_ / 2);
    ++generation_;
  }
  if (options_.tpm && tokens) tokens_left_ -= static_cast<double>(*tokens - ticket.tokens);
  pump();
}

void Gate::committed() {
  const std::lock_guard lock(mutex_);
  --uncommitted_;
  pump();
}

void Gate::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (Waiting& w : queue_) executor_([go = std::move(w.go)] { go(false, {}); });
  queue_.clear();
}

std::size_t Gate::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}
std::uint32_t Gate::in_flight() const {
  const std::lock_guard lock(mutex_);
  return in_flight_;
}
double Gate::bound() const {
  const std::lock_guard lock(mutex_);
  return bound_;
}

void Gate::pump() {
  const std::uint32_t most = 2 * std::max(1U, options_.max_in_flight);
  while (!queue_.empty() && in_flight_ + 1 <= static_cast<std::uint32_t>(bound_ + 1e-9) &&
         in_flight_ + uncommitted_ < most) {
    Waiting& next = queue_.front();
    if (const auto when = pace(next.tokens)) {
      if (wake_ == 0) {
        wake_ = timer_.at(*when, [this] {
          const std::lock_guard lock(mutex_);
          wake_ = 0;
          pump();
        });
      }
      return;
    }
    ++in_flight_;
    const Ticket ticket{generation_, next.tokens};
    executor_([go = std::move(next.go), ticket] { go(true, ticket); });
    queue_.pop_front();
  }
}

std::optional<Timer::Clock::time_point> Gate::pace(std::int64_t tokens) {
  if (!options_.rpm && !options_.tpm) return std::nullopt;
  const Timer::Clock::time_point now = timer_.now();
  refill(now);
  double wait_s = 0;
  if (options_.rpm && requests_left_ < 1) wait_s = (1 - requests_left_) * 60 / *options_.rpm;
  if (options_.tpm) {
    const double needed = std::min(static_cast<double>(tokens), token_burst(*options_.tpm));
    if (tokens_left_ < needed) wait_s = std::max(wait_s, (needed - tokens_left_) * 60 / *options_.tpm);
  }
  // Rounding may leave a remainder far below a microsecond; waiting for it would never end.
  if (wait_s > 1e-6) return now + seconds(wait_s + 1e-6);
  if (options_.rpm) requests_left_ -= 1;
  if (options_.tpm) tokens_left_ -= static_cast<double>(tokens);
  return std::nullopt;
}

void Gate::refill(Timer::Clock::time_point now) {
  const double s = std::chrono::duration<double>(now - refilled_).count();
  refilled_ = now;
  if (options_.rpm)
    requests_left_ = std::min(requests_left_ + s * *options_.rpm / 60, request_burst(*options_.rpm));
  if (options_.tpm)
    tokens_left_ = std::min(tokens_left_ + s * *options_.tpm / 60, token_burst(*options_.tpm));
}

}  // namespace assay
