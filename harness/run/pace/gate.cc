#include "harness/run/pace/gate.h"

#include <algorithm>

namespace assay {
namespace {

constexpr std::uint64_t kMeasured = 8;  // answers after which their mean says more than the worst case
constexpr double kMargin = 1.25;
constexpr double kNewest = 1.0 / 32;  // weight of the newest answer

}  // namespace

Gate::Gate(const GateOptions& options, Account& account)
    : options_(options),
      account_(account),
      wants_tokens_(options.tpm.has_value()),
      bound_(options.max_in_flight),
      requests_({}, 1, account.timer_.now()),
      tokens_({}, 1, account.timer_.now()) {
  const std::lock_guard lock(account_.mutex_);
  account_.join(*this);
}

Gate::~Gate() {
  const std::lock_guard lock(account_.mutex_);
  account_.part(*this);
}

// Worst cases are far above what most requests take, and would pace everything to a crawl.
std::int64_t Gate::expected(std::int64_t at_most) const {
  if (measured_ < kMeasured) return at_most;
  return std::min(at_most, static_cast<std::int64_t>(kMargin * mean_tokens_) + 1);
}

void Gate::enter(std::int64_t tokens, Go go, bool again) {
  Account::Ready ready;
  {
    const std::lock_guard lock(account_.mutex_);
    if (closed_) {
      ready.push_back([go = std::move(go)] { go(false, {}); });
    } else {
      Waiting next{expected(tokens), std::move(go)};
      if (again)
        queue_.push_front(std::move(next));
      else
        queue_.push_back(std::move(next));
      account_.pump(ready);
    }
  }
  account_.run(ready);
}

void Gate::leave(const Ticket& ticket, const Landing& landing) {
  Account::Ready ready;
  {
    const std::lock_guard lock(account_.mutex_);
    const Time now = account_.timer_.now();
    --in_flight_;
    if (landing.commits) ++uncommitted_;
    if (landing.how == Leave::answered) bound_.answered();
    if (landing.how == Leave::overloaded) bound_.overloaded(ticket.generation);
    const bool reached = landing.how != Leave::unreachable && landing.how != Leave::withdrawn;
    account_.came_back(reached, landing.how == Leave::unreachable, ticket.probe, now, ready);
    if (landing.retry_after) account_.pause(*landing.retry_after, now, ready);
    const double head_s = landing.headers_after_s.value_or(1e9);
    word_.heard(landing.rate, ticket.mark, std::min(now, ticket.admitted + seconds(head_s)));
    if (word_.speaks_of_tokens()) wants_tokens_ = true;
    if (landing.tokens) {
      const double more = static_cast<double>(*landing.tokens - ticket.tokens);
      tokens_.take(more);
      account_.tokens_.take(more);
      if (*landing.tokens > 0) {
        const double weight = std::max(kNewest, 1.0 / static_cast<double>(++measured_));
        mean_tokens_ += weight * (static_cast<double>(*landing.tokens) - mean_tokens_);
      }
    }
    account_.pump(ready);
  }
  account_.run(ready);
}

void Gate::committed() {
  Account::Ready ready;
  {
    const std::lock_guard lock(account_.mutex_);
    --uncommitted_;
    account_.pump(ready);
  }
  account_.run(ready);
}

void Gate::close() {
  Account::Ready ready;
  {
    const std::lock_guard lock(account_.mutex_);
    closed_ = true;
    for (Waiting& w : queue_) ready.push_back([go = std::move(w.go)] { go(false, {}); });
    queue_.clear();
  }
  account_.run(ready);
}

std::size_t Gate::waiting() const {
  const std::lock_guard lock(account_.mutex_);
  return queue_.size();
}
std::uint32_t Gate::in_flight() const {
  const std::lock_guard lock(account_.mutex_);
  return in_flight_;
}
double Gate::bound() const {
  const std::lock_guard lock(account_.mutex_);
  return bound_.exact();
}

std::optional<Gate::Time> Gate::wait(Time now) {
  if (queue_.empty() || in_flight_ + uncommitted_ >= 2 * bound_.most()) return Time::max();
  while (in_flight_ >= bound_.whole()) {
    const auto look_again = bound_.look(in_flight_, now);
    if (!look_again) return Time::max();
    if (*look_again > now) return look_again;
  }
  const double tokens = static_cast<double>(next_tokens());
  const double s = std::max(requests_.wait_s(1, now), tokens_.wait_s(tokens, now));
  if (s > 0) return now + seconds(s);
  return word_.wait(next_tokens(), now);
}

void Gate::admit(bool probe, Time now, Account::Ready& ready) {
  Waiting& next = queue_.front();
  requests_.take(1);
  tokens_.take(static_cast<double>(next.tokens));
  ++in_flight_;
  Ticket ticket;
  ticket.generation = bound_.generation();
  ticket.tokens = next.tokens;
  ticket.mark = word_.admitted(next.tokens);
  ticket.admitted = now;
  ticket.probe = probe;
  ready.push_back([go = std::move(next.go), ticket] { go(true, ticket); });
  queue_.pop_front();
}

}  // namespace assay
