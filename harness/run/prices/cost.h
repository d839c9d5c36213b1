// What a call cost, in integer pico-dollars.
//
// cost = sum over buckets of tokens * price (harness/api/response.h has the buckets, which are disjoint). A
// bucket that the server does not report lies inside `input` or `output`; those two must be known. Unknown
// usage or an unknown price of a bucket that holds tokens makes the cost unknown, never 0. Without any price
// in the model's entry, it is what the provider reports, if it does.
#pragma once

#include <cstdint>
#include <optional>

#include "harness/api/response.h"
#include "harness/run/prices/price.h"

namespace assay {

std::optional<std::int64_t> call_cost_pico(const Price&, const Response&);

// tokens * price, or nullopt when the product does not fit.
std::optional<std::int64_t> times_price(std::int64_t tokens, std::int64_t price);

}  // namespace assay
