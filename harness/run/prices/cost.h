// What a call's tokens cost at given prices, in integer pico-dollars.
//
// cost = sum over buckets of tokens * price (harness/api/response.h has the buckets, which are disjoint). A
// bucket that the server does not report lies inside `input` or `output`; those two must be known. Unknown
// usage, an unknown price of a bucket that holds tokens, and a sum that does not fit make the cost unknown,
// never 0. Threads: any; pure functions.
#pragma once

#include <cstdint>
#include <optional>

#include "harness/api/response.h"
#include "harness/store/price_row.h"

namespace assay {

std::optional<std::int64_t> usage_cost_pico(const Price&, const Usage&);

// Prompt tokens, from a cache or to it or neither; nullopt: unknown, or it does not fit.
std::optional<std::int64_t> whole_input(const Usage&);

// tokens * price, or nullopt when the product does not fit or tokens are negative.
std::optional<std::int64_t> times_price(std::int64_t tokens, std::int64_t price);

}  // namespace assay
