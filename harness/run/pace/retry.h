// Which errors are tried again, and when.
//
// Source of the backoff: "full jitter", uniform in [0, min(cap, base * 2^try)] (Brooker, "Exponential Backoff
// And Jitter", AWS Architecture Blog, 2015). Pure functions; any thread.
#pragma once

#include <cstdint>

#include "harness/api/backend.h"
#include "harness/base/rng.h"
#include "harness/run/run.h"

namespace assay {

// Passing failures, overload and broken replies are; the user's mistakes, deadlines, bugs of ours and
// cancelled requests are not.
bool is_retried(Code code);

// Seconds to wait after failure number `tries_made` (from 1). Never less than what the server asked for.
double retry_delay_s(const RetryOptions&, std::uint32_t tries_made, std::optional<double> retry_after,
                     Rng& rng);

}  // namespace assay
