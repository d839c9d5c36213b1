// Prices as texts, read exactly: never by way of a binary fraction.
//
// Threads: any; pure functions. Errors: Code::invalid, what was expected.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/base/result.h"
#include "harness/store/price_row.h"

namespace assay {

// USD per million tokens, as written ("0.15"), in pico-dollars a token.
Result<std::int64_t> parse_price(std::string_view decimal);
// The inverse: the shortest such text. REQUIRES: not negative.
std::string price_text(std::int64_t pico_per_token);
// USD an hour, as written ("2.49"), in millionths of a dollar an hour.
Result<std::int64_t> parse_machine_price(std::string_view decimal);
// A share from 0 to 1 ("0.5"), in millionths.
Result<std::int64_t> parse_share(std::string_view decimal);
// USD per token as a JSON number has it ("1.1e-06"), in pico-dollars. What is finer than a pico-dollar is an
// error.
Result<std::int64_t> parse_token_price(std::string_view number);

}  // namespace assay
