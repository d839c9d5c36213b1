// What tokens cost: the price of one model, as a suite's entry or a price row has it.
//
// Pico-dollars a token. 1 USD per million tokens is 1,000,000 pico-dollars a token, so that prices of up to
// six decimals are exact. nullopt is unknown, never free; what `cache_write_1h` and `reasoning` fall back to is said
// with them.
// Threads: any; plain values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "harness/base/result.h"

namespace assay {

struct Price {
  std::optional<std::int64_t> input;
  std::optional<std::int64_t> cached_input;
  std::optional<std::int64_t> cache_write;
  std::optional<std::int64_t> output;
  std::optional<std::int64_t> reasoning;  // nullopt: what an output token costs
  bool operator==(const Price&) const = default;
};

// USD per million tokens, as written ("0.15"), in pico-dollars a token. Error: what was expected.
Result<std::int64_t> parse_price(std::string_view decimal);
// USD an hour, as written ("2.49"), in millionths of a dollar an hour. Error: what was expected.
Result<std::int64_t> parse_machine_price(std::string_view decimal);

}  // namespace assay
