#include "harness/stats/intervals.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "harness/base/json.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

Approx near(double value) { return Approx(value).epsilon(1e-12).margin(1e-13); }

std::filesystem::path vectors_path() {
  const char* data = std::getenv("ASSAY_DATA");
  const std::filesystem::path folder =
      data != nullptr ? std::filesystem::path(data) : std::filesystem::path(ASSAY_SOURCE_DIR) / "../shared/data";
  return folder / "stats/vectors.json";
}

struct Sums {
  std::uint64_t count = 0;
  double sum = 0;
  double squares = 0;
};
Sums sums_of(const std::vector<double>& values) {
  Sums s;
  for (const double v : values) {
    ++s.count;
    s.sum += v;
    s.squares += v * v;
  }
  return s;
}

}  // namespace

TEST_CASE("normal quantiles have full precision in the middle and in the tails") {
  struct Row { double p; double z; };
  const Row rows[] = {{0.5, 0},
                      {0.975, 1.959963984540054},
                      {0.025, -1.959963984540054},
                      {0.95, 1.6448536269514722},
                      {0.995, 2.5758293035489004},
                      {0.6, 0.2533471031357997},
                      {1e-10, -6.361340902404056},
                      {1e-100, -21.27345356096532},
                      {1e-300, -37.0470962993612}};
  for (const Row& row : rows) {
    INFO("p " << row.p);
    CHECK(normal_quantile(row.p) == Approx(row.z).epsilon(1e-13).margin(1e-15));
  }
}

TEST_CASE("Wilson intervals") {
  struct Row { double k; double n; double low; double high; };
  // 0 of 20 must not give an empty interval; fractional counts interpolate.
  const Row rows[] = {{0, 20, 0, 0.16112515805281938},
                      {20, 20, 0.8388748419471806, 1},
                      {7, 10, 0.39677814746114537, 0.8922087325936989},
                      {1268, 1319, 0.9495191493126163, 0.9704701599769101},
                      {0, 1, 0, 0.7934506856227626},
                      {2.5, 4, 0.21942652006536278, 0.908100770820988}};
  for (const Row& row : rows) {
    INFO(row.k << " of " << row.n);
    const ConfidenceInterval ci = wilson_interval(row.k, row.n);
    CHECK(ci.low == Approx(row.low).epsilon(1e-9).margin(1e-13));
    CHECK(ci.high == Approx(row.high).epsilon(1e-9));
  }
}

TEST_CASE("a mean's standard error from sums") {
  const Sums s = sums_of({1, 0, 1, 1, 0, 1, 1, 1, 0, 1});
  const MeanError m = mean_from_sums(s.count, s.sum, s.squares);
  CHECK(m.mean == near(0.7));
  CHECK(m.standard_error == near(0.15275252316519464));
  const ConfidenceInterval ci = normal_interval(m.mean, m.standard_error);
  CHECK(ci.low == near(0.4006105560485982));
  CHECK(ci.high == near(0.9993894439514017));
}

TEST_CASE("equal values have no standard error, whatever rounding leaves") {
  for (const double value : {0.0, 1.0, 1.0 / 3.0, 0.7, 1.0 / 7.0}) {
    const Sums s = sums_of(std::vector<double>(100001, value));
    CHECK(mean_from_sums(s.count, s.sum, s.squares).standard_error == 0);
  }
  CHECK(mean_from_sums(1, 0.3, 0.09).standard_error == 0);
  Sums one = sums_of(std::vector<double>(100000, 0.0));
  one.count += 1;
  one.sum += 0.125;  // one of eight repeats of one question
  one.squares += 0.125 * 0.125;
  CHECK(mean_from_sums(one.count, one.sum, one.squares).standard_error > 0);
}

TEST_CASE("a normal interval stays within 0 and 1") {
  CHECK(normal_interval(0.99, 0.1).high == 1);
  CHECK(normal_interval(0.01, 0.1).low == 0);
}

TEST_CASE("the interval of a mean over tasks") {
  const EstimateWithInterval one{0.7, wilson_interval(7, 10)};
  const EstimateWithInterval same = mean_of_estimates(std::vector<EstimateWithInterval>{one});
  CHECK(same.estimate == near(0.7));
  CHECK(same.interval.low == near(one.interval.low));
  CHECK(same.interval.high == near(one.interval.high));

  // Two tasks: half of Newcombe's square-and-add distances.
  const EstimateWithInterval other{0.0, wilson_interval(0, 20)};
  const EstimateWithInterval both = mean_of_estimates(std::vector<EstimateWithInterval>{one, other});
  CHECK(both.estimate == near(0.35));
  CHECK(both.interval.low == near(0.35 - (0.7 - one.interval.low) / 2));
  CHECK(both.interval.high == near(0.35 + std::hypot(one.interval.high - 0.7, other.interval.high) / 2));
}

TEST_CASE("the published vectors of means and proportions") {
  std::ifstream file(vectors_path());
  if (!file) {
    WARN("no " << vectors_path().string() << ": not compared with it");
    return;
  }
  std::stringstream text;
  text << file.rdbuf();
  const Result<Json> parsed = parse_json(text.str());
  REQUIRE(parsed.ok());
  const Json& vectors = *parsed;

  const Json& clt = vectors.at("se_clt");
  const Sums s = sums_of(clt.at("input").at("x").get<std::vector<double>>());
  const MeanError m = mean_from_sums(s.count, s.sum, s.squares);
  CHECK(m.mean == near(clt.at("expected").at("mean").get<double>()));
  CHECK(m.standard_error == near(clt.at("expected").at("se").get<double>()));
  const ConfidenceInterval normal = normal_interval(m.mean, m.standard_error);
  CHECK(normal.low == near(clt.at("expected").at("ci95_normal").at(0).get<double>()));
  CHECK(normal.high == near(clt.at("expected").at("ci95_normal").at(1).get<double>()));

  int compared = 0;
  for (const auto& [key, value] : vectors.items()) {
    if (key.rfind("binom_ci_", 0) != 0) continue;
    INFO(key);
    const Json& in = value.at("input");
    const ConfidenceInterval ci =
        wilson_interval(in.at("k").get<double>(), in.at("n").get<double>(), in.at("conf").get<double>());
    CHECK(ci.low == near(value.at("expected").at("wilson").at(0).get<double>()));
    CHECK(ci.high == near(value.at("expected").at("wilson").at(1).get<double>()));
    ++compared;
  }
  CHECK(compared >= 5);
}
