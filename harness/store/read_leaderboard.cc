// One pass over the covering index score_leaderboard: (entry, is_primary, scorer, sample_index,
// epoch, outcome, value). The scores of one question lie side by side, so that question means need
// no memory.
#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "harness/store/reader.h"

namespace assay {
namespace {

struct ScorerName {
  std::string name;
  std::uint32_t version = 1;
};

Result<std::map<std::int64_t, ScorerName>> read_scorers(Db& db) {
  Query q(db, "SELECT id, name, version FROM scorer");
  std::map<std::int64_t, ScorerName> out;
  for (;;) {
    const auto row = q.step();
    if (!row) return row.error();
    if (!*row) return out;
    out[q.integer_at(0)] = {std::string(q.text_at(1)), static_cast<std::uint32_t>(q.integer_at(2))};
  }
}

// Sums the scores of one entry, scorer by scorer.
class Tally {
 public:
  void add(LeaderboardRow& row, std::int64_t sample, Outcome outcome, double value) {
    row.outcomes[static_cast<std::size_t>(outcome)] += 1;
    if (!is_scored(outcome)) return;
    if (sample != sample_ || n_ == 0) {
      close(row);
      sample_ = sample;
    }
    if (outcome == Outcome::correct) sum_ += 1;
    if (outcome == Outcome::partial) sum_ += value;
    n_ += 1;
  }

  void close(LeaderboardRow& row) {
    if (n_ == 0) return;
    const double mean = sum_ / static_cast<double>(n_);
    row.value_sum += sum_;
    row.questions += 1;
    row.question_sum += mean;
    row.question_sum_sq += mean * mean;
    sum_ = 0;
    n_ = 0;
  }

 private:
  std::int64_t sample_ = 0;
  std::uint64_t n_ = 0;
  double sum_ = 0;
};

LeaderboardRow row_of(const EntryRecord& e) {
  LeaderboardRow row;
  row.run_id = e.run_id;
  row.model = e.model.name;
  row.task = e.task;
  row.task_version = e.task_version;
  row.variant = e.variant;
  row.strategy = e.strategy;
  row.planned = e.samples * e.epochs;
  row.epochs = e.epochs;
  return row;
}

Result<void> read_scores(Db& db, const EntrySummary& entry, bool all_scorers,
                         const std::map<std::int64_t, ScorerName>& scorers, std::vector<LeaderboardRow>& out) {
  Query q(db,
          "SELECT is_primary, scorer, sample_index, outcome, value FROM score INDEXED BY score_leaderboard "
          "WHERE current = 1 AND entry = ?1 AND is_primary >= ?2 ORDER BY entry, is_primary, scorer, sample_index, epoch");
  q.integer(entry.id).integer(all_scorers ? 0 : 1);
  Tally tally;
  std::int64_t scorer = -1;
  bool primary = false;
  for (;;) {
    const auto row = q.step();
    if (!row) return row.error();
    if (!*row) break;
    const bool is_primary = q.integer_at(0) != 0;
    const std::int64_t id = q.integer_at(1);
    if (id != scorer || is_primary != primary) {
      if (scorer != -1) tally.close(out.back());
      scorer = id;
      primary = is_primary;
      out.push_back(row_of(entry.record));
      if (const auto found = scorers.find(id); found != scorers.end()) {
        out.back().scorer = found->second.name;
        out.back().scorer_version = found->second.version;
      }
      out.back().primary = is_primary;
    }
    tally.add(out.back(), q.integer_at(2), enum_at(q, 3, kOutcomeCount, Outcome::unscored), q.real_at(4));
  }
  if (scorer != -1) tally.close(out.back());
  return {};
}

// Scorers of the entry that have not scored anything yet: their rows say how much is missing.
void add_unscored(const EntryRecord& entry, bool all_scorers, const std::map<std::int64_t, ScorerName>& scorers,
                  std::size_t begin, std::vector<LeaderboardRow>& out) {
  for (std::size_t i = 0; i < entry.scorers.size(); ++i) {
    if (i > 0 && !all_scorers) break;
    const std::string& id = entry.scorers[i].id;
    const bool known = std::any_of(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
                                   [&](const LeaderboardRow& row) { return row.scorer == id || (i == 0 && row.primary); });
    if (known) continue;
    LeaderboardRow row = row_of(entry);
    row.scorer = id;
    for (const auto& [unused, scorer] : scorers) {
      if (scorer.name == id) row.scorer_version = std::max(row.scorer_version, scorer.version);
    }
    row.primary = i == 0;
    out.push_back(std::move(row));
  }
}

// What all scorers of an entry share: attempts that ended without any score, and the calls' sums.
Result<void> add_totals(Db& db, EntryId entry, std::size_t begin, std::vector<LeaderboardRow>& out) {
  std::array<std::uint64_t, kOutcomeCount + 1> bare{};
  {
    Query q(db, "SELECT outcome, count(*) FROM attempt WHERE entry = ? AND scored = 0 AND outcome IS NOT NULL GROUP BY outcome");
    q.integer(entry);
    for (;;) {
      const auto row = q.step();
      if (!row) return row.error();
      if (!*row) break;
      // Only an error or a missing verdict ends an attempt without a score; anything else would
      // need one to count.
      const Outcome outcome = enum_at(q, 0, kOutcomeCount, Outcome::unscored);
      const std::size_t slot = static_cast<std::size_t>(is_scored(outcome) ? Outcome::unscored : outcome);
      bare[slot] += static_cast<std::uint64_t>(q.integer_at(1));
    }
  }
  Query q(db,
          "SELECT calls, input_tokens, input_known, output_tokens, output_known, reasoning_tokens, reasoning_known, "
          "cost_pico, cost_known, call_seconds, first_started, last_ended FROM entry_total WHERE entry = ?");
  const auto found = q.integer(entry).step();
  if (!found) return found.error();
  for (std::size_t i = begin; i < out.size(); ++i) {
    LeaderboardRow& row = out[i];
    for (std::size_t o = 1; o <= kOutcomeCount; ++o) row.outcomes[o] += bare[o];
    if (!*found) continue;
    const auto known_sum = [&](int column) {
      return KnownSum{q.integer_at(column), static_cast<std::uint64_t>(q.integer_at(column + 1))};
    };
    row.calls = static_cast<std::uint64_t>(q.integer_at(0));
    row.input_tokens = known_sum(1);
    row.output_tokens = known_sum(3);
    row.reasoning_tokens = known_sum(5);
    row.cost_pico = known_sum(7);
    row.call_seconds = q.real_at(9);
    if (!q.null_at(10)) row.wall_seconds = static_cast<double>(q.integer_at(11) - q.integer_at(10)) / 1e6;
  }
  return {};
}

}  // namespace

Result<std::vector<LeaderboardRow>> read_leaderboard(Db& db, const Selection& selection) {
  const auto entries = read_entries(db, selection);
  if (!entries) return entries.error();
  const auto scorers = read_scorers(db);
  if (!scorers) return scorers.error();
  std::vector<LeaderboardRow> out;
  for (const EntryRow& e : *entries) {
    const std::size_t begin = out.size();
    if (auto r = read_scores(db, e.summary, selection.all_scorers, *scorers, out); !r) return r.error();
    add_unscored(e.summary.record, selection.all_scorers, *scorers, begin, out);
    if (auto r = add_totals(db, e.summary.id, begin, out); !r) return r.error();
  }
  // Entries come in a total order; a stable sort keeps it where all of this is equal.
  std::stable_sort(out.begin(), out.end(), [](const LeaderboardRow& a, const LeaderboardRow& b) {
    return std::tie(a.task, a.variant, a.model, a.strategy, b.primary, a.scorer, a.scorer_version, a.run_id) <
           std::tie(b.task, b.variant, b.model, b.strategy, a.primary, b.scorer, b.scorer_version, b.run_id);
  });
  return out;
}

}  // namespace assay
