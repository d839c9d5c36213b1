#include "harness/mock/rate_limit.h"

#include <algorithm>
#include <cmath>

#include "harness/base/format.h"

namespace assay::mock {

std::string go_duration(double seconds) {
  const auto ms = static_cast<std::int64_t>(std::ceil(seconds * 1000));
  if (ms < 1000) return format("{}ms", ms);
  const std::int64_t minutes = ms / 60'000;
  const double rest = static_cast<double>(ms % 60'000) / 1000;
  return minutes == 0 ? format("{}s", rest) : format("{}m{}s", minutes, rest);
}

RateLimit::RateLimit(const MockOptions& o, Time now) : at_(now) {
  const auto bucket = [&o](double a_minute) {
    const double capacity = std::max(1.0, a_minute / 60 * o.burst_s);
    return Bucket{a_minute, capacity, capacity};
  };
  requests_ = bucket(o.requests_per_minute);
  tokens_ = bucket(o.tokens_per_minute);
}

void RateLimit::Bucket::refill(double s) { level = std::min(capacity, level + a_minute / 60 * s); }

double RateLimit::Bucket::missing_s(double amount) const {
  if (a_minute <= 0) return 0;
  const double missing = std::min(amount, capacity) - level;
  return missing <= 1e-9 ? 0 : missing * 60 / a_minute;
}

std::optional<double> RateLimit::wait_s(std::int64_t tokens, Time now) {
  if (requests_.a_minute <= 0 && tokens_.a_minute <= 0) return std::nullopt;
  const double passed = std::chrono::duration<double>(now - at_).count();
  at_ = now;
  requests_.refill(passed);
  tokens_.refill(passed);
  const double wait = std::max(requests_.missing_s(1), tokens_.missing_s(static_cast<double>(tokens)));
  if (wait > 0) return wait;
  requests_.level -= 1;
  tokens_.level -= static_cast<double>(tokens);
  return std::nullopt;
}

void RateLimit::add(HttpHeaderList& headers, const Bucket& b, const char* what) {
  if (b.a_minute <= 0) return;
  headers.emplace_back(format("x-ratelimit-limit-{}", what), format("{:.0f}", b.a_minute));
  headers.emplace_back(format("x-ratelimit-remaining-{}", what), format("{:.0f}", std::floor(std::max(0.0, b.level))));
  headers.emplace_back(format("x-ratelimit-reset-{}", what), go_duration(b.missing_s(b.capacity)));
}

void RateLimit::add_headers(HttpHeaderList& headers) const {
  add(headers, requests_, "requests");
  add(headers, tokens_, "tokens");
}

}  // namespace assay::mock
