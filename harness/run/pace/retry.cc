#include "harness/run/pace/retry.h"

#include <algorithm>
#include <cmath>

namespace assay {

bool is_retried(Code code) {
  return code == Code::unavailable || code == Code::exhausted || code == Code::corrupt;
}

double retry_delay_s(const RetryOptions& options, std::uint32_t tries_made, std::optional<double> retry_after,
                     Rng& rng) {
  const int doublings = static_cast<int>(std::min<std::uint32_t>(tries_made - 1, 62));
  const double ceiling = std::min(options.cap_s, std::ldexp(options.base_s, doublings));
  const double jittered = ceiling * rng.unit();
  // The server's word is a lower bound: coming back a moment early only earns the next refusal.
  if (retry_after && std::isfinite(*retry_after) && *retry_after > 0) return std::max(jittered, *retry_after);
  return jittered;
}

}  // namespace assay
