// What a command works on: a database and selectors, resolved the same way everywhere.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/store/store.h"

namespace assay {

inline constexpr const char* kDefaultDb = "assay.db";

// One database with what to read from it.
struct Selected {
  std::shared_ptr<Store> store;
  Selection selection;
};

// Selectors as docs/design.md section 6 has them; none means everything in `db`. Selectors that
// name other files open those. Error: Code::invalid naming the selector.
Result<std::vector<Selected>> select_results(const std::filesystem::path& db,
                                             const std::vector<std::string>& selectors);

// Every leaderboard row selected, in the store's total order. Unless `all_runs`, only the newest
// run of each (model, task, variant, strategy, scorer) stays; `older` counts the rows left out.
struct SelectedRows {
  std::vector<RunInfo> runs;
  std::vector<LeaderboardRow> rows;
  std::size_t older = 0;
};
Result<SelectedRows> read_leaderboard(const std::vector<Selected>&, const std::vector<std::string>& tasks,
                                      const std::vector<std::string>& models, bool all_scorers, bool all_runs);

}  // namespace assay
