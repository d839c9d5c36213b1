#include "backends/remote/token_counts.h"

#include <algorithm>

namespace assay {
namespace {

constexpr std::int64_t kAbsurd = std::int64_t{1} << 40;  // tokens

using Count = std::optional<std::int64_t>;

Count part_of(const Count& sum, std::int64_t n, std::int64_t i) {
  if (!sum) return std::nullopt;
  return *sum / n + (i < *sum % n ? 1 : 0);
}

Count first_of(const Count& sum, std::int64_t i) {
  if (!sum) return std::nullopt;
  return i == 0 ? *sum : 0;
}

}  // namespace

Count token_count(const Json& object, const char* key) {
  const auto value = json_int(object, key);
  if (!value || *value < 0 || *value > kAbsurd) return std::nullopt;
  return value;
}

Count token_count(const Json& object, const char* inner, const char* key) {
  const Json* found = json_find(object, inner);
  return found == nullptr ? std::nullopt : token_count(*found, key);
}

Count without(Count whole, Count part) {
  if (!whole) return std::nullopt;
  return std::max<std::int64_t>(0, *whole - part.value_or(0));
}

void share_usage(const Usage& whole, std::vector<Response>& responses) {
  const auto n = static_cast<std::int64_t>(responses.size());
  for (std::int64_t i = 0; i < n; ++i) {
    Usage& u = responses[static_cast<std::size_t>(i)].usage;
    u.input = first_of(whole.input, i);
    u.cached_input = first_of(whole.cached_input, i);
    u.cache_write = first_of(whole.cache_write, i);
    u.cache_write_1h = first_of(whole.cache_write_1h, i);
    u.output = part_of(whole.output, n, i);
    u.reasoning = part_of(whole.reasoning, n, i);
  }
}

}  // namespace assay
