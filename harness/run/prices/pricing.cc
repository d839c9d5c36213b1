#include "harness/run/prices/pricing.h"

#include <algorithm>

#include "harness/base/format.h"
#include "harness/base/utc_date.h"
#include "harness/base/utf8.h"
#include "harness/run/prices/cost.h"
#include "harness/store/prices.h"

namespace assay {
namespace {

using Pico = std::optional<std::int64_t>;

constexpr std::int64_t kMillion = 1'000'000;
constexpr const char* kReported = "reported by the provider";

// A millionth part of value * millionths, to the nearest or upwards.
std::int64_t share(std::int64_t value, std::int64_t millionths, bool up) {
  __extension__ using Wide = __int128;
  const Wide exact = static_cast<Wide>(value) * millionths;
  return static_cast<std::int64_t>((exact + (up ? kMillion - 1 : kMillion / 2)) / kMillion);
}

bool in_tier(const PriceRow& row, std::int64_t input) { return row.tier_tokens && input > *row.tier_tokens; }

Pico row_cost(const PriceRow& row, const Usage& usage, bool batch) {
  const auto input = whole_input(usage);
  if (!input || (batch && !row.batch_millionths)) return std::nullopt;
  const auto cost = usage_cost_pico(in_tier(row, *input) ? row.tier : row.price, usage);
  if (!cost || !batch) return cost;
  return share(*cost, *row.batch_millionths, false);
}

Pico dearest(std::initializer_list<Pico> prices) {
  Pico out;
  for (const Pico& p : prices) {
    if (p) out = std::max(out.value_or(0), *p);
  }
  return out;
}

Pico most(const Price& p, std::int64_t input, std::int64_t output) {
  if (!p.input || !p.output) return std::nullopt;
  const auto in = times_price(input, *dearest({p.input, p.cached_input, p.cache_write, p.cache_write_1h}));
  const auto out = times_price(output, *dearest({p.output, p.reasoning}));
  std::int64_t sum = 0;
  if (!in || !out || __builtin_add_overflow(*in, *out, &sum)) return std::nullopt;
  return sum;
}

}  // namespace

Pricing::Pricing(const Price& own, const std::string& name, const PriceTable& table,
                 const std::string& provider, const std::string& model) {
  if (!(own == Price{})) {
    PriceRow row;
    row.price = own;
    candidates_.push_back({std::move(row), format("the suite's price of {}", name)});
  }
  if (provider.empty()) return;
  why_unknown_ = format("no price row for provider '{}', model '{}' on that day; see `assay prices add`",
                        provider, model);
  for (PriceTable::Entry& e : table.rows_of(provider, model)) {
    std::string id =
        format("{} ({}: {})", price_row_name(e.row), e.shipped ? "shipped" : "store", e.row.source);
    candidates_.push_back({std::move(e.row), std::move(id)});
  }
}

const Pricing::Candidate* Pricing::at(std::int64_t unix_micros) const {
  if (candidates_.empty()) return nullptr;
  const std::string day = utc_date_of_micros(unix_micros);
  for (const Candidate& c : candidates_) {
    if (holds_on(c.row, day)) return &c;
  }
  return nullptr;
}

std::optional<Priced> Pricing::cost(const Response& response, std::int64_t unix_micros, bool batch) const {
  const Candidate* found = at(unix_micros);
  if (found != nullptr) {
    if (const Pico ours = row_cost(found->row, response.usage, batch)) return Priced{*ours, found->name};
  }
  if (response.provider_cost_pico) return Priced{*response.provider_cost_pico, kReported};
  return std::nullopt;
}

std::optional<std::int64_t> Pricing::bound(const TokenBound& tokens, std::int64_t unix_micros,
                                           bool batch) const {
  const Candidate* found = at(unix_micros);
  if (found == nullptr || !tokens.input || !tokens.output) return std::nullopt;
  Pico sum = most(found->row.price, *tokens.input, *tokens.output);
  if (sum && in_tier(found->row, *tokens.input)) {
    const Pico above = most(found->row.tier, *tokens.input, *tokens.output);
    sum = above ? Pico(std::max(*sum, *above)) : std::nullopt;
  }
  if (!sum || !batch || !found->row.batch_millionths) return sum;
  return share(*sum, *found->row.batch_millionths, true);
}

std::string Pricing::row_at(std::int64_t unix_micros) const {
  const Candidate* found = at(unix_micros);
  return found == nullptr ? why_unknown_ : found->name;
}

void CostComparison::add(const Priced& priced, const Response& response) {
  constexpr std::int64_t kPlausible = 1'000'000'000'000'000;  // a thousand dollars, so that sums fit
  if (priced.row == kReported || !response.provider_cost_pico) return;
  if (priced.cost_pico > kPlausible || *response.provider_cost_pico > kPlausible) return;
  ours += priced.cost_pico;
  theirs += *response.provider_cost_pico;
  ++calls;
}

std::string cost_difference(const std::string& model, std::int64_t ours_pico, std::int64_t theirs_pico,
                            std::uint64_t calls) {
  constexpr double kPicoPerDollar = 1e12;
  const auto ours = static_cast<long double>(ours_pico), theirs = static_cast<long double>(theirs_pico);
  const long double off = ours > theirs ? ours - theirs : theirs - ours;
  if (off * 100 <= theirs) return {};
  return format(
      "{}: our prices make ${:.6f} of {} calls, the provider reports ${:.6f}; see `assay prices list`",
      printable(model), static_cast<double>(ours_pico) / kPicoPerDollar, calls,
      static_cast<double>(theirs_pico) / kPicoPerDollar);
}

}  // namespace assay
