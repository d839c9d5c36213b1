// Wall time and ULIDs. Durations inside the program use std::chrono::steady_clock directly.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace assay {

std::int64_t unix_micros();                       // since 1970-01-01 UTC
std::string utc_time(std::int64_t micros);        // "2026-11-24T09:31:18Z"

// A ULID (github.com/ulid/spec): 26 characters of Crockford base 32, sortable by creation time,
// 80 random bits. Strictly increasing within a process. Any thread.
std::string new_ulid();
bool is_ulid(std::string_view text);

}  // namespace assay
