#include "backends/remote/openai_usage.h"

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

constexpr std::int64_t kAbsurd = std::int64_t{1} << 40;  // tokens

std::optional<std::int64_t> count(const Json& object, const char* key) {
  const auto value = json_int(object, key);
  if (!value || *value < 0 || *value > kAbsurd) return std::nullopt;
  return value;
}

std::optional<std::int64_t> count(const Json& object, const char* inner, const char* key) {
  const Json* found = json_find(object, inner);
  return found == nullptr ? std::nullopt : count(*found, key);
}

}  // namespace

Usage openai_usage(const Json& usage) {
  Usage out;
  const auto prompt = count(usage, "prompt_tokens");
  const auto completion = count(usage, "completion_tokens");
  const auto total = count(usage, "total_tokens");
  const auto missed = count(usage, "prompt_cache_miss_tokens");
  out.cached_input = count(usage, "prompt_tokens_details", "cached_tokens");
  if (!out.cached_input || missed) {
    if (const auto hit = count(usage, "prompt_cache_hit_tokens")) out.cached_input = hit;
  }
  if (!out.cached_input) out.cached_input = count(usage, "cached_tokens");
  out.cache_write = count(usage, "prompt_tokens_details", "cache_write_tokens");
  if (missed && out.cached_input) {
    out.input = missed;
  } else if (prompt) {
    out.input = std::max<std::int64_t>(0, *prompt - out.cached_input.value_or(0) - out.cache_write.value_or(0));
  }
  out.reasoning = count(usage, "completion_tokens_details", "reasoning_tokens");
  if (completion) {
    const std::int64_t reasoning = out.reasoning.value_or(0);
    const bool on_top = prompt && total && reasoning > 0 && *total == *prompt + *completion + reasoning;
    out.output = on_top ? *completion : std::max<std::int64_t>(0, *completion - reasoning);
  }
  return out;
}

std::optional<std::int64_t> openai_cost_pico(const Json& usage) {
  const auto dollars = json_number(usage, "cost");
  if (!dollars || *dollars < 0 || *dollars > 1e6) return std::nullopt;
  return std::llround(*dollars * 1e12);
}

}  // namespace assay
