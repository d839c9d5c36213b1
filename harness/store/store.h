// Store: one SQLite file that holds everything a run paid for. The one door to SQLite.
//
// Threads: every method may be called from any thread. Writes of a run go through one writer
//   thread that groups commits (at most 50 ms apart; groups grow under load). Reads use their own
//   connections and never wait for the writer.
// Order: open, begin_run or resume_run, add_entry for each entry, then add_call and
//   finish_attempt in any order of attempts, flush, finish_run.
// Ownership: callbacks are kept until called, exactly once, on the writer thread, after COMMIT;
//   they must not block. The destructor flushes.
// Errors: Code::invalid for a file that is not ours, is newer than us or cannot be written, with
//   the path and what to do; Code::corrupt for a damaged one; Code::unavailable for a lock that
//   another process holds beyond the bound. After a failed write (a full disk) every later write
//   fails with the same error, and what was committed stays whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/api/report.h"
#include "harness/api/rows.h"
#include "harness/base/result.h"
#include "harness/store/records.h"

namespace assay {

enum class StoreMode : std::uint8_t { read_write, read_only };

struct StoreOptions {
  int busy_ms = 10000;                                  // how long another process's lock is waited for
  int run_busy_ms = 600000;                             // the same once a run has begun: its writes are paid for
  std::size_t queue_items = 16384;                      // add_call blocks while more writes wait than this,
  std::size_t queue_bytes = std::size_t{32} << 20;      // or more bytes
  std::int64_t max_pages = 0;                           // a limit on the file, in 4096-byte pages; 0: none
};

// Which results a command is about. Empty lists mean all.
struct Selection {
  std::vector<std::string> run_ids;
  std::vector<std::string> models;
  std::vector<std::string> tasks;
  bool all_scorers = false;   // also those that are not their task's first
};

struct StoredCall {
  CallRecord call;
  std::int64_t call_id = 0;
};

// Everything `assay show` prints of one attempt.
struct AttemptDetail {
  ItemRow item;
  std::string strategy;
  Sample sample;              // as stored: messages, targets, metadata
  std::vector<StoredCall> calls;
  std::vector<ScoreRecord> scores;
  std::vector<TraceRecord> traces;  // that count; of a scorer that found and measured something
  std::optional<std::uint32_t> chosen_step;
  std::optional<std::uint32_t> chosen_draw;
  std::string error;
};

// What the calls of a run to one model took, all invocations together. A try that may have been billed and did
// not say counts at its bound.
struct ModelSpend {
  std::string model;            // name of the model entry asked
  std::int64_t tokens = 0;      // input and output
  std::int64_t cost_pico = 0;
  std::uint64_t unknown = 0;    // calls that reached the model and have neither a cost nor a bound of it
};

// Tokens of finished attempts whose every call said what it took; of their own model alone, judges apart.
struct TokenHistory {
  std::uint64_t attempts = 0;
  double input = 0, input_squares = 0;    // sums of an attempt's tokens and of their squares
  double output = 0, output_squares = 0;  // reasoning included
};

struct EntrySummary {
  EntryId id = 0;
  EntryRecord record;
};

class Store {
 public:
  using Committed = std::function<void(Result<void>)>;

  // Creates the file in read_write mode if it does not exist.
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path&, StoreMode, const StoreOptions& = {});
  virtual ~Store() = default;

  virtual const std::filesystem::path& path() const = 0;  // as opened

  // --- writing -------------------------------------------------------------------------------
  virtual Result<void> begin_run(const RunRecord&) = 0;
  // Marks the run as running again. Error: Code::invalid when there is no such run.
  virtual Result<RunRecord> resume_run(const std::string& run_id) = 0;
  // Idempotent: an equal entry of the same run gives its id again.
  virtual Result<EntryId> add_entry(const EntryRecord&) = 0;
  // The sample is stored on its first use. `committed` is called after COMMIT. A try number that
  // this attempt has used already (a resumed attempt counts from 0 again) becomes the next free
  // one. Blocks while the queue is over its bound, except in a callback of this store.
  virtual void add_call(const AttemptRef&, const Sample&, CallRecord, Committed committed) = 0;
  // Ends the attempt. Also for an attempt without any call (an error before the first). Without
  // scores it counts under every scorer of its entry. Ending it again replaces its scores; those
  // of other scorers or versions stay in the file, no longer current.
  virtual void finish_attempt(const AttemptRef&, const Sample&, AttemptResult, Committed committed) = 0;
  virtual Result<void> flush() = 0;   // returns when everything queued so far is committed
  // `state` is one of "running", "complete", "partial", "interrupted".
  virtual Result<void> finish_run(const std::string& run_id, const std::string& state) = 0;

  // --- what a resume and the cache ask -------------------------------------------------------
  // Calls fn(sample_index, epoch, outcome, sample identity) for each finished attempt.
  virtual Result<void> finished_attempts(
      EntryId, const std::function<void(std::uint64_t, std::uint32_t, Outcome, const Digest&)>& fn) = 0;
  // The calls of an attempt, in the order step, draw, try.
  virtual Result<std::vector<CallRecord>> calls_of(const AttemptRef&) = 0;
  // A committed ok response to an equal call of any run in this file.
  virtual Result<std::optional<CallRecord>> find_cached(const Digest& call_digest) = 0;

  // By model name.
  virtual Result<std::vector<ModelSpend>> spent(const std::string& run_id) = 0;

  // Of every run in this file: the model by the entry's name or the server's, the rest as given.
  virtual Result<TokenHistory> token_history(const std::string& entry_name, const std::string& server_model,
                                             const std::string& task, const std::string& strategy,
                                             const std::optional<std::int64_t>& max_tokens) = 0;

  // --- reading -------------------------------------------------------------------------------
  virtual Result<std::vector<RunInfo>> runs() = 0;                    // newest first
  virtual Result<std::vector<EntrySummary>> entries(const std::string& run_id) = 0;
  // Sorted by task, variant, model, strategy, scorer, run. Entries without a finished attempt are
  // there too: every row counts in what was planned. Tokens of failed calls are unknown; a cached
  // call's tokens are known and its cost is 0.
  virtual Result<std::vector<LeaderboardRow>> leaderboard(const Selection&) = 0;
  // Finished attempts by task, variant, model, strategy, run, sample, epoch, scorer. Pages are read
  // as they are asked for, `page_size` attempts at a time; the ItemsInput may outlive the Store.
  virtual Result<ItemsInput> items(const Selection&, std::size_t page_size = 1000) = 0;
  // Attempts of a run whose sample key is `sample_key` or whose sample_index is that number.
  virtual Result<std::vector<AttemptDetail>> attempts(const Selection&, const std::string& sample_key) = 0;
  // Reads the whole file: SQLite's own check, foreign keys, and the kept sums against a recount.
  // Error: Code::corrupt with the first finding.
  virtual Result<void> check_integrity() = 0;
};

}  // namespace assay
