#include "harness/run/prices/cost.h"
#include "harness/run/progress.h"
#include "harness/run/suite.h"
#include "tests/support/catch.h"

using namespace assay;

TEST_CASE("prices are read exactly") {
  struct Row {
    const char* text;
    std::int64_t pico;
  };
  for (const Row row : {Row{"0", 0}, Row{"1", 1000000}, Row{"0.15", 150000}, Row{"2.50", 2500000},
                        Row{"0.000001", 1}, Row{".5", 500000}, Row{"3.", 3000000}, Row{"0.1000000", 100000},
                        Row{"75", 75000000}, Row{"1000000", 1000000000000}}) {
    INFO(row.text);
    auto price = parse_price(row.text);
    REQUIRE(price.ok());
    CHECK(*price == row.pico);
  }
  for (const char* wrong : {"", ".", "-1", "+1", "1e3", "0.0000001", "1,5", "$1", " 1", "1 ", "nan", "1.2.3",
                            "1000001", "99999999999999999999999"}) {
    INFO(wrong);
    CHECK_FALSE(parse_price(wrong).ok());
  }
}

TEST_CASE("a call costs the sum of its buckets, or an unknown amount") {
  Price price{10, 2, 12, 40, std::nullopt};
  Response r;
  const auto usage = [&](std::optional<std::int64_t> in, std::optional<std::int64_t> cached,
                         std::optional<std::int64_t> written, std::optional<std::int64_t> out,
                         std::optional<std::int64_t> reasoning) {
    r.usage = {in, cached, written, out, reasoning};
    return call_cost_pico(price, r);
  };
  CHECK(usage(100, 50, 10, 7, 3) == 100 * 10 + 50 * 2 + 10 * 12 + 7 * 40 + 3 * 40);
  CHECK(usage(100, {}, {}, 7, {}) == 1280);  // a bucket that is not reported lies in the others
  CHECK(usage(0, 0, 0, 0, 0) == 0);
  CHECK(usage({}, 0, 0, 7, 0) == std::nullopt);
  CHECK(usage(1, 0, 0, {}, 0) == std::nullopt);
  CHECK(usage(INT64_MAX / 2, 0, 0, 1, 0) == std::nullopt);
  CHECK(usage(-1, 0, 0, 1, 0) == std::nullopt);
  price.cached_input.reset();
  CHECK(usage(1, 5, 0, 1, 0) == std::nullopt);  // not free, but not known
  CHECK(usage(1, 0, 0, 1, 0) == 50);
  price = Price{};
  CHECK(usage(1, 0, 0, 1, 0) == std::nullopt);
  r.provider_cost_pico = 77;
  CHECK(usage(1, 0, 0, 1, 0) == 77);
}

TEST_CASE("money is shown with what is known of it") {
  CHECK(dollars(1234567890123) == "$1.2346");
  CHECK(dollars(12000000) == "$0.000012");
  CHECK(dollars(0) == "$0.0000");
  CHECK(dollars(KnownSum{0, 0}, 5) == "unknown");
  CHECK(dollars(KnownSum{0, 0}, 0) == "unknown");
  CHECK(dollars(KnownSum{2000000000000, 4}, 5) == ">= $2.0000");
  CHECK(dollars(KnownSum{2000000000000, 5}, 5) == "$2.0000");
}
