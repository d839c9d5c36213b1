#include "harness/run/prices/price.h"
#include "harness/run/progress.h"
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

TEST_CASE("money is shown with what is known of it") {
  CHECK(dollars(1234567890123) == "$1.2346");
  CHECK(dollars(12000000) == "$0.000012");
  CHECK(dollars(0) == "$0.0000");
  CHECK(dollars(KnownSum{0, 0}, 5) == "unknown");
  CHECK(dollars(KnownSum{0, 0}, 0) == "unknown");
  CHECK(dollars(KnownSum{2000000000000, 4}, 5) == ">= $2.0000");
  CHECK(dollars(KnownSum{2000000000000, 5}, 5) == "$2.0000");
}
