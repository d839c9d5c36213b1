// What the scorer tests share: one answer in, one score out.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "harness/api/catalog.h"
#include "harness/api/scorer.h"
#include "tests/support/catch.h"

namespace assay::test {

inline constexpr Outcome kYes = Outcome::correct;
inline constexpr Outcome kNo = Outcome::incorrect;
inline constexpr Outcome kNone = Outcome::no_answer;

// A found bug costs one row.
struct ScoreRow {
  std::string answer;
  std::string target;
  Outcome outcome;
  std::string rule;
};

inline std::unique_ptr<Scorer> make_scorer(const std::string& id, const Json& options = Json::object()) {
  for (const ScorerEntry& entry : scorer_catalog()) {
    if (entry.id != id) continue;
    auto made = entry.make(options);
    if (!made) FAIL(made.error().message);
    return std::move(*made);
  }
  FAIL("no scorer " << id);
  return nullptr;
}

inline Response answering(std::string answer, SplitVerdict verdict = SplitVerdict::no_trace) {
  Response r;
  r.text = answer;
  r.split.answer = std::move(answer);
  r.split.verdict = verdict;
  return r;
}

inline Sample with_targets(std::vector<std::string> targets) {
  Sample s;
  s.targets = std::move(targets);
  return s;
}

// REQUIRES: the scorer decides without work.
inline Score score(const Scorer& scorer, const Sample& sample, const Response& response) {
  auto verdict = scorer.score(sample, response, {});
  if (!std::holds_alternative<Score>(verdict)) FAIL("the scorer asked for work");
  Score s = std::get<Score>(std::move(verdict));
  // What holds for every score.
  CHECK(s.extracted.size() <= kMaxExtracted);
  CHECK(s.value == (s.outcome == Outcome::correct ? 1 : 0));
  CHECK(s.explanation.find('\n') == std::string::npos);
  CHECK_FALSE(s.explanation.empty());
  if (s.span) {
    CHECK(s.span->begin <= s.span->end);
    CHECK(s.span->end <= response.split.answer.size());
  }
  if (s.outcome == Outcome::correct || s.outcome == Outcome::incorrect) {
    CHECK(s.span.has_value());
    CHECK_FALSE(s.rule.empty());
    CHECK_FALSE(s.answer_class.empty());
    CHECK(scorer.same_answer(sample, s, s));
  } else {
    CHECK(s.answer_class.empty());
  }
  return s;
}

inline Score score(const Scorer& scorer, const std::string& target, const std::string& answer) {
  return score(scorer, with_targets({target}), answering(answer));
}

}  // namespace assay::test
