// Figures as people read them: percentages, counts, money, durations. For tables, progress lines
// and messages; machine formats print the numbers themselves.
//
// Threads: any. Nothing here depends on the locale.
#pragma once

#include <cstdint>
#include <string>

namespace assay {

// A fraction in percent with two decimals, without the sign: 0.9621 -> "96.21". Only 0 itself reads
// 0.00 and only 1 itself reads 100.00: one wrong answer in a million is not "100.00".
std::string percent_text(double fraction);

// 9999 -> "9999", 12345 -> "12.3k", 4560000 -> "4.56M", then G and T.
std::string count_text(std::int64_t count);

// With thousands in groups: 1234567 -> "1,234,567".
std::string grouped_text(std::uint64_t count);

// Pico-dollars in dollars, without the sign: two decimals from 1 dollar on, four from a cent on,
// below that two significant digits; 0 is "0.00".
std::string usd_text(std::int64_t pico);

// The same exactly, with no more decimals than needed: "0.000000000001", "12.5", "0".
std::string usd_exact(std::int64_t pico);

// "0.32 s", "42.1 s", "3 m 20 s", "2 h 05 m", "3 d 04 h". Negative and non-finite values read "?".
std::string duration_text(double seconds);

}  // namespace assay
