#include "harness/run/prices/price_table.h"

#include <algorithm>
#include <tuple>

#include "harness/base/check.h"
#include "harness/base/embedded.h"
#include "harness/base/format.h"
#include "harness/base/glob.h"
#include "harness/base/utc_date.h"
#include "harness/run/prices/price_rows.h"

namespace assay {
namespace {

Result<std::vector<PriceRow>> read_shipped() {
  std::vector<PriceRow> out;
  for (const EmbeddedFile& file : embedded_prices()) {
    auto rows = read_price_rows(file.text, std::string(file.path));
    if (!rows) return rows.error();
    out.insert(out.end(), rows->begin(), rows->end());
  }
  return out;
}

bool is_row_of(const PriceTable::Entry& e, std::string_view provider, std::string_view model) {
  return e.row.provider == provider && glob_matches(e.row.model, model);
}

}  // namespace

bool holds_on(const PriceRow& row, std::string_view day) {
  return row.valid_from <= day && (row.valid_to.empty() || day < row.valid_to);
}

Result<PriceTable> PriceTable::make(std::vector<PriceRow> shipped, std::vector<PriceRow> own) {
  for (const auto* rows : {&own, &shipped}) {
    if (auto single = check_no_overlap(*rows); !single) return single.error();
  }
  PriceTable out;
  for (PriceRow& row : own) out.rows_.push_back({std::move(row), false});
  for (PriceRow& row : shipped) out.rows_.push_back({std::move(row), true});
  std::sort(out.rows_.begin(), out.rows_.end(), [](const Entry& a, const Entry& b) {
    if (a.shipped != b.shipped) return !a.shipped;
    const std::size_t x = glob_rank(a.row.model), y = glob_rank(b.row.model);
    if (x != y) return x > y;
    return std::tie(a.row.provider, a.row.model, a.row.valid_from) <
           std::tie(b.row.provider, b.row.model, b.row.valid_from);
  });
  return out;
}

const PriceTable& PriceTable::shipped() {
  static const PriceTable table = [] {
    auto rows = read_shipped();
    CHECK_THAT_HOLDS(rows.ok(), "the shipped prices are sound");
    auto made = make(std::move(*rows), {});
    CHECK_THAT_HOLDS(made.ok(), "no two shipped prices are for one day");
    return std::move(*made);
  }();
  return table;
}

Result<PriceTable> PriceTable::with(std::vector<PriceRow> own) {
  auto rows = read_shipped();
  if (!rows) return Error{Code::internal, format("shipped prices: {}", rows.error().message)};
  return make(std::move(*rows), std::move(own));
}

const PriceTable::Entry* PriceTable::find(std::string_view provider, std::string_view model,
                                          std::int64_t unix_micros) const {
  const std::string day = utc_date_of_micros(unix_micros);
  for (const Entry& e : rows_) {
    if (is_row_of(e, provider, model) && holds_on(e.row, day)) return &e;
  }
  return nullptr;
}

std::vector<PriceTable::Entry> PriceTable::rows_of(std::string_view provider, std::string_view model) const {
  std::vector<Entry> out;
  for (const Entry& e : rows_) {
    if (is_row_of(e, provider, model)) out.push_back(e);
  }
  return out;
}

}  // namespace assay
