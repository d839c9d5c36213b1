// What every results report shows, computed once: sections, cells, bounds, the overall averages.
// The formats only lay it out.
//
// Ownership: borrows the ResultsInput, which must outlive the view. Threads: const after construction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/api/report.h"
#include "harness/stats/accuracy.h"

namespace assay {

// Sums over calls that know which of them they cover.
struct CallTotals {
  std::uint64_t calls = 0;
  KnownSum input_tokens;
  KnownSum output_tokens;
  KnownSum reasoning_tokens;
  KnownSum cost_pico;
};

// One leaderboard line.
struct EntryView {
  const LeaderboardRow* row = nullptr;
  std::size_t run_index = 0;   // into ResultsInput::runs; its size when the run is not listed there
  Accuracy accuracy;
  bool headline = false;       // show the accuracy, not the bounds
  CallTotals totals;
};

// Lines that may be compared: one task in one version under one scorer in one version.
struct SectionView {
  std::string task;
  std::uint32_t task_version = 1;
  std::string scorer;
  std::uint32_t scorer_version = 1;
  bool primary = true;
  bool show_run = false;            // the same entry stands here with several runs
  std::vector<EntryView> entries;   // best first: headlines by accuracy, then the rest by lower bound
};

// A model (with its variant and strategy) over all tasks: the plain mean of the tasks' accuracies,
// each task once whatever its size, from the primary scorers. Of several runs of one task the latest counts.
struct OverallView {
  std::string model;
  std::string variant;
  std::string strategy;
  std::uint64_t tasks = 0;         // how many it has
  std::uint64_t tasks_total = 0;   // how many there are in this report
  std::uint64_t scored = 0;
  std::uint64_t planned = 0;
  std::optional<double> accuracy;  // nullopt unless it has every task, with something scored in each
  std::optional<ConfidenceInterval> interval;  // IntervalMethod::square_and_add
  std::optional<AttemptBounds> bounds;         // mean of the tasks' bounds; nullopt unless it has every task
  bool incomplete = false;         // one of its tasks is
  bool headline = false;
  CallTotals totals;
};

class ResultsView {
 public:
  explicit ResultsView(const ResultsInput& input);

  const ResultsInput& input() const { return *input_; }
  const std::vector<EntryView>& entries() const { return entries_; }      // as given
  const std::vector<SectionView>& sections() const { return sections_; }  // as given, each sorted
  const std::vector<OverallView>& overall() const { return overall_; }    // by model, variant, strategy
  std::vector<OverallView> overall_best_first() const;

  // Some primary scorer's bounds are more than a point apart, and that was not allowed: see
  // any_incomplete().
  bool incomplete() const { return incomplete_; }
  bool several_variants() const { return several_variants_; }
  bool several_strategies() const { return several_strategies_; }
  bool superseded_runs() const { return superseded_runs_; }  // the overall rows left some run out

  // The shortest start of a run's id that no other run of this input shares, at least 8 characters.
  std::string short_run_id(const std::string& run_id) const;

 private:
  void make_sections();
  void make_overall();

  const ResultsInput* input_;
  std::vector<EntryView> entries_;
  std::vector<SectionView> sections_;
  std::vector<OverallView> overall_;
  bool incomplete_ = false;
  bool several_variants_ = false;
  bool several_strategies_ = false;
  bool superseded_runs_ = false;
};

}  // namespace assay
