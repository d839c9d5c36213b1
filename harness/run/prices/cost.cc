#include "harness/run/prices/cost.h"

namespace assay {

std::optional<std::int64_t> times_price(std::int64_t tokens, std::int64_t price) {
  std::int64_t product = 0;
  if (tokens < 0 || __builtin_mul_overflow(tokens, price, &product)) return std::nullopt;
  return product;
}

std::optional<std::int64_t> whole_input(const Usage& u) {
  if (!u.input) return std::nullopt;
  std::int64_t sum = 0;
  for (const auto& bucket : {u.input, u.cached_input, u.cache_write}) {
    if (bucket.value_or(0) < 0 || __builtin_add_overflow(sum, bucket.value_or(0), &sum)) return std::nullopt;
  }
  return sum;
}

std::optional<std::int64_t> usage_cost_pico(const Price& price, const Usage& u) {
  if (!u.input || !u.output) return std::nullopt;
  const std::int64_t written = u.cache_write.value_or(0), for_an_hour = u.cache_write_1h.value_or(0);
  if (for_an_hour < 0 || for_an_hour > written) return std::nullopt;
  struct Bucket {
    std::optional<std::int64_t> tokens, price;
  };
  const Bucket buckets[] = {{u.input, price.input},
                            {u.cached_input, price.cached_input},
                            {written - for_an_hour, price.cache_write},
                            {for_an_hour, price.cache_write_1h},
                            {u.output, price.output},
                            {u.reasoning, price.reasoning ? price.reasoning : price.output}};
  std::int64_t total = 0;
  for (const Bucket& b : buckets) {
    if (b.tokens.value_or(0) == 0) continue;
    if (!b.price) return std::nullopt;
    const auto part = times_price(*b.tokens, *b.price);
    if (!part || __builtin_add_overflow(total, *part, &total)) return std::nullopt;
  }
  return total;
}

}  // namespace assay
