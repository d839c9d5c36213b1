// What a leaderboard line's accuracy is, how sure it is, and how far missing attempts could move it
// (docs/design.md section 3).
//
// accuracy = (correct + values of partial ones) / scored attempts. `error` and `unscored` are not
// scored: infrastructure is never a wrong answer. Bounds are over planned attempts: every missing
// one wrong ... every missing one right. Threads: any; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "harness/api/rows.h"
#include "harness/stats/intervals.h"

namespace assay {

enum class IntervalMethod : std::uint8_t {
  wilson,            // over attempts; one epoch, so an attempt is a question
  question_means,    // several epochs: normal, with the standard error of the questions' means
  wilson_questions,  // several epochs, but the questions' means do not differ at all (or there is one
                     // question): Wilson with the number of questions, since a width of 0 would be a lie
  square_and_add,    // a mean over tasks, from the tasks' intervals
};
std::string_view name(IntervalMethod);         // as in JSON: "wilson"
std::string_view description(IntervalMethod);  // for people: "Wilson over attempts"

struct AttemptBounds {
  double low = 0;
  double high = 1;
};

struct Accuracy {
  std::uint64_t scored = 0;
  std::uint64_t planned = 0;   // at least the attempts that ended
  std::uint64_t missing = 0;   // planned and not scored: not run, error, unscored
  double value_sum = 0;        // the numerator
  std::optional<double> value;               // nullopt when nothing is scored
  std::optional<ConfidenceInterval> interval;  // level kDefaultLevel; nullopt with `value`
  IntervalMethod method = IntervalMethod::wilson;
  std::optional<AttemptBounds> bounds;       // nullopt when nothing is planned
  bool incomplete = false;     // the bounds are more than kHeadlineWidth apart: no headline
};

inline constexpr double kHeadlineWidth = 0.01;  // one point

Accuracy accuracy_of(const LeaderboardRow&);

// Is there a line of a primary scorer whose bounds are more than a point apart? `assay report` then
// exits with 4, unless incomplete results were allowed. A further scorer may well have nothing to
// say on most attempts (a trace scorer where traces are hidden), and that is no failure.
bool any_incomplete(std::span<const LeaderboardRow>);

}  // namespace assay
