// Token counts as servers write them, and how those of a request are shared out among its choices.
//
// Pure. Counts that are negative, not whole or absurd (above 2^40) are unknown.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/api/response.h"
#include "harness/base/json.h"

namespace assay {

std::optional<std::int64_t> token_count(const Json& object, const char* key);
std::optional<std::int64_t> token_count(const Json& object, const char* inner, const char* key);

// `whole` without `part`, not below zero; unknown where `whole` is. An unknown part counts as nothing.
std::optional<std::int64_t> without(std::optional<std::int64_t> whole, std::optional<std::int64_t> part);

// Usage is the request's and not a choice's: the first response carries the prompt, and the output is spread
// evenly, so that sums are exact.
void share_usage(const Usage& whole, std::vector<Response>& responses);

}  // namespace assay
