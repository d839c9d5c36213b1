#include "harness/run/prices/pricing.h"

#include "harness/base/utc_date.h"
#include "harness/run/prices/cost.h"
#include "harness/run/prices/price_rows.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

using Pico = std::optional<std::int64_t>;

constexpr std::int64_t kDay = 86'400'000'000;

std::int64_t noon(const char* day) { return *parse_utc_date(day) * kDay + kDay / 2; }

Usage usage_of(Pico input, Pico cached, Pico written, Pico output, Pico reasoning) {
  Usage u;
  u.input = input;
  u.cached_input = cached;
  u.cache_write = written;
  u.output = output;
  u.reasoning = reasoning;
  return u;
}

Pricing shipped(const char* provider, const char* model) {
  return Pricing(Price{}, "entry", PriceTable::shipped(), provider, model);
}

// -1: unknown.
std::int64_t cost_of(const Pricing& pricing, const Usage& usage, const char* day, bool batch = false) {
  Response r;
  r.usage = usage;
  const auto priced = pricing.cost(r, noon(day), batch);
  return priced ? priced->cost_pico : -1;
}

PriceTable table_of(const char* row) {
  auto rows = read_price_rows(std::string("prices:\n  - {") + row + "}\n", "x.yaml");
  REQUIRE(rows.ok());
  auto table = PriceTable::make({}, std::move(*rows));
  REQUIRE(table.ok());
  return std::move(*table);
}

}  // namespace

TEST_CASE("a call costs the sum of its buckets, or an unknown amount") {
  Price price{10, 2, 12, 40};
  const auto cost = [&](Pico in, Pico cached, Pico written, Pico out, Pico reasoning,
                        Pico hour = std::nullopt) {
    Usage u = usage_of(in, cached, written, out, reasoning);
    u.cache_write_1h = hour;
    return usage_cost_pico(price, u);
  };
  CHECK(cost(100, 50, 10, 7, 3) == 100 * 10 + 50 * 2 + 10 * 12 + 7 * 40 + 3 * 40);
  CHECK(cost(100, {}, {}, 7, {}) == 1280);  // a bucket that is not reported lies in the others
  CHECK(cost(0, 0, 0, 0, 0) == 0);
  CHECK(cost({}, 0, 0, 7, 0) == std::nullopt);
  CHECK(cost(1, 0, 0, {}, 0) == std::nullopt);
  CHECK(cost(INT64_MAX / 2, 0, 0, 1, 0) == std::nullopt);
  CHECK(cost(-1, 0, 0, 1, 0) == std::nullopt);
  // An hour's cache is a part of what was written, and has a price of its own.
  CHECK(cost(0, 0, 10, 0, 0, 4) == std::nullopt);
  price.cache_write_1h = 20;
  CHECK(cost(0, 0, 10, 0, 0, 4) == 6 * 12 + 4 * 20);
  CHECK(cost(0, 0, 10, 0, 0, 11) == std::nullopt);
  CHECK(cost(0, 0, 10, 0, 0, -1) == std::nullopt);
  price.reasoning = 50;
  CHECK(cost(0, 0, 0, 7, 3) == 7 * 40 + 3 * 50);
  price.cached_input.reset();
  CHECK(cost(1, 5, 0, 1, 0) == std::nullopt);  // not free, but not known
  CHECK(cost(1, 0, 0, 1, 0) == 50);
}

TEST_CASE("a price follows provider, model and the day of the call") {
  const Usage u = usage_of(1'000'000, {}, {}, 1'000'000, {});  // so that the cost is input + output price
  struct Case {
    const char* what;
    const char* provider;
    const char* model;
    const char* day;
    double usd;  // -1: unknown
  };
  for (const Case& c : {
           Case{"trap 1: the cut of o1-mini", "openai", "o1-mini", "2025-01-30", 15.00},
           Case{"trap 1", "openai", "o1-mini", "2025-01-31", 5.50},
           Case{"trap 1: the dated name too", "openai", "o1-mini-2024-09-12", "2024-10-01", 15.00},
           Case{"trap 1", "openai", "o1-mini-2024-09-12", "2025-06-01", 5.50},
           Case{"before its release", "openai", "o1-mini", "2024-09-11", -1},
           Case{"trap 2: R1", "deepseek", "deepseek-reasoner", "2025-09-04", 2.74},
           Case{"trap 2: V3.1", "deepseek", "deepseek-reasoner", "2025-09-05", 2.24},
           Case{"trap 2: V3.2", "deepseek", "deepseek-reasoner", "2025-09-29", 0.70},
           Case{"trap 2: no such name any more", "deepseek", "deepseek-reasoner", "2026-07-24", -1},
           Case{"promotion", "deepseek", "deepseek-chat", "2025-02-07", 0.42},
           Case{"promotion is over", "deepseek", "deepseek-chat", "2025-02-08", 1.37},
           Case{"trap 3: hosts of R1", "hyperbolic", "deepseek-ai/DeepSeek-R1", "2025-03-01", 0.80},
           Case{"trap 3", "together", "deepseek-ai/DeepSeek-R1", "2025-03-01", 2.68},
           Case{"trap 3", "nebius", "deepseek-ai/DeepSeek-R1", "2025-03-01", 3.20},
           Case{"trap 3", "fireworks", "accounts/fireworks/models/deepseek-r1", "2025-03-01", 11.00},
           Case{"trap 3: two doors of Google", "google", "gemini-2.0-flash", "2025-03-01", 0.50},
           Case{"trap 3", "vertex", "gemini-2.0-flash-001", "2025-03-01", 0.75},
           Case{"trap 4: a dirty entry is not taken", "google", "gemini-1.5-flash-exp-0827", "2025-03-01",
                -1},
           Case{"trap 4", "google", "gemini-2.0-flash-exp", "2025-03-01", -1},
           Case{"o1", "openai", "o1", "2025-01-01", 75},
           Case{"o1-pro", "openai", "o1-pro-2025-03-19", "2025-04-01", 750},
           Case{"o3", "openai", "o3", "2025-07-01", 10},
           Case{"o4-mini", "openai", "o4-mini", "2025-07-01", 5.50},
           Case{"gpt-4o of May", "openai", "gpt-4o-2024-05-13", "2025-01-01", 20},
           Case{"a glob", "anthropic", "claude-3-5-sonnet-20241022", "2025-01-01", 18},
           Case{"another provider's model", "openai", "claude-3-5-sonnet-20241022", "2025-01-01", -1},
       }) {
    INFO(c.what << ": " << c.provider << "/" << c.model << " on " << c.day);
    const std::int64_t cost = cost_of(shipped(c.provider, c.model), u, c.day);
    CHECK(cost == (c.usd < 0 ? -1 : static_cast<std::int64_t>(c.usd * 1e12 + 0.5)));
  }
  // Trap 4: Haiku's hour in the cache has no price that could be believed.
  Usage hour = usage_of(1, 0, 1000, 1, 0);
  CHECK(cost_of(shipped("anthropic", "claude-3-haiku-20240307"), hour, "2025-01-01") ==
        250'000 + 1000 * 300'000 + 1'250'000);
  hour.cache_write_1h = 1000;
  CHECK(cost_of(shipped("anthropic", "claude-3-haiku-20240307"), hour, "2025-01-01") == -1);
  CHECK(cost_of(shipped("anthropic", "claude-3-5-sonnet-20240620"), hour, "2025-01-01") ==
        3'000'000 + 6'000'000'000 + 15'000'000);
}

TEST_CASE("above a threshold of its whole input a request costs the tier throughout") {
  const Pricing pro = shipped("google", "gemini-1.5-pro");
  CHECK(cost_of(pro, usage_of(128'000, {}, {}, 1000, {}), "2025-01-01") ==
        128'000 * 1'250'000LL + 1000 * 5'000'000LL);
  CHECK(cost_of(pro, usage_of(128'001, {}, {}, 1000, {}), "2025-01-01") ==
        128'001 * 2'500'000LL + 1000 * 10'000'000LL);
  // Flash's tier is not known, and neither is the cost.
  CHECK(cost_of(shipped("google", "gemini-1.5-flash"), usage_of(128'001, {}, {}, 1, {}), "2025-01-01") == -1);
  const PriceTable table = table_of(
      "provider: p, model: m, valid_from: 2025-01-01, input: 1, cached_read: 0.5, cache_write_5m: 2, output: "
      "10, "
      "tier_threshold_tokens: 200, tier_input: 2, tier_cached_read: 1, tier_output: 20, source: s");
  const Pricing p(Price{}, "e", table, "p", "m");
  CHECK(cost_of(p, usage_of(100, 100, {}, 1, {}), "2025-01-01") == 100'000'000 + 50'000'000 + 10'000'000);
  CHECK(cost_of(p, usage_of(100, 101, {}, 1, {}), "2025-01-01") == 200'000'000 + 101'000'000 + 20'000'000);
  CHECK(cost_of(p, usage_of(1, 100, 100, 1, {}), "2025-01-01") == -1);  // writing has no price in the tier
}

TEST_CASE("a batch costs its factor, rounded once and half up; without one it is unknown") {
  const PriceTable table = table_of(
      "provider: p, model: m, valid_from: 2025-01-01, input: 0.000001, output: 0.000003, batch_factor: 0.5, "
      "source: s");
  const Pricing p(Price{}, "e", table, "p", "m");
  CHECK(cost_of(p, usage_of(1, {}, {}, 0, {}), "2025-01-01", true) == 1);  // 0.5 pico-dollars
  CHECK(cost_of(p, usage_of(1, {}, {}, 1, {}), "2025-01-01", true) == 2);
  CHECK(cost_of(p, usage_of(0, {}, {}, 0, {}), "2025-01-01", true) == 0);
  CHECK(p.bound({1, 0}, noon("2025-01-01"), true) == 1);
  CHECK(cost_of(shipped("openai", "o3-mini"), usage_of(1'000'000, {}, {}, 1'000'000, {}), "2025-03-01",
                true) == 2'750'000'000'000);
  CHECK(cost_of(shipped("openai", "o1-mini"), usage_of(1, {}, {}, 1, {}), "2025-03-01", true) == -1);
  // A bound may be too high: the full price.
  CHECK(shipped("openai", "o1-mini").bound({1, 1}, noon("2025-03-01"), true) == 5'500'000);
}

TEST_CASE("the entry's own price goes first, the provider's report last") {
  Response r;
  r.usage = usage_of(1000, {}, {}, 1000, {});
  const std::int64_t when = noon("2025-03-01");
  const Pricing own(Price{1, {}, {}, 2}, "mine", PriceTable::shipped(), "openai", "o1");
  REQUIRE(own.cost(r, when, false));
  CHECK(own.cost(r, when, false)->cost_pico == 3000);
  CHECK(own.cost(r, when, false)->row == "the suite's price of mine");
  r.provider_cost_pico = 77;
  CHECK(own.cost(r, when, false)->cost_pico == 3000);
  CHECK(shipped("openai", "o1").cost(r, when, false)->row.find("openai/o1 2024-12-17.. (shipped: ") == 0);
  const Pricing none = shipped("openai", "no-such-model");
  CHECK(none.cost(r, when, false)->cost_pico == 77);
  CHECK(none.cost(r, when, false)->row == "reported by the provider");
  CHECK(none.row_at(when).find("no price row for provider 'openai', model 'no-such-model'") == 0);
  CHECK_FALSE(none.bound({1, 1}, when, false));
  // What our row cannot say the provider may.
  r.usage.cache_write = 5;
  CHECK(shipped("openai", "o1").cost(r, when, false)->row == "reported by the provider");
  r.provider_cost_pico.reset();
  CHECK_FALSE(shipped("openai", "o1").cost(r, when, false));
  CHECK_FALSE(none.cost(r, when, false));
  CHECK_FALSE(Pricing().cost(r, when, false));
}

TEST_CASE("no call whose usage lies within a bound costs more than it") {
  const PriceTable table = table_of(
      "provider: p, model: m, valid_from: 2025-01-01, input: 2, cached_read: 3, cache_write_5m: 5, "
      "cache_write_1h: 7, "
      "output: 10, reasoning: 11, tier_threshold_tokens: 10, tier_input: 4, tier_cached_read: 1, "
      "tier_output: 9, "
      "batch_factor: 0.333333, source: s");
  const Pricing p(Price{}, "e", table, "p", "m");
  const std::int64_t when = noon("2025-01-01");
  for (const bool batch : {false, true}) {
    for (const std::int64_t in : {0, 3, 10, 11, 30}) {
      const Pico most = p.bound({in, 6}, when, batch);
      REQUIRE(most);
      for (std::int64_t cached = 0; cached <= in; ++cached) {
        Response r;
        r.usage = usage_of(in - cached, cached, {}, 2, 4);
        const auto cost = p.cost(r, when, batch);
        REQUIRE(cost);
        CHECK(cost->cost_pico <= *most);
      }
    }
  }
  CHECK(p.bound({3, 6}, when, false) == 3 * 7'000'000 + 6 * 11'000'000);
  CHECK(p.bound({INT64_MAX, 1}, when, false) == std::nullopt);
  CHECK(p.bound({std::nullopt, 1}, when, false) == std::nullopt);
  CHECK(p.bound({1, std::nullopt}, when, false) == std::nullopt);
  CHECK(p.bound({-1, 1}, when, false) == std::nullopt);
}

TEST_CASE("a provider's report that differs by more than one in a hundred is told") {
  struct Case {
    std::int64_t ours, theirs;
    bool told;
  };
  for (const Case& c : {Case{1000, 1000, false}, Case{1010, 1000, false}, Case{1011, 1000, true},
                        Case{990, 1000, false}, Case{989, 1000, true}, Case{0, 0, false}, Case{1, 0, true},
                        Case{0, 1, true}, Case{INT64_MAX, 1, true}}) {
    INFO(c.ours << " " << c.theirs);
    CHECK_FALSE(cost_difference("m", c.ours, c.theirs, 3).empty() == c.told);
  }
  CHECK(cost_difference("m", 91'311'000'000, 54'390'000'000, 2) ==
        "m: our prices make $0.091311 of 2 calls, the provider reports $0.054390; see `assay prices list`");
}
