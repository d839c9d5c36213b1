// PriceTable: which price row holds for a call, found by provider, model and the day on which the call
// started.
//
// A row of the user goes before a shipped one. Among either's rows that hold on the day the narrowest model
// pattern wins: a name before a pattern, a longer pattern before a shorter, then by text. Threads: const
// after construction, any number of readers.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/store/price_row.h"

namespace assay {

class PriceTable {
 public:
  struct Entry {
    PriceRow row;
    bool shipped = false;
  };

  // The shipped rows alone.
  static const PriceTable& shipped();
  // Shipped rows and these. Error: Code::invalid naming two rows for one provider, model and day.
  static Result<PriceTable> with(std::vector<PriceRow> own);
  // For tests: other rows in the place of the shipped ones.
  static Result<PriceTable> make(std::vector<PriceRow> shipped, std::vector<PriceRow> own);

  const Entry* find(std::string_view provider, std::string_view model, std::int64_t unix_micros) const;
  // Every row for that model on whatever day, the one that goes before first.
  std::vector<Entry> rows_of(std::string_view provider, std::string_view model) const;
  const std::vector<Entry>& rows() const { return rows_; }

 private:
  std::vector<Entry> rows_;  // in order of precedence for any one model
};

bool holds_on(const PriceRow&, std::string_view day);

}  // namespace assay
