// What a server says it still allows, from the headers of a response.
//
// Sources: x-ratelimit-{limit,remaining,reset}-{requests,tokens} (platform.openai.com/docs/guides/rate-limits;
// resets such as "6m0s", "20ms"), anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-
// {limit,remaining,reset} (docs.anthropic.com/en/api/rate-limits; resets as RFC 3339), and for requests alone
// x-ratelimit-{limit,remaining,reset} (OpenRouter: unix milliseconds) and ratelimit-{limit,remaining,reset}
// (draft-ietf-httpapi-ratelimit-headers: seconds).
//
// Pure. Untrusted: what is not understood, negative or absurd is unknown.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "harness/api/backend.h"
#include "harness/base/http.h"

namespace assay {

// `now_s`: unix seconds, with a fraction, for resets that name a moment.
RateLimits rate_limits(const HttpHeaderList& headers, double now_s);

// "6m0s", "1s", "20ms", "1h2m3.5s", "1d2h": seconds. A number alone is seconds.
std::optional<double> duration_seconds(std::string_view text);

// "2025-01-02T03:04:05Z", also with a fraction or an offset: unix seconds (RFC 3339).
std::optional<double> rfc3339_seconds(std::string_view text);

}  // namespace assay
