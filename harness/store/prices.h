// PriceBook: the price rows that a user keeps in a store, beside those that the program brings.
//
// Rows are never changed or removed: one that gives way is marked with the moment, and what of its days the
// new row leaves is written as a row of its own, so that what a stored call cost can always be traced.
// Threads: one. Several processes may write one store.
// Errors: as Store's; Code::invalid for rows that overlap, naming both.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/store/price_row.h"

namespace assay {

class Db;

struct KeptPrice {
  PriceRow row;
  std::int64_t id = 0;                      // local to the store
  std::int64_t added_at = 0;                // unix microseconds
  std::optional<std::int64_t> replaced_at;  // unix microseconds; nullopt: it holds
};

enum class OnOverlap : std::uint8_t {
  refuse,
  replace,  // the new row holds on its days; rows before keep their other days
};

struct PricesAdded {
  std::size_t added = 0;
  std::size_t replaced = 0;   // rows that gave way, wholly or in part
  std::size_t unchanged = 0;  // days and prices were there already
};

class PriceBook {
 public:
  // Creates the store where it does not exist.
  static Result<std::unique_ptr<PriceBook>> open(const std::filesystem::path& store);
  ~PriceBook();

  // All or none of them, in one transaction. REQUIRES: each row is sound by itself
  // (harness/run/prices/price_rows.h).
  Result<PricesAdded> add(const std::vector<PriceRow>& rows, OnOverlap);

  // Those that hold, by provider, model and first day; with `all`, also those that gave way.
  Result<std::vector<KeptPrice>> list(bool all = false);

  // The rows that hold, of a store that is only read; none where there is no such file or it is older than
  // prices.
  static Result<std::vector<PriceRow>> read(const std::filesystem::path& store);

 private:
  explicit PriceBook(std::unique_ptr<Db> db);
  std::unique_ptr<Db> db_;
};

// "deepseek/deepseek-reasoner 2025-01-20..2025-09-05"
std::string price_row_name(const PriceRow&);
// Do both hold on some day? REQUIRES: same provider and model.
bool days_overlap(const PriceRow&, const PriceRow&);

}  // namespace assay
