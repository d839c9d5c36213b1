// The run engine: plans a suite, makes its calls, commits each response before anything looks at it, scores
// beside generation, and goes on where an earlier invocation stopped.
//
//   InterruptGuard interrupt;                       // harness/run/interrupt.h
//   RunOptions options;
//   options.stop_requested = [] { return interrupt_count() > 0; };
//   auto outcome = execute(suite, *store, plugins, options, progress);
//   return outcome ? outcome->exit_code : fail(outcome.error());
//
// Threads: one run at a time a Store and thread of call; the engine starts its own threads and has joined
//   them all when it returns. Progress is called from the calling thread only.
// Errors: Code::invalid for what the user can mend (exit 3), before anything is written; Code::corrupt,
//   unavailable or internal when the store fails under the run. What happens to single requests is never an
//   Error here: it is an Outcome.
// Comparability: results depend on the suite and the responses alone, never on threads, on the number in
//   flight, or on how often the run was interrupted.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/api/rows.h"
#include "harness/run/estimate/estimate.h"
#include "harness/run/plugins.h"
#include "harness/run/suite.h"
#include "harness/store/store.h"

namespace assay {

class Timer;       // harness/run/timer.h
class PriceTable;  // harness/run/prices/price_table.h

// Waits before the next try: uniform in [0, min(cap_s, base_s * 2^try)], never less than Retry-After.
struct RetryOptions {
  std::uint32_t max_tries = 5;  // of one call, in this invocation
  double base_s = 1;
  double cap_s = 60;
};

// An endpoint that cannot be reached is left alone, probed, and given up at last: what is left of its models'
// attempts is then for a resume (harness/run/pace/breaker.h).
struct BreakerOptions {
  std::uint32_t failures = 8;  // in a row, of requests that found nobody there; 0: never
  double first_wait_s = 1;     // before the first probe, doubled from probe to probe
  double cap_s = 30;
  double down_s = 300;     // given up after so long
  double never_up_s = 30;  // the same where nothing has ever answered
};

struct RunOptions {
  // Requests in flight a model entry; unset: 16, or twice the batch of a backend that makes batches itself.
  std::optional<std::uint32_t> max_connections;
  std::uint32_t scoring_threads = 0;   // 0: one a core
  bool use_cache = false;              // answer from equal calls of earlier runs in the same store
  RetryOptions retry;
  BreakerOptions breaker;
  bool batch = false;   // requests go in batches at the provider's batch endpoint, at its price
  double batch_poll_s = 30;    // between two looks at what is out
  BudgetLimits budget;  // over the suite's; a run keeps what it began with until a resume says otherwise
  double attempt_deadline_s = 3600;  // from an attempt's first request; the suite's limit goes before
  double grace_s = 30;               // after a stop request, for what is in flight
  std::vector<std::filesystem::path> data_dirs;
  std::shared_ptr<const PriceTable> prices;  // shared with the caller; unset: the shipped rows
  std::vector<std::string> model_tables;     // files with further rows about models (docs/models.md)
  bool in_order = false;                 // begin attempts as the samples stand, not the longest expected first
  bool allow_incomplete = false;         // exit 0 even with bounds wider than a point
  double max_error_rate = 0.05;          // above it the exit code is 4; the suite's limit goes before
  std::string program;                   // "assay 0.1.0"
  std::string command;                   // as typed, secrets redacted
  std::function<bool()> stop_requested;  // polled at least every 0.1 s; unset: never
  Timer* timer = nullptr;                // borrowed; for tests. unset: the engine's own
};

// What a run is going to do. Sums that are not known are nullopt, never 0.
struct PlanEntry {
  std::string model;
  std::string task;
  std::string variant;
  std::string strategy;
  std::uint64_t samples = 0;
  std::uint32_t epochs = 1;
  std::uint64_t attempts = 0;                 // samples * epochs
  std::uint64_t calls = 0;                    // at most, retries and scorers' own requests apart
  std::optional<std::int64_t> input_tokens;   // at most
  std::optional<std::int64_t> output_tokens;  // at most
  std::optional<std::int64_t> cost_pico;      // at most
  Estimate estimate;                          // probably
  std::string price;                          // the row that prices it today, or why none does
};
struct Plan {
  std::string suite;
  std::vector<PlanEntry> entries;  // models x tasks x variants, in the suite's order
  std::uint64_t attempts = 0;
  std::uint64_t calls = 0;
  std::optional<std::int64_t> cost_pico;  // known only if every entry's is
  std::vector<std::string> warnings;      // one line each: a model that is switched off soon, a price not known
};

struct Snapshot {
  std::uint64_t planned = 0;
  std::uint64_t done = 0;         // finished attempts, those of earlier invocations too
  std::uint64_t done_before = 0;  // finished by earlier invocations
  std::uint64_t in_flight = 0;    // requests at a backend now
  std::uint64_t retries = 0;
  std::uint64_t errors = 0;  // attempts that ended in Outcome::error
  std::uint64_t calls = 0;   // of this invocation, cached ones too
  KnownSum cost_pico;        // of these
  double elapsed_s = 0;
  bool stopping = false;
  std::uint64_t throttled = 0;  // refused for their rate or the server's load: HTTP 429, 503, 529
  std::string waits;            // why nothing goes to some server now: one line, ours; empty: nothing waits
};

struct RunOutcome {
  std::string run_id;
  std::string state;  // "complete", "partial", "interrupted"
  std::uint64_t planned = 0;
  std::uint64_t finished = 0;                               // of all invocations
  std::uint64_t finished_before = 0;                        // by earlier ones
  std::array<std::uint64_t, kOutcomeCount + 1> outcomes{};  // by Outcome's value; of all invocations
  bool interrupted = false;
  std::uint64_t calls = 0;   // requests made, tries included
  std::uint64_t cached = 0;  // calls answered from the store's earlier runs
  std::uint64_t reused = 0;  // calls answered from this run's own earlier invocations
  std::uint64_t retries = 0;
  std::uint64_t throttled = 0;  // of the calls: refused for their rate or the server's load
  KnownSum cost_pico;
  double elapsed_s = 0;
  int exit_code = 0;               // 0, 4 or 130
  std::vector<std::string> notes;  // one line each: why 4, how to resume
};

// Called from the thread that called execute() or resume().
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void started(const Plan&, const std::string& run_id) = 0;
  virtual void tick(const Snapshot&) = 0;  // about ten times a second
  virtual void finished(const RunOutcome&) = 0;
};

// For --dry-run: opens tasks and backends, writes nothing, sends nothing. Bounds look at up to
// `probe` samples an entry; with more samples they are unknown unless every sample was looked at.
// Estimates rest on what `history` holds, where it is given.
Result<Plan> plan_suite(const Suite&, const Plugins&, const RunOptions&, std::uint64_t probe = 20000,
                        Store* history = nullptr);

Result<RunOutcome> execute(const Suite&, Store&, const Plugins&, const RunOptions&, Progress&);

// Goes on with a stored run. Attempts that ended in Outcome::error are tried again; no response that was
// committed is asked for again. Error: Code::invalid when there is no such run, another process is working on
// it, or its data, prompts or model revisions have changed since.
Result<RunOutcome> resume(const std::string& run_id, Store&, const Plugins&, const RunOptions&, Progress&);

}  // namespace assay
