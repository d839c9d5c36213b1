#include "backends/remote/replicas.h"

#include <algorithm>

namespace assay {
namespace {

constexpr double kFirstWait = 1;  // seconds a server is avoided after its first failure; doubles each time
constexpr double kMostWait = 60;
constexpr std::uint32_t kSlack = 2;  // requests above the fewest that a sample's own server may have, and
constexpr std::uint32_t kShare = 8;  // one more for every so many in flight

// FNV-1a with a finish of splitmix64: spreads well, and the same on every machine.
std::uint64_t hash(std::string_view a, std::string_view b, std::string_view c) {
  std::uint64_t h = 14695981039346656037u;
  for (const std::string_view part : {a, b, c}) {
    for (const char ch : part) h = (h ^ static_cast<unsigned char>(ch)) * 1099511628211u;
    h = (h ^ 0xFF) * 1099511628211u;
  }
  h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
  h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
  return h ^ (h >> 31);
}

Replicas::Clock::duration seconds(double s) {
  return std::chrono::duration_cast<Replicas::Clock::duration>(std::chrono::duration<double>(s));
}

}  // namespace

Replicas::Replicas(std::vector<std::string> names) {
  for (std::string& name : names) {
    all_.emplace_back();
    all_.back().name = std::move(name);
  }
}

// After its time is over a failed server gets one request; more once that went well.
bool Replicas::usable(const State& state, Clock::time_point now) const {
  return state.failures == 0 || (now >= state.avoid_until && state.in_flight == 0);
}

std::size_t Replicas::take(std::string_view task, std::string_view sample, Clock::time_point now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (all_.size() == 1) return ++all_[0].in_flight, 0;
  std::uint32_t fewest = UINT32_MAX;
  for (const State& s : all_) {
    if (usable(s, now)) fewest = std::min(fewest, s.in_flight);
  }
  std::optional<std::size_t> best;
  if (fewest == UINT32_MAX) {
    const auto soonest = std::min_element(all_.begin(), all_.end(), [](const State& a, const State& b) {
      return a.avoid_until < b.avoid_until;
    });
    best = static_cast<std::size_t>(soonest - all_.begin());
  } else {
    const std::uint32_t most = fewest + kSlack + fewest / kShare;
    std::uint64_t highest = 0;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (!usable(all_[i], now) || all_[i].in_flight > most) continue;
      const std::uint64_t h = hash(task, sample, all_[i].name);
      if (best && h <= highest) continue;
      best = i;
      highest = h;
    }
  }
  ++all_[*best].in_flight;
  return *best;
}

void Replicas::give_back(std::size_t replica, End end, std::optional<double> wait_s, Clock::time_point now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  State& s = all_[replica];
  --s.in_flight;
  if (end == End::good) s.failures = 0;
  if (end != End::failed) return;
  // What was in flight when it failed fails with it, and is no further failure.
  if (s.failures == 0 || now >= s.avoid_until) s.failures = std::min<std::uint32_t>(s.failures + 1, 16);
  const double own = std::min(kMostWait, kFirstWait * static_cast<double>(1u << (s.failures - 1)));
  s.avoid_until = std::max(s.avoid_until, now + seconds(std::min(kMostWait, wait_s.value_or(own))));
}

std::uint32_t Replicas::in_flight(std::size_t replica) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return all_[replica].in_flight;
}

}  // namespace assay
