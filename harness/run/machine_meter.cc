#include "harness/run/machine_meter.h"

#include <algorithm>
#include <utility>

namespace assay {
namespace {

__extension__ typedef __int128 Wide;

// A nanosecond at a millionth of a dollar an hour is 10^6 / (3600 x 10^9) pico-dollars.
constexpr std::int64_t kPerPico = 3'600'000;

}  // namespace

void MachineMeter::advance(Clock::time_point now) {
  if (now <= last_) return;
  const std::int64_t passed = std::chrono::duration_cast<std::chrono::nanoseconds>(now - last_).count();
  last_ = now;
  if (in_flight_ == 0) return;
  over_ns_ += passed;
  shared_ns_ += over_ns_ / in_flight_;
  over_ns_ %= in_flight_;
}

MachineMeter::Ticket MachineMeter::enter(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  advance(now);
  ++in_flight_;
  return {shared_ns_};
}

std::int64_t MachineMeter::leave(const Ticket& ticket, Clock::time_point now, std::int64_t micro_per_hour) {
  const std::lock_guard lock(mutex_);
  advance(now);
  std::int64_t share = shared_ns_ - ticket.entered;
  if (--in_flight_ == 0) share += std::exchange(over_ns_, 0);
  const Wide owed = Wide{share} * micro_per_hour + over_money_;
  over_money_ = static_cast<std::int64_t>(owed % kPerPico);
  return static_cast<std::int64_t>(std::min(owed / kPerPico, Wide{INT64_MAX}));
}

}  // namespace assay
