#include "harness/cli/selection.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "harness/store/selector.h"

namespace assay {
namespace {

using RowKey = std::tuple<std::string, std::string, std::string, std::string, std::string>;

RowKey key_of(const LeaderboardRow& row) {
  return {row.task, row.variant, row.model, row.strategy, row.scorer};
}

bool in_report_order(const LeaderboardRow& a, const LeaderboardRow& b) {
  return std::tie(a.task, a.variant, a.model, a.strategy, a.scorer, a.run_id) <
         std::tie(b.task, b.variant, b.model, b.strategy, b.scorer, b.run_id);
}

// ULIDs sort by time, so the newest run of a key is the greatest id.
std::size_t keep_newest(std::vector<LeaderboardRow>& rows) {
  std::map<RowKey, std::string> newest;
  for (const LeaderboardRow& row : rows) {
    std::string& run = newest[key_of(row)];
    run = std::max(run, row.run_id);
  }
  const std::size_t before = rows.size();
  rows.erase(std::remove_if(rows.begin(), rows.end(),
                            [&newest](const LeaderboardRow& row) { return newest[key_of(row)] != row.run_id; }),
             rows.end());
  return before - rows.size();
}

}  // namespace

Result<std::vector<Selected>> select_results(const std::filesystem::path& db,
                                             const std::vector<std::string>& selectors) {
  std::vector<Selected> out;
  std::map<std::filesystem::path, std::shared_ptr<Store>> open;
  const auto store_at = [&open](const std::filesystem::path& file) -> Result<std::shared_ptr<Store>> {
    std::shared_ptr<Store>& known = open[file];
    if (known == nullptr) {
      auto store = Store::open(file, StoreMode::read_only);
      if (!store) return store.error();
      known = std::move(*store);
    }
    return known;
  };
  if (selectors.empty()) {
    auto store = store_at(db);
    if (!store) return store.error();
    out.push_back({*store, {}});
  }
  for (const std::string& selector : selectors) {
    auto resolved = resolve_selector(selector, db);
    if (!resolved) return resolved.error();
    auto store = store_at(resolved->file);
    if (!store) return store.error();
    out.push_back({*store, resolved->selection});
  }
  return out;
}

Result<SelectedRows> read_leaderboard(const std::vector<Selected>& selected, const std::vector<std::string>& tasks,
                                      const std::vector<std::string>& models, bool all_scorers, bool all_runs) {
  SelectedRows out;
  std::map<std::string, RunInfo> infos;
  bool runs_named = false;
  for (const Selected& one : selected) {
    Selection selection = one.selection;
    runs_named = runs_named || !selection.run_ids.empty();
    selection.tasks.insert(selection.tasks.end(), tasks.begin(), tasks.end());
    selection.models.insert(selection.models.end(), models.begin(), models.end());
    selection.all_scorers = all_scorers;
    auto rows = one.store->leaderboard(selection);
    if (!rows) return rows.error();
    out.rows.insert(out.rows.end(), rows->begin(), rows->end());
    auto runs = one.store->runs();
    if (!runs) return runs.error();
    for (const RunInfo& run : *runs) infos[run.run_id] = run;
  }
  if (!all_runs && !runs_named) out.older = keep_newest(out.rows);
  std::stable_sort(out.rows.begin(), out.rows.end(), in_report_order);
  std::set<std::string> used;
  for (const LeaderboardRow& row : out.rows) used.insert(row.run_id);
  for (const std::string& run_id : used) out.runs.push_back(infos[run_id]);
  return out;
}

}  // namespace assay
