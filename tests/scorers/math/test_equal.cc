// What is equal and what is not, each tried in both directions: the rows of data/equal.jsonl, {"a", "b", "equal"}.
#include <fstream>
#include <string>

#include "harness/base/json.h"
#include "scorers/math/grade.h"
#include "tests/support/catch.h"

using namespace assay;
using namespace assay::math;

TEST_CASE("equal and unequal answers", "[math]") {
  std::ifstream in(std::string(ASSAY_SOURCE_DIR) + "/tests/scorers/math/data/equal.jsonl");
  std::size_t rows = 0;
  for (std::string line; std::getline(in, line); ++rows) {
    INFO("row " << rows + 1 << ": " << line);
    const auto row = parse_json(line);
    REQUIRE(row);
    const auto a = row->at("a").get<std::string>();
    const auto b = row->at("b").get<std::string>();
    const Verdict there = grade(a, b, {});
    INFO(there.reason << " | " << there.rule);
    CHECK((there.equal == Equal::yes) == row->at("equal").get<bool>());
    CHECK(there.equal == grade(b, a, {}).equal);
  }
  CHECK(rows >= 443);
}
