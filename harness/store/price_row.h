// What tokens cost: prices of one model, and a row of a price table, which says when and where they hold.
//
// Pico-dollars a token. 1 USD per million tokens is 1,000,000 pico-dollars a token, so that prices of up to
// six decimals are exact. nullopt is unknown, never free.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace assay {

struct Price {
  std::optional<std::int64_t> input;
  std::optional<std::int64_t> cached_input;
  std::optional<std::int64_t> cache_write;  // to a cache of the usual lifetime (Anthropic: 5 minutes)
  std::optional<std::int64_t> output;
  std::optional<std::int64_t> reasoning = {};       // nullopt: what an output token costs
  std::optional<std::int64_t> cache_write_1h = {};  // to a cache that lasts an hour
  bool operator==(const Price&) const = default;
};

// Days are those of UTC, "2025-02-08"; a call belongs to the day on which it started.
struct PriceRow {
  std::string provider;    // who is paid: "deepseek"
  std::string model;       // as the provider's API names it, or with `*` for any characters
  std::string valid_from;  // the first day
  std::string valid_to;    // the first day on which it holds no more; empty: not known to end
  std::string currency = "USD";
  Price price;
  std::optional<std::int64_t> batch_millionths;  // what a batch endpoint costs of it: 500,000 is half
  std::optional<std::int64_t> tier_tokens;       // a request with more input than this costs `tier`
  Price tier;
  std::string source;        // where it was read
  std::string retrieved_at;  // and on which day
};

}  // namespace assay
