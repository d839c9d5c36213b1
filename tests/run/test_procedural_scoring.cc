// The scorers that the procedural families name accept the families' own targets, in the form that
// the prompts ask for, and reject another sample's.
#include "harness/api/catalog.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

std::unique_ptr<Scorer> scorer_of(const ScorerSpec& spec) {
  for (const ScorerEntry& entry : scorer_catalog()) {
    if (entry.id != spec.id) continue;
    auto scorer = entry.make(spec.options);
    REQUIRE(scorer);
    return *std::move(scorer);
  }
  FAIL("no scorer " << spec.id);
  return nullptr;
}

Outcome outcome_of(const Scorer& scorer, const Sample& sample, const std::string& target) {
  Response response;
  response.split.answer = "I followed the steps one by one.\n\nAnswer: " + target;
  response.split.verdict = SplitVerdict::no_trace;
  const auto verdict = scorer.score(sample, response, {});
  const auto* score = std::get_if<Score>(&verdict);
  REQUIRE(score != nullptr);
  return score->outcome;
}

}  // namespace

TEST_CASE("procedural targets are right answers to their own scorers, and others' targets are not") {
  std::size_t families = 0;
  for (const TaskEntry& entry : task_catalog()) {
    const auto task = entry.make();
    REQUIRE(task);
    if (!(*task)->describe().procedural) continue;
    ++families;
    const ScorerSpec& spec = (*task)->describe().scorers.at(0);
    const auto scorer = scorer_of(spec);
    if (spec.id == "program") continue;  // needs a sandbox
    for (int level = 1; level <= 5; ++level) {
      TaskContext context;
      context.limit = 60;
      context.options["level"] = level;
      const auto set = (*task)->open(context);
      REQUIRE(set);
      Sample before;
      for (std::uint64_t i = 0; i < (*set)->size(); ++i) {
        const Sample sample = *(*set)->at(i);
        CAPTURE(entry.id, sample.question);
        for (const std::string& target : sample.targets) {
          CAPTURE(target);
          REQUIRE(outcome_of(*scorer, sample, target) == Outcome::correct);
        }
        if (i > 0 && before.targets != sample.targets && spec.id != "countdown") {
          REQUIRE(outcome_of(*scorer, sample, before.targets[0]) != Outcome::correct);
        }
        before = sample;
      }
    }
  }
  CHECK(families == 11);
}
