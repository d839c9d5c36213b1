// The queries behind Store's reading half, one connection at a time. Internal to harness/store.
// Every result has a total order that no rowid decides.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/store/sqlite.h"
#include "harness/store/store.h"

namespace assay {

// read_runs.cc
Result<std::vector<RunInfo>> read_runs(Db&);
Result<std::optional<RunRecord>> read_run(Db&, const std::string& run_id);
// Sorted by task, variant, model, strategy, run, then by the entry's digest. Empty selection: all.
struct EntryRow {
  EntrySummary summary;
  Digest digest;
};
Result<std::vector<EntryRow>> read_entries(Db&, const Selection&);

// read_leaderboard.cc
Result<std::vector<LeaderboardRow>> read_leaderboard(Db&, const Selection&);

// read_calls.cc
Result<void> read_finished(Db&, EntryId,
                           const std::function<void(std::uint64_t, std::uint32_t, Outcome, const Digest&)>& fn);
Result<std::vector<StoredCall>> read_calls(Db&, const AttemptRef&);
Result<std::optional<CallRecord>> read_cached(Db&, const Digest& call_digest);

Result<std::vector<ModelSpend>> read_spent(Db&, const std::string& run_id);

Result<TokenHistory> read_token_history(Db&, const std::string& entry_name, const std::string& server_model,
                                        const std::string& task, const std::string& strategy,
                                        const std::optional<std::int64_t>& max_tokens);

// read_traces.cc
Result<std::vector<TraceRecord>> read_traces(Db&, std::int64_t attempt);

// read_items.cc
struct ItemCursor {  // after which attempt of which entry to go on
  std::size_t entry = 0;
  std::int64_t sample_index = -1;
  std::int64_t epoch = -1;
};
// One page of the entries' attempts; moves the cursor. False when there was nothing more.
Result<bool> read_items(Db&, const std::vector<EntryRow>&, bool all_scorers, std::size_t page_size, ItemCursor&,
                        std::vector<ItemRow>& page);
Result<std::vector<AttemptDetail>> read_attempts(Db&, const Selection&, const std::string& sample_key);

// read_integrity.cc
Result<void> read_integrity(Db&);

// An integer of the file as an enumeration; the fallback where the file holds none of its values.
template <typename Enum>
Enum enum_at(const Query& q, int column, std::int64_t most, Enum fallback) {
  const std::int64_t n = q.integer_at(column);
  return n >= 1 && n <= most ? static_cast<Enum>(n) : fallback;
}

}  // namespace assay
