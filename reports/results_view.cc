#include "reports/results_view.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace assay {
namespace {

using TaskKey = std::pair<std::string, std::uint32_t>;                        // task, version
using EntryKey = std::tuple<std::string, std::string, std::string>;           // model, variant, strategy
using SectionKey = std::tuple<std::string, std::uint32_t, std::string, std::uint32_t>;

EntryKey entry_key(const LeaderboardRow& r) { return {r.model, r.variant, r.strategy}; }

CallTotals totals_of(const LeaderboardRow& r) {
  return {r.calls, r.input_tokens, r.output_tokens, r.reasoning_tokens, r.cost_pico};
}

void add(KnownSum& to, const KnownSum& from) {
  to.sum += from.sum;
  to.known += from.known;
}

void add(CallTotals& to, const CallTotals& from) {
  to.calls += from.calls;
  add(to.input_tokens, from.input_tokens);
  add(to.output_tokens, from.output_tokens);
  add(to.reasoning_tokens, from.reasoning_tokens);
  add(to.cost_pico, from.cost_pico);
}

// Headlines first and best first, then the incomplete ones by what is certain: greater is better.
std::pair<bool, double> rank(bool headline, const std::optional<double>& accuracy,
                             const std::optional<AttemptBounds>& bounds) {
  if (headline) return {true, accuracy.value_or(0)};
  return {false, bounds ? bounds->low : -1.0};
}

bool entry_before(const EntryView& a, const EntryView& b) {
  const auto left = rank(a.headline, a.accuracy.value, a.accuracy.bounds);
  const auto right = rank(b.headline, b.accuracy.value, b.accuracy.bounds);
  if (left != right) return left > right;
  const auto rest = [](const EntryView& e) {
    return std::tie(e.row->model, e.row->variant, e.row->strategy, e.row->run_id);
  };
  return rest(a) < rest(b);
}

bool overall_before(const OverallView& a, const OverallView& b) {
  const auto left = rank(a.headline, a.accuracy, a.bounds);
  const auto right = rank(b.headline, b.accuracy, b.bounds);
  if (left != right) return left > right;
  return std::tie(a.model, a.variant, a.strategy) < std::tie(b.model, b.variant, b.strategy);
}

// REQUIRES: `lines` are one line for every task.
void average(const std::map<TaskKey, const EntryView*>& lines, OverallView& out) {
  AttemptBounds bounds{0, 0};
  std::vector<EstimateWithInterval> estimates;
  bool bounded = true;
  for (const auto& line : lines) {
    const Accuracy& a = line.second->accuracy;
    if (a.value && a.interval) estimates.push_back({*a.value, *a.interval});
    bounded = bounded && a.bounds;
    if (!a.bounds) continue;
    bounds.low += a.bounds->low;
    bounds.high += a.bounds->high;
  }
  const double count = static_cast<double>(lines.size());
  if (bounded) out.bounds = AttemptBounds{bounds.low / count, bounds.high / count};
  if (estimates.size() != lines.size()) return;
  const EstimateWithInterval mean = mean_of_estimates(estimates);
  out.accuracy = mean.estimate;
  out.interval = mean.interval;
}

}  // namespace

ResultsView::ResultsView(const ResultsInput& input) : input_(&input) {
  std::map<std::string, std::size_t> run_places;
  for (std::size_t i = 0; i < input.runs.size(); ++i) run_places.emplace(input.runs[i].run_id, i);
  std::set<std::string> variants;
  std::set<std::string> strategies;
  for (const LeaderboardRow& row : input.rows) {
    EntryView entry;
    entry.row = &row;
    const auto run = run_places.find(row.run_id);
    entry.run_index = run == run_places.end() ? input.runs.size() : run->second;
    entry.accuracy = accuracy_of(row);
    entry.headline = entry.accuracy.value && (!entry.accuracy.incomplete || input.allow_incomplete);
    entry.totals = totals_of(row);
    variants.insert(row.variant);
    strategies.insert(row.strategy);
    entries_.push_back(entry);
  }
  incomplete_ = !input.allow_incomplete && any_incomplete(input.rows);
  several_variants_ = variants.size() > 1;
  several_strategies_ = strategies.size() > 1;
  make_sections();
  make_overall();
}

void ResultsView::make_sections() {
  std::map<SectionKey, std::size_t> places;
  for (const EntryView& entry : entries_) {
    const LeaderboardRow& r = *entry.row;
    const SectionKey key{r.task, r.task_version, r.scorer, r.scorer_version};
    const auto [place, added] = places.emplace(key, sections_.size());
    if (added) {
      sections_.push_back({r.task, r.task_version, r.scorer, r.scorer_version, r.primary, false, {}});
    }
    sections_[place->second].entries.push_back(entry);
  }
  for (SectionView& section : sections_) {
    std::set<EntryKey> seen;
    for (const EntryView& entry : section.entries) {
      if (!seen.insert(entry_key(*entry.row)).second) section.show_run = true;
    }
    std::sort(section.entries.begin(), section.entries.end(), entry_before);
  }
}

void ResultsView::make_overall() {
  std::set<TaskKey> tasks;
  std::map<EntryKey, std::map<TaskKey, const EntryView*>> by_entry;
  for (const EntryView& entry : entries_) {
    if (!entry.row->primary) continue;
    const TaskKey task{entry.row->task, entry.row->task_version};
    tasks.insert(task);
    const EntryView*& kept = by_entry[entry_key(*entry.row)][task];
    if (kept != nullptr) superseded_runs_ = true;
    // Run ids are ULIDs: the greater one began later.
    if (kept == nullptr || kept->row->run_id < entry.row->run_id) kept = &entry;
  }
  for (const auto& one : by_entry) {
    OverallView out;
    std::tie(out.model, out.variant, out.strategy) = one.first;
    out.tasks = one.second.size();
    out.tasks_total = tasks.size();
    for (const auto& line : one.second) {
      out.scored += line.second->accuracy.scored;
      out.planned += line.second->accuracy.planned;
      out.incomplete = out.incomplete || line.second->accuracy.incomplete;
      add(out.totals, line.second->totals);
    }
    if (out.tasks == out.tasks_total) average(one.second, out);
    out.headline = out.accuracy && (!out.incomplete || input_->allow_incomplete);
    overall_.push_back(std::move(out));
  }
}

std::vector<OverallView> ResultsView::overall_best_first() const {
  std::vector<OverallView> sorted = overall_;
  std::sort(sorted.begin(), sorted.end(), overall_before);
  return sorted;
}

std::string ResultsView::short_run_id(const std::string& run_id) const {
  std::size_t keep = 8;
  for (const LeaderboardRow& row : input_->rows) {
    if (row.run_id == run_id) continue;
    const auto differ = std::mismatch(run_id.begin(), run_id.end(), row.run_id.begin(), row.run_id.end());
    keep = std::max(keep, static_cast<std::size_t>(differ.first - run_id.begin()) + 1);
  }
  return run_id.substr(0, keep);
}

}  // namespace assay
