// Accuracy on labelled pairs, by file; the failures are listed.
#include <iostream>

#include "harness/base/format.h"
#include "scorers/math/grade.h"
#include "scorers/math/parse.h"
#include "tests/scorers/math/labelled.h"

using namespace assay;
using namespace assay::math;
using test::rows_of;

namespace {

struct Tally {
  std::string title;
  std::size_t rows = 0;
  std::size_t right = 0;
  std::size_t false_positives = 0;  // outside rows that state a policy
  std::size_t false_negatives = 0;

  void add(const Json& row, bool expected, const Verdict& v, const std::string& pred) {
    ++rows;
    const bool got = v.equal == Equal::yes;
    if (got == expected) {
      ++right;
      return;
    }
    if (!got) ++false_negatives;
    if (got && json_find(row, "policy") == nullptr) ++false_positives;
    std::cout << format("  {} {} | gold {} | prediction {} | {} | {}\n", got ? "false positive" : "false negative",
                        row["id"].get<std::string>(), row["gold"].get<std::string>(), pred.substr(0, 200), v.reason,
                        v.rule);
  }
  double percent() const { return rows == 0 ? 100.0 : 100.0 * static_cast<double>(right) / static_cast<double>(rows); }
  void print() const {
    std::cout << format("{}: {} of {} = {:.2f} %, {} false positives, {} false negatives\n", title, right, rows,
                        percent(), false_positives, false_negatives);
  }
};

Policy policy_of(const Json& row) {
  Json options = Json::object();
  const Json* config = json_find(row, "config");
  if (config != nullptr && config->contains("precision")) options["precision"] = (*config)["precision"];
  auto policy = policy_from_json(options);
  REQUIRE(policy.ok());
  return *policy;
}

Tally cases(const std::string& tier) {
  Tally t{tier + " cases"};
  for (const Json& row : rows_of("math/cases.jsonl")) {
    if (row["tier"] != tier) continue;
    const std::string pred = row["pred"];
    t.add(row, row["expected"], grade(row["gold"].get<std::string>(), pred, policy_of(row)), pred);
  }
  t.print();
  return t;
}

}  // namespace

TEST_CASE("other graders' cases", "[math][labelled]") {
  const Tally graders = cases("grader");
  CHECK(graders.percent() >= 98.5);
  CHECK(graders.false_positives == 0);
  CHECK(cases("parser").percent() >= 99.0);
}

TEST_CASE("real answers, boxed and as they are", "[math][labelled]") {
  const auto rows = rows_of("math/real.jsonl.gz");
  for (const bool boxed : {true, false}) {
    Tally t{boxed ? "real pairs, boxed" : "real pairs, raw"};
    for (const Json& row : rows) {
      std::string pred = row["pred"];
      if (boxed) pred = format("\\boxed{{{}}}", pred);
      t.add(row, row["label"], grade(row["gold"].get<std::string>(), pred, {}), pred);
    }
    t.print();
    CHECK(t.percent() >= 99.8);
    CHECK(t.false_positives <= 1);
  }
}

TEST_CASE("answers are found in whole responses", "[math][labelled]") {
  Tally t{"responses"};
  for (const Json& row : rows_of("math/extract.jsonl.gz")) {
    const std::string response = row["response"];
    t.add(row, row["label"], grade(row["gold"].get<std::string>(), response, {}, PredictionKind::response),
          response.substr(response.size() > 150 ? response.size() - 150 : 0));
  }
  t.print();
  CHECK(t.percent() >= 99.0);
}

TEST_CASE("what is no mathematics is refused", "[math][labelled]") {
  for (const Json& row : rows_of("math/parse_reject.jsonl")) {
    Tree tree;
    INFO(row["input"]);
    CHECK(parse(row["input"].get<std::string>(), tree).root == 0);
  }
}

TEST_CASE("probes: the right verdict or undecided", "[math][labelled]") {
  std::size_t undecided = 0;
  for (const Json& row : rows_of("math/probes.jsonl")) {
    INFO(row["id"]);
    const Verdict v = grade(row["gold"].get<std::string>(), row["pred"].get<std::string>(), {}, PredictionKind::answer);
    if (v.equal == Equal::undecided) {
      ++undecided;
    } else if (!row["expected"].is_null()) {
      CHECK((v.equal == Equal::yes) == row["expected"].get<bool>());
    }
  }
  std::cout << "probes undecided: " << undecided << "\n";
}

TEST_CASE("equality is symmetric", "[math][labelled]") {
  for (const char* file : {"math/cases.jsonl", "math/probes.jsonl", "math/real.jsonl.gz"}) {
    for (const Json& row : rows_of(file)) {
      const std::string gold = row["gold"];
      const std::string pred = row["pred"];
      INFO(gold << " | " << pred);
      const Verdict there = grade(gold, pred, {}, PredictionKind::answer);
      const Verdict back = grade(pred, gold, {}, PredictionKind::answer);
      CHECK((there.equal == Equal::yes) == (back.equal == Equal::yes));
    }
  }
}
