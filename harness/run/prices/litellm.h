// Price rows from litellm's model_prices_and_context_window.json, which has prices a token as JSON numbers,
// no dates, and entries that cannot be right.
//
// Numbers are read as they are written, never by way of a binary fraction. What is left out is said, one line
// each: an entry whose input or output price is missing, zero (which says nothing), negative, finer than a
// pico-dollar, or below what a character of it costs or half a cent a million tokens (a price a character in
// the wrong field); a price of caching, of a tier or of a batch that does not fit its entry. An entry's other
// prices are then kept, so that what was left out is unknown. Threads: any; pure. Errors: Code::invalid for a
// text that is no such file.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/store/price_row.h"

namespace assay {

struct LitellmPrices {
  std::vector<PriceRow> rows;                      // valid from the day given, not known to end
  std::vector<std::string> left_out;               // "KEY: why"
  std::map<std::string, std::size_t> other_modes;  // entries that are no text generation, by mode
  std::size_t entries = 0;
};

// `as_of` is the day from which the file's prices are taken to hold: "2025-10-15".
Result<LitellmPrices> read_litellm_prices(std::string_view json, const std::string& filename,
                                          const std::string& as_of);

}  // namespace assay
