#include "harness/run/prices/price_rows.h"

#include "harness/run/prices/price.h"
#include "harness/run/prices/price_table.h"
#include "harness/store/prices.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

// Noon of a day.
std::int64_t noon(std::int64_t days) { return (days * 24 + 12) * 3600 * 1'000'000; }

PriceRow row_of(const char* provider, const char* model, const char* from, const char* to,
                std::int64_t input) {
  PriceRow row;
  row.provider = provider;
  row.model = model;
  row.valid_from = from;
  row.valid_to = to;
  row.price.input = input;
  row.price.output = input;
  row.source = "a test";
  return row;
}

}  // namespace

TEST_CASE("a price row's YAML is read exactly and written back") {
  const auto rows = read_price_rows(
      "sources: {page: \"a page\"}\n"
      "prices:\n"
      "  - {provider: p, model: m, valid_from: 2025-02-08, valid_to: 2025-03-01, input: 0.000001, "
      "cached_read: 0.014,\n"
      "     cache_write_5m: 3.75, cache_write_1h: 6.00, output: 1.10, reasoning: 3.50, batch_factor: 0.5,\n"
      "     tier_threshold_tokens: 128000, tier_input: 2.5, tier_cached_read: 1, tier_cache_write_5m: 2,\n"
      "     tier_cache_write_1h: 3, tier_output: 10, tier_reasoning: 11, source: page, retrieved_at: "
      "2025-02-20}\n",
      "x.yaml");
  REQUIRE(rows.ok());
  REQUIRE(rows->size() == 1);
  const PriceRow& r = rows->front();
  CHECK(r.price == Price{1, 14000, 3750000, 1100000, 3500000, 6000000});
  CHECK(r.tier == Price{2500000, 1000000, 2000000, 10000000, 11000000, 3000000});
  CHECK(r.tier_tokens == 128000);
  CHECK(r.batch_millionths == 500000);
  CHECK(r.source == "a page");
  CHECK(r.retrieved_at == "2025-02-20");
  PriceRow again;
  for (const auto& [key, text] : price_fields(r)) REQUIRE(set_price_field(again, key, text).ok());
  CHECK(price_fields(again) == price_fields(r));
  CHECK(price_fields(r).size() == price_keys().size());
}

TEST_CASE("a price row that cannot be right is refused with its line") {
  struct Case {
    const char* row;
    const char* says;
  };
  const std::string good = "provider: p, model: m, valid_from: 2025-01-01, input: 1, output: 1, source: s";
  for (const Case& c : {
           Case{"model: m, valid_from: 2025-01-01, input: 1, source: s", "needs a provider"},
           Case{"provider: p, valid_from: 2025-01-01, input: 1, source: s", "needs a model"},
           Case{"provider: p, model: m, input: 1, source: s", "needs valid_from"},
           Case{"provider: p, model: m, valid_from: 2025-01-01, source: s", "needs input and output prices"},
           Case{"provider: p, model: m, valid_from: 2025-01-01, input: 1", "needs its source"},
           Case{"provider: p, model: m, valid_from: 2025-02-30, input: 1, source: s", "expected a day"},
           Case{"provider: p, model: m, valid_from: 25-2-3, input: 1, source: s", "expected a day"},
           Case{"provider: p, model: m, valid_from: 2025-01-01, valid_to: 2025-01-01, input: 1, source: s",
                "valid_to"},
           Case{"provider: p, model: m, valid_from: 2025-01-01, input: -1, source: s", "a price is USD"},
           Case{"provider: p, model: m, valid_from: 2025-01-01, input: 1, currency: EUR, source: s",
                "in USD"},
           Case{"provider: p, model: m, valid_from: 2025-01-01, input: 1, batch_factor: 1.5, source: s",
                "a share"},
           Case{"provider: p, model: m, valid_from: 2025-01-01, input: 1, tier_input: 2, source: s",
                "tier_threshold_tokens"},
           Case{
               "provider: p, model: m, valid_from: 2025-01-01, input: 1, tier_threshold_tokens: 0, source: s",
               "tokens"},
           Case{"provider: p, model: m, valid_from: 2025-01-01, inptu: 1, source: s", "inptu"},
       }) {
    INFO(c.row);
    const auto rows = read_price_rows(std::string("prices:\n  - {") + c.row + "}\n", "x.yaml");
    REQUIRE_FALSE(rows.ok());
    CHECK(rows.error().code == Code::invalid);
    CHECK(rows.error().message.find(c.says) != std::string::npos);
    CHECK(rows.error().message.find("x.yaml:2") == 0);
  }
  const auto twice = read_price_rows("prices:\n  - {" + good + "}\n  - {" + good + "}\n", "x.yaml");
  REQUIRE_FALSE(twice.ok());
  CHECK(twice.error().message.find("two prices for one day: p/m 2025-01-01..") != std::string::npos);
}

TEST_CASE("rows overlap by days, provider and model alone") {
  struct Case {
    PriceRow a, b;
    bool fine;
  };
  const PriceRow base = row_of("p", "m", "2025-01-01", "2025-02-01", 1);
  for (const Case& c : {
           Case{base, row_of("p", "m", "2025-02-01", "", 2), true},
           Case{base, row_of("p", "m", "2025-01-31", "", 2), false},
           Case{base, row_of("p", "m", "2024-01-01", "2025-01-01", 2), true},
           Case{base, row_of("p", "m", "2024-01-01", "2025-01-02", 2), false},
           Case{base, row_of("p", "m", "2024-01-01", "", 2), false},
           Case{base, row_of("q", "m", "2025-01-01", "", 2), true},
           Case{base, row_of("p", "m*", "2025-01-01", "", 2), true},
       }) {
    INFO(price_row_name(c.a) << " and " << price_row_name(c.b));
    CHECK(check_no_overlap({c.a, c.b}).ok() == c.fine);
    CHECK(check_no_overlap({c.b, c.a}).ok() == c.fine);
  }
}

TEST_CASE("the user's rows go before shipped ones, names before patterns, and days decide") {
  auto table = PriceTable::make(
      {row_of("p", "m", "2025-01-01", "", 1), row_of("p", "m-*", "2025-01-01", "", 2),
       row_of("p", "m-long-*", "2025-01-01", "", 3), row_of("p", "m-long-1", "2025-01-01", "2025-02-01", 4)},
      {row_of("p", "m*", "2025-03-01", "2025-04-01", 5)});
  REQUIRE(table.ok());
  struct Case {
    const char* provider;
    const char* model;
    const char* day;
    std::int64_t input;  // 0: no row
  };
  const std::int64_t jan1 = 20089;  // 2025-01-01
  struct Day {
    const char* text;
    std::int64_t days;
  };
  const Day days[] = {{"2024-12-31", jan1 - 1},  {"2025-01-01", jan1},      {"2025-01-31", jan1 + 30},
                      {"2025-02-01", jan1 + 31}, {"2025-03-01", jan1 + 59}, {"2025-04-01", jan1 + 90}};
  for (const Case& c :
       {Case{"p", "m", "2024-12-31", 0}, Case{"p", "m", "2025-01-01", 1}, Case{"q", "m", "2025-01-01", 0},
        Case{"p", "x", "2025-01-01", 0}, Case{"p", "m-1", "2025-01-01", 2},
        Case{"p", "m-long-2", "2025-01-01", 3}, Case{"p", "m-long-1", "2025-01-31", 4},
        Case{"p", "m-long-1", "2025-02-01", 3}, Case{"p", "m-long-1", "2025-03-01", 5},
        Case{"p", "m", "2025-03-01", 5}, Case{"p", "m", "2025-04-01", 1}}) {
    INFO(c.provider << "/" << c.model << " " << c.day);
    for (const Day& day : days) {
      if (std::string_view(day.text) != c.day) continue;
      const auto* found = table->find(c.provider, c.model, noon(day.days));
      CHECK((found == nullptr ? 0 : *found->row.price.input) == c.input);
      // The first and the last microsecond of a day are that day's.
      const auto* first = table->find(c.provider, c.model, day.days * 86'400'000'000);
      const auto* last = table->find(c.provider, c.model, (day.days + 1) * 86'400'000'000 - 1);
      CHECK(first == found);
      CHECK(last == found);
    }
  }
}

TEST_CASE("the shipped rows are sound and have sources and days") {
  const auto& rows = PriceTable::shipped().rows();
  CHECK(rows.size() >= 45);
  for (const auto& e : rows) {
    INFO(price_row_name(e.row));
    CHECK(e.shipped);
    CHECK(check_price_row(e.row).ok());
    CHECK_FALSE(e.row.retrieved_at.empty());
    CHECK(e.row.price.input);
    CHECK(e.row.price.output);
    CHECK(*e.row.price.input <= *e.row.price.output);
    CHECK(e.row.price.cached_input.value_or(0) < *e.row.price.input);
  }
}

TEST_CASE("a price a token is read from a JSON number without a binary fraction") {
  struct Case {
    const char* text;
    std::int64_t pico;  // -1: an error
  };
  for (const Case& c : {Case{"1.1e-06", 1100000},
                        Case{"2.8e-08", 28000},
                        Case{"0.0000011", 1100000},
                        Case{"1e-12", 1},
                        Case{"1.5E-5", 15000000},
                        Case{"0", 0},
                        Case{"0.0", 0},
                        Case{"-0", 0},
                        Case{"3e-6", 3000000},
                        Case{"4.688e-09", 4688},
                        Case{"1", 1000000000000},
                        Case{"1.10000e-06", 1100000},
                        Case{"1e-13", -1},
                        Case{"1.4999999999999998e-07", -1},
                        Case{"-1e-06", -1},
                        Case{"1e4", -1},
                        Case{"1e999999999999", -1},
                        Case{"", -1},
                        Case{"e-6", -1},
                        Case{"1e", -1},
                        Case{"1e-", -1},
                        Case{"nan", -1},
                        Case{".", -1},
                        Case{"1.2.3", -1},
                        Case{"0x1", -1}}) {
    INFO(c.text);
    const auto value = parse_token_price(c.text);
    CHECK((value.ok() ? *value : -1) == c.pico);
  }
  CHECK(price_text(1100000) == "1.1");
  CHECK(price_text(28000) == "0.028");
  CHECK(price_text(0) == "0");
  CHECK(price_text(15000000) == "15");
}
