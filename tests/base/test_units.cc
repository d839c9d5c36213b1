#include "harness/base/units.h"

#include <cstdint>
#include <limits>

#include "tests/support/catch.h"

using namespace assay;

TEST_CASE("a percentage never rounds to all or nothing") {
  struct Row { double fraction; const char* text; };
  const Row rows[] = {{0, "0.00"}, {1, "100.00"}, {0.96209, "96.21"}, {0.999999, "99.99"}, {1e-9, "0.01"},
                      {0.5, "50.00"}, {0.07, "7.00"}};
  for (const Row& row : rows) CHECK(percent_text(row.fraction) == row.text);
}

TEST_CASE("counts are short and keep three digits") {
  struct Row { std::int64_t count; const char* text; };
  const Row rows[] = {{0, "0"}, {9999, "9999"}, {10000, "10.0k"}, {12345, "12.3k"}, {99949, "99.9k"},
                      {99999, "100k"}, {999499, "999k"}, {999500, "1.00M"}, {4560000, "4.56M"},
                      {12000000000, "12.0G"}, {-12345, "-12.3k"}, {5000000000000000, "5000T"},
                      {std::numeric_limits<std::int64_t>::min(), "-9223372T"}};
  for (const Row& row : rows) CHECK(count_text(row.count) == row.text);
  CHECK(grouped_text(0) == "0");
  CHECK(grouped_text(999) == "999");
  CHECK(grouped_text(1000) == "1,000");
  CHECK(grouped_text(1234567) == "1,234,567");
}

TEST_CASE("money is rounded for people and exact for machines") {
  struct Row { std::int64_t pico; const char* text; const char* exact; };
  const Row rows[] = {{0, "0.00", "0"},
                      {1, "0.0000000000010", "0.000000000001"},
                      {123'456'789, "0.00012", "0.000123456789"},
                      {12'500'000'000, "0.0125", "0.0125"},
                      {1'000'000'000'000, "1.00", "1"},
                      {12'345'600'000'000, "12.35", "12.3456"},
                      {-1'500'000'000'000, "-1.50", "-1.5"}};
  for (const Row& row : rows) {
    CHECK(usd_text(row.pico) == row.text);
    CHECK(usd_exact(row.pico) == row.exact);
  }
}

TEST_CASE("durations change unit at the minute, the hour and the day") {
  struct Row { double seconds; const char* text; };
  const Row rows[] = {{0, "0.00 s"}, {0.321, "0.32 s"}, {42.06, "42.1 s"}, {59.97, "1 m 00 s"}, {200, "3 m 20 s"},
                      {3599.6, "1 h 00 m"}, {7500, "2 h 05 m"}, {273600, "3 d 04 h"}, {-1, "?"},
                      {std::numeric_limits<double>::quiet_NaN(), "?"}, {1e300, "?"}};
  for (const Row& row : rows) CHECK(duration_text(row.seconds) == row.text);
}
