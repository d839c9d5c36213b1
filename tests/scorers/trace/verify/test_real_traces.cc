// The verifiers on labelled traces that language models wrote, and on traces written for the tests.
#include <iostream>

#include "harness/base/format.h"
#include "tests/scorers/trace/verify/real_traces.h"
#include "tests/scorers/trace/verify/written_trace.h"
#include "tests/support/catch.h"

namespace assay::test {
namespace {

TEST_CASE("The first false step of labelled traces is found", "[verify]") {
  struct Row {
    std::string task;
    double goal;  // per cent of all traces, those without a mistake included
  };
  const Row rows[] = {{"word_sorting", 95},
                      {"dyck_languages", 97.5},
                      {"tracking_shuffled_objects", 94},
                      {"multistep_arithmetic", 90},
                      {"logical_deduction", 95}};
  for (const Row& row : rows) {
    const auto traces = labelled_traces(row.task);
    if (traces.empty()) continue;
    const Confusion c = compare(row.task, traces);
    std::cout << c.text(row.task) << "\n";
    INFO(c.text(row.task));
    CHECK(100.0 * static_cast<double>(c.exact) >= row.goal * static_cast<double>(c.all));
    CHECK(c.unparsed == 0);
  }
}

TEST_CASE("Planted errors are found at their step, and valid traces are left alone", "[verify]") {
  struct Row {
    std::string task;
    Writer write;
  };
  const Row rows[] = {{"logic/dyck", write_dyck},         {"logic/tracking", write_tracking},
                      {"logic/ordering", write_ordering}, {"logic/knights-knaves", write_knights},
                      {"logic/zebra", write_zebra},       {"math/countdown", write_countdown}};
  constexpr int kTraces = 400;  // of each sort
  for (const Row& row : rows) {
    int found = 0;
    int flagged = 0;
    int unparsed = 0;
    for (int i = 0; i < 2 * kTraces; ++i) {
      Rng rng(Rng::seed_for(20, {row.task, format("{}", i)}));
      const bool plant = i % 2 == 1;
      const WrittenTrace t = row.write(rng, plant);
      const auto verdict = verdict_of(row.task, t.prompt, t.steps);
      unparsed += verdict.outcome == verify::Outcome::unparsed ? 1 : 0;
      found += plant && verdict.first_mistake == t.planted ? 1 : 0;
      flagged += !plant && verdict.first_mistake ? 1 : 0;
    }
    INFO(row.task << ": " << found << " of " << kTraces << " found, " << flagged << " valid flagged, "
                  << unparsed << " unparsed");
    std::cout << row.task << ": " << found << " of " << kTraces << " planted errors found, " << flagged
              << " of " << kTraces << " valid traces flagged, " << unparsed << " unparsed\n";
    CHECK(found * 100 >= 99 * kTraces);
    CHECK(flagged * 1000 <= 5 * kTraces);
    CHECK(unparsed == 0);
  }
}

}  // namespace
}  // namespace assay::test
