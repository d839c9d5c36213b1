// What the engine writes into the store and reads back. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/api/finding.h"
#include "harness/api/response.h"
#include "harness/api/sample.h"
#include "harness/api/scorer.h"
#include "harness/api/task.h"
#include "harness/base/digest.h"
#include "harness/base/json.h"

namespace assay {

struct RunRecord {
  std::string run_id;       // ULID
  std::string group_id;     // shared by the shards of one run; equal to run_id otherwise
  std::string suite;        // name
  Json spec;                // everything needed to resume: the whole parsed suite, no secrets
  std::uint64_t seed = 0;
  std::string program;      // "assay 0.1.0"
  std::string host;
  std::string command;      // redacted
};

struct ModelRecord {
  std::string name;
  std::string backend;
  std::string revision;
  std::string base_url;
  Json config;              // the model entry, without secrets
};

// An entry is what one leaderboard line sums over: one run, model, task, variant and strategy.
struct EntryRecord {
  std::string run_id;
  ModelRecord model;
  std::string task;
  std::uint32_t task_version = 1;
  std::string variant;      // "" when the suite has none
  std::string strategy;     // Strategy::id()
  Json sampling;            // canonical
  std::vector<ScorerSpec> scorers;
  TaskFactors factors;
  std::uint64_t samples = 0;
  std::uint32_t epochs = 1;
};
using EntryId = std::int64_t;  // local to one database

// Which attempt. `sample_index` is the sample's place in its SampleSet, so that finished attempts
// fit in a bitmap; the sample's identity is stored beside it and checked on resume.
struct AttemptRef {
  EntryId entry = 0;
  std::uint64_t sample_index = 0;
  std::uint32_t epoch = 0;
};

struct CallRecord {
  std::uint32_t step = 0;
  std::uint32_t draw = 0;
  std::uint32_t attempt_try = 0;
  CallKind kind = CallKind::answer;
  CallStatus status = CallStatus::ok;
  Digest digest;                       // backend, revision, messages, sampling, epoch, draw
  Json request;                        // messages and sampling as sent
  Response response;                   // meaningful unless failed; of a failed one its request_id is kept
  std::string error_code;              // name(Code), empty unless failed
  std::string error_message;
  int http_status = 0;
  std::int64_t started = 0;            // unix microseconds
  std::optional<std::int64_t> cost_pico;  // by our prices, at the date of `started`
  std::string price_row;               // which row priced it: its id and source; empty: none did
  // Worst case, for a try that brought no whole response and may have been billed all the same; else nullopt.
  std::optional<std::int64_t> bound_tokens;
  std::optional<std::int64_t> bound_cost_pico;
  std::string endpoint;                // scheme, host and path it went to; empty: not a server
  std::string sent;                    // the request's body, byte for byte, secrets redacted
  std::string received;                // of a failed try, what came back; a response's bytes are Response::raw
  std::string asked;                   // name of the model entry asked, where it is not the entry's own: a judge
  std::string batch_id;                // the provider's batch that answered it; empty: none
};

struct ScoreRecord {
  std::string scorer;
  std::uint32_t scorer_version = 1;
  bool primary = false;
  Score score;                         // outcome already adjusted by the engine (truncated, refused)
};

// One trace scorer's findings and metrics of one attempt.
struct TraceRecord {
  std::string scorer;
  std::uint32_t scorer_version = 1;
  std::vector<Finding> findings;
  std::vector<Metric> metrics;
};

struct AttemptResult {
  Outcome outcome = Outcome::unscored;
  std::optional<std::uint32_t> chosen_step;  // the call whose response was scored
  std::optional<std::uint32_t> chosen_draw;
  std::vector<ScoreRecord> scores;
  std::vector<TraceRecord> traces;     // what trace scorers found
  std::string error;                   // one line, for Outcome::error
};

}  // namespace assay
