#include "harness/stats/accuracy.h"

#include <initializer_list>
#include <utility>

#include "tests/support/catch.h"

using namespace assay;

namespace {

LeaderboardRow row_of(std::initializer_list<std::pair<Outcome, std::uint64_t>> counts, std::uint64_t planned) {
  LeaderboardRow r;
  for (const auto& count : counts) r.outcomes[static_cast<std::size_t>(count.first)] = count.second;
  r.value_sum = static_cast<double>(r.outcomes[static_cast<std::size_t>(Outcome::correct)]);
  r.planned = planned;
  return r;
}

}  // namespace

TEST_CASE("errors and unscored attempts are missing, not wrong") {
  const Accuracy a = accuracy_of(row_of({{Outcome::correct, 60},
                                         {Outcome::incorrect, 20},
                                         {Outcome::no_answer, 10},
                                         {Outcome::truncated, 5},
                                         {Outcome::refused, 5},
                                         {Outcome::error, 7},
                                         {Outcome::unscored, 3}},
                                        120));
  CHECK(a.scored == 100);
  CHECK(a.planned == 120);
  CHECK(a.missing == 20);
  CHECK(a.value == 0.6);
  CHECK(a.bounds->low == Approx(60.0 / 120));
  CHECK(a.bounds->high == Approx(80.0 / 120));
  CHECK(a.incomplete);
  CHECK(a.method == IntervalMethod::wilson);
}

TEST_CASE("exactly one point between the bounds still is a headline") {
  CHECK_FALSE(accuracy_of(row_of({{Outcome::correct, 99}, {Outcome::error, 1}}, 100)).incomplete);
  CHECK(accuracy_of(row_of({{Outcome::correct, 98}, {Outcome::error, 1}}, 99)).incomplete);
  CHECK(accuracy_of(row_of({{Outcome::correct, 98}, {Outcome::error, 1}}, 100)).incomplete);
  CHECK(accuracy_of(row_of({}, 10)).incomplete);
}

TEST_CASE("nothing scored has no accuracy, nothing planned has no bounds") {
  const Accuracy none = accuracy_of(row_of({{Outcome::error, 4}}, 4));
  CHECK_FALSE(none.value);
  CHECK_FALSE(none.interval);
  CHECK(none.bounds->low == 0);
  CHECK(none.bounds->high == 1);
  const Accuracy empty = accuracy_of({});
  CHECK_FALSE(empty.value);
  CHECK_FALSE(empty.bounds);
  CHECK_FALSE(empty.incomplete);
}

TEST_CASE("more attempts than planned widen the plan, never the bounds beyond 1") {
  const Accuracy a = accuracy_of(row_of({{Outcome::correct, 5}, {Outcome::incorrect, 5}}, 8));
  CHECK(a.planned == 10);
  CHECK(a.missing == 0);
  CHECK(a.bounds->high == 0.5);
}

TEST_CASE("with several epochs the interval is over questions, not attempts") {
  LeaderboardRow r = row_of({{Outcome::correct, 40}, {Outcome::incorrect, 40}}, 80);
  r.epochs = 8;
  r.questions = 10;
  r.question_sum = 5;
  r.question_sum_sq = 5;  // each question always right or always wrong
  const Accuracy split = accuracy_of(r);
  CHECK(split.method == IntervalMethod::question_means);
  CHECK(split.interval->low == Approx(0.5 - 1.959963984540054 * 1.0 / 6).epsilon(1e-9));
  CHECK(split.interval->high - split.interval->low > 0.6);  // 80 independent attempts would give 0.21

  r.question_sum_sq = 2.5;  // each question right half of the time
  const Accuracy equal = accuracy_of(r);
  CHECK(equal.method == IntervalMethod::wilson_questions);
  CHECK(equal.interval->low == Approx(wilson_interval(5, 10).low));
  r.questions = 0;
  CHECK_FALSE(accuracy_of(r).interval);
}

TEST_CASE("the headline lies within its interval also where questions lost attempts") {
  LeaderboardRow r = row_of({{Outcome::correct, 9}, {Outcome::incorrect, 1}, {Outcome::error, 6}}, 16);
  r.epochs = 8;
  r.questions = 2;
  r.question_sum = 1 + 0.5;  // 8 of 8, and 1 of 2
  r.question_sum_sq = 1 + 0.25;
  const Accuracy a = accuracy_of(r);
  CHECK(a.value == 0.9);
  CHECK(a.interval->low <= 0.9);
  CHECK(a.interval->high >= 0.9);
}

TEST_CASE("a partial answer adds its value") {
  LeaderboardRow r = row_of({{Outcome::correct, 2}, {Outcome::partial, 2}}, 4);
  r.value_sum = 2.75;
  CHECK(accuracy_of(r).value == Approx(0.6875));
}

TEST_CASE("only primary scorers make a report incomplete") {
  std::vector<LeaderboardRow> rows = {row_of({{Outcome::correct, 5}}, 5), row_of({{Outcome::unscored, 5}}, 5)};
  CHECK(any_incomplete(rows));
  rows[1].primary = false;
  CHECK_FALSE(any_incomplete(rows));
}
