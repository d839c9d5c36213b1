// Calendar days in UTC: "2025-02-08".
//
// Threads: any; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

// Days since 1970-01-01 of a day that exists, written as YYYY-MM-DD; years 1970 to 9999.
std::optional<std::int64_t> parse_utc_date(std::string_view text);
std::string utc_date(std::int64_t days);            // REQUIRES: a day of those years
std::string utc_date_of_micros(std::int64_t unix);  // the day that this many microseconds since 1970 fall on

}  // namespace assay
