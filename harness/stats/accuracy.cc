#include "harness/stats/accuracy.h"

#include <algorithm>

namespace assay {
namespace {

// Sets interval and method. REQUIRES: a.value.
void add_interval(const LeaderboardRow& row, Accuracy& a) {
  if (row.epochs <= 1) {
    a.method = IntervalMethod::wilson;
    a.interval = wilson_interval(a.value_sum, static_cast<double>(a.scored));
    return;
  }
  if (row.questions == 0) return;  // the row does not say how the attempts cluster
  const MeanError m = mean_from_sums(row.questions, row.question_sum, row.question_sum_sq);
  if (m.standard_error > 0) {
    // Centred on the headline, so that it lies within its interval also where questions lost
    // different numbers of attempts.
    a.method = IntervalMethod::question_means;
    a.interval = normal_interval(*a.value, m.standard_error);
    return;
  }
  a.method = IntervalMethod::wilson_questions;
  const double questions = static_cast<double>(row.questions);
  a.interval = wilson_interval(*a.value * questions, questions);
}

}  // namespace

std::string_view name(IntervalMethod m) {
  switch (m) {
    case IntervalMethod::wilson: return "wilson";
    case IntervalMethod::question_means: return "question_means";
    case IntervalMethod::wilson_questions: return "wilson_questions";
    case IntervalMethod::square_and_add: return "square_and_add";
  }
  return "unknown";
}

std::string_view description(IntervalMethod m) {
  switch (m) {
    case IntervalMethod::wilson: return "Wilson over attempts";
    case IntervalMethod::question_means: return "normal over question means";
    case IntervalMethod::wilson_questions: return "Wilson over questions, whose means are all equal";
    case IntervalMethod::square_and_add: return "squares and sums of the tasks' intervals";
  }
  return "unknown";
}

Accuracy accuracy_of(const LeaderboardRow& row) {
  Accuracy a;
  std::uint64_t ended = 0;
  for (std::size_t i = 1; i <= kOutcomeCount; ++i) {
    ended += row.outcomes[i];
    if (is_scored(static_cast<Outcome>(i))) a.scored += row.outcomes[i];
  }
  a.planned = std::max(row.planned, ended);
  a.missing = a.planned - a.scored;
  a.value_sum = std::clamp(row.value_sum, 0.0, static_cast<double>(a.scored));
  if (a.scored > 0) {
    a.value = a.value_sum / static_cast<double>(a.scored);
    add_interval(row, a);
  }
  if (a.planned > 0) {
    const double planned = static_cast<double>(a.planned);
    a.bounds = AttemptBounds{a.value_sum / planned, (a.value_sum + static_cast<double>(a.missing)) / planned};
    // In whole numbers, so that exactly one point is not "wider" by rounding.
    static_assert(kHeadlineWidth == 0.01);
    a.incomplete = a.missing * 100 > a.planned;
  }
  return a;
}

bool any_incomplete(std::span<const LeaderboardRow> rows) {
  return std::any_of(rows.begin(), rows.end(), [](const LeaderboardRow& r) {
    return r.primary && accuracy_of(r).incomplete;
  });
}

}  // namespace assay
