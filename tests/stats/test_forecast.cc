// Student's quantiles and forecasts of sums.
#include "harness/base/rng.h"
#include "harness/stats/forecast.h"
#include "tests/support/catch.h"

namespace assay {
namespace {

TEST_CASE("Student's quantiles are those of the printed tables") {
  struct Row {
    double p, degrees, t;
  };
  // Abramowitz and Stegun, table 26.10.
  const Row rows[] = {{0.95, 1, 6.314},  {0.95, 2, 2.920},  {0.95, 3, 2.353},  {0.95, 4, 2.132},   {0.95, 5, 2.015},
                      {0.95, 10, 1.812}, {0.95, 30, 1.697}, {0.95, 120, 1.658}, {0.975, 5, 2.571}, {0.975, 20, 2.086},
                      {0.05, 5, -2.015}, {0.5, 7, 0}};
  for (const Row& row : rows) {
    INFO(row.p << ", " << row.degrees);
    CHECK(std::abs(student_quantile(row.p, row.degrees) - row.t) < 0.01);
  }
}

TEST_CASE("a forecast of what does not vary is exact") {
  Moments m;
  for (int i = 0; i < 5; ++i) m.add(7);
  const Forecast f = sum_to_come(m, 100);
  CHECK(f.mean == 700);
  CHECK(f.low == 700);
  CHECK(f.high == 700);
}

// 2,000 worlds: 30 attempts seen, 200 to come, lengths skewed as answers' are.
TEST_CASE("nine sums in ten lie in their interval") {
  int inside = 0;
  for (std::uint64_t world = 0; world < 2000; ++world) {
    Rng rng(world);
    const auto length = [&] { return 100 - 300 * std::log(1 - rng.unit()); };
    Moments seen;
    for (int i = 0; i < 30; ++i) seen.add(length());
    double sum = 0;
    for (int i = 0; i < 200; ++i) sum += length();
    const Forecast f = sum_to_come(seen, 200);
    inside += f.low <= sum && sum <= f.high;
  }
  CHECK(inside > 2000 * 0.86);
  CHECK(inside < 2000 * 0.94);
}

}  // namespace
}  // namespace assay
