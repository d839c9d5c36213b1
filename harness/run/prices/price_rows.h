// Price rows as YAML, as the shipped table and a user's files have them (docs/prices.md):
//
//   sources: {page: "api-docs.deepseek.com/quick_start/pricing"}     # names that rows may use
//   prices:
//     - {provider: deepseek, model: deepseek-chat, valid_from: 2025-02-08, input: 0.27, cached_read: 0.07,
//        output: 1.10, source: page, retrieved_at: 2025-02-20}
//
// Prices are USD per million tokens. Rows that overlap (one provider, model and day) are refused by name.
// Threads: any; pure functions. Errors: Code::invalid with file and line.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/result.h"
#include "harness/store/price_row.h"

namespace assay {

Result<std::vector<PriceRow>> read_price_rows(std::string_view text, const std::string& filename);

// Sets one of a row's fields by its key: "cached_read", "0.07". Error: what was expected, or an unknown key.
Result<void> set_price_field(PriceRow& row, std::string_view key, std::string_view text);
std::vector<std::string_view> price_keys();

// Complete by itself: names, days in order, some price, a tier with its threshold.
Result<void> check_price_row(const PriceRow& row);
// No two of them hold for one provider, model and day; else an error that names both.
Result<void> check_no_overlap(const std::vector<PriceRow>& rows);

// Every field that is set, as its key and text, in the order of price_keys().
std::vector<std::pair<std::string_view, std::string>> price_fields(const PriceRow& row);

}  // namespace assay
