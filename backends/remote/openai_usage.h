// Usage as OpenAI and compatible servers report it, in disjoint buckets.
#pragma once

#include <optional>

#include "harness/api/response.h"
#include "harness/base/json.h"

namespace assay {

// `usage` is the object of that name. Sources of the conventions:
// - prompt_tokens contains prompt_tokens_details.cached_tokens
// (platform.openai.com/docs/guides/prompt-caching);
//   DeepSeek says prompt_cache_hit_tokens and prompt_cache_miss_tokens, which make up the prompt
//   (api-docs.deepseek.com/guides/kv_cache); Moonshot says cached_tokens; OpenRouter adds
//   prompt_tokens_details.cache_write_tokens, also within prompt_tokens;
// - completion_tokens contains completion_tokens_details.reasoning_tokens, except where
//   total_tokens shows that it does not (xAI adds reasoning on top).
// Counts that are negative, not whole or absurd are unknown.
Usage openai_usage(const Json& usage);

// OpenRouter's usage.cost, in US dollars, as pico-dollars.
std::optional<std::int64_t> openai_cost_pico(const Json& usage);

}  // namespace assay
