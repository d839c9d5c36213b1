// Limits that a provider sets: requests and tokens a minute as token buckets, and requests in flight.
//
// Threads: one.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "harness/base/http.h"
#include "harness/mock/options.h"

namespace assay::mock {

// "1m2.5s", "820ms", "6s": a duration as OpenAI writes it in x-ratelimit-reset-*.
std::string go_duration(double seconds);

class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;
  RateLimit(const MockOptions& options, Time now);

  // Takes a request in, or says after how many seconds it may come again.
  std::optional<double> wait_s(std::int64_t tokens, Time now);
  // The state of the buckets, as x-ratelimit-* headers. None without limits.
  void add_headers(HttpHeaderList& headers) const;

 private:
  struct Bucket {
    double a_minute = 0;
    double capacity = 0;
    double level = 0;
    void refill(double s);
    // Seconds until `amount` is there; what is more than the bucket holds needs a full one.
    double missing_s(double amount) const;
  };
  static void add(HttpHeaderList& headers, const Bucket& bucket, const char* what);

  Bucket requests_;
  Bucket tokens_;
  Time at_;
};

}  // namespace assay::mock
