// Pricing: how one model entry's calls are priced.
//
// Who sets the price, the first of these that has one: the suite's entry; a row of the user's store; a
// shipped row; the provider, who reports what a call cost; nobody, and then the cost is unknown. Rows hold by
// the day (UTC) on which the call started. A request whose whole input, cached or not, is above a row's
// threshold costs the row's tier throughout. A batch call costs the row's batch factor of that, rounded to
// the nearest pico-dollar, half up; a factor that is not known makes it unknown. A bound rounds up, and where
// no factor is known takes the full price. Threads: const after construction, any number of readers.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/api/backend.h"
#include "harness/api/response.h"
#include "harness/run/prices/price_table.h"

namespace assay {

struct Priced {
  std::int64_t cost_pico = 0;
  std::string row;  // "deepseek/deepseek-reasoner 2025-09-29.. (shipped: SOURCE)"
};

class Pricing {
 public:
  Pricing() = default;  // what the provider reports
  // `own` is the entry's; `name` the entry's name, for messages.
  Pricing(const Price& own, const std::string& name, const PriceTable&, const std::string& provider,
          const std::string& model);

  std::optional<Priced> cost(const Response&, std::int64_t unix_micros, bool batch) const;
  // At most, each token in the dearest bucket that it may fall into. nullopt: unknown.
  std::optional<std::int64_t> bound(const TokenBound&, std::int64_t unix_micros, bool batch) const;
  // Which row holds then, or why none does: one line for plans.
  std::string row_at(std::int64_t unix_micros) const;
  bool known_at(std::int64_t unix_micros) const { return at(unix_micros) != nullptr; }

 private:
  struct Candidate {
    PriceRow row;
    std::string name;
  };
  const Candidate* at(std::int64_t unix_micros) const;

  std::vector<Candidate> candidates_;  // in order of precedence; the entry's own holds on every day
  std::string why_unknown_ = "no price: the entry has none and no provider is known";
};

// Sums of both over calls that our prices and the provider know the cost of. Any thread.
struct CostComparison {
  std::atomic<std::int64_t> ours{0}, theirs{0};
  std::atomic<std::uint64_t> calls{0};
  void add(const Priced&, const Response&);
};

// A line when what a provider reports and our prices differ by more than 1 % of the provider's sum, else
// empty. Sums are over calls where both are known.
std::string cost_difference(const std::string& model, std::int64_t ours_pico, std::int64_t theirs_pico,
                            std::uint64_t calls);

}  // namespace assay
