// Workload: a suite with everything it names found, opened and checked, and nothing sent or written yet.
// Internal to harness/run.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "harness/api/strategy.h"
#include "harness/run/machine_meter.h"
#include "harness/run/pace/gate.h"
#include "harness/run/plugins.h"
#include "harness/run/prices/pricing.h"
#include "harness/run/run.h"
#include "harness/run/serve.h"
#include "harness/run/suite.h"
#include "harness/store/records.h"
#include "harness/text/trace_split.h"

namespace assay {

class BatchDesk;  // harness/run/batch/batch_desk.h

// One model entry at work.
struct Model {
  ModelEntry entry;
  std::unique_ptr<ServerProcess> server;  // that the run started, stopped after the backend
  std::unique_ptr<Backend> backend;
  std::string options_text;  // the entry's options as canonical JSON, for digests
  BackendInfo info;  // with the entry's think tags and opens_think
  SplitOptions split;
  Pricing pricing;
  CostComparison compared;  // our prices beside what the provider reports
  std::uint32_t max_connections = 16;
  Account* account = nullptr;  // that its gate belongs to; the Session's
  std::unique_ptr<Gate> gate;
  BatchDesk* batch = nullptr;  // where its requests go in batches; the Session's
  std::atomic<bool> given_up{false};  // its server stays away: nothing of it begins any more
  MachineMeter* meter = nullptr;  // of the machine, where it costs by the hour; the Session's
  // Calls that want a connection now or soon (queued, at the backend, waiting for their next try), and
  // attempts that have not made their first call yet. Dispatch looks at it.
  std::atomic<std::int64_t> wanting{0};
  std::atomic<std::uint32_t> refused{0};  // requests in a row with HTTP 401, 402 or 403, and no success since
};

// One task under one variant; all models share it.
struct OpenTask {
  TaskInfo info;
  std::string variant;
  std::unique_ptr<SampleSet> samples;
  std::vector<std::unique_ptr<Scorer>> scorers;
};

// One entry (model x task x variant) at work.
struct Entry {
  EntryRecord record;
  EntryId id = 0;
  Model* model = nullptr;
  const OpenTask* task = nullptr;
  Sampling sampling;  // suite's, then model's, then variant's
  // Requests get seeds derived from it and from (sample key, epoch, draw): the sampling's seed, or the
  // suite's where the model entry says `seed: true`. Unset: requests carry no seed.
  std::optional<std::uint64_t> seed;
  std::unique_ptr<Strategy> strategy;
  bool resumed = false;  // attempts may have committed calls
  // By attempt, epoch-major; only of a resumed entry, empty otherwise.
  std::vector<bool> finished;  // without those that ended in an error; read only once the run has begun
  std::vector<bool> failed;    // ended in an error before, not since
  std::array<std::uint64_t, kOutcomeCount + 1> outcomes{};  // of all invocations; Session's mutex guards it

  std::uint64_t attempts() const { return record.samples * record.epochs; }
};

struct Workload {
  std::vector<std::unique_ptr<Model>> models;
  std::vector<std::unique_ptr<OpenTask>> tasks;
  std::vector<std::unique_ptr<Entry>> entries;  // models x tasks x variants, in the suite's order
};

// Error: Code::invalid for whatever the suite names and is not there.
Result<Workload> prepare(const Suite&, const Plugins&, const RunOptions&, const TargetLookup&);

// The key for a model entry, from the environment: the variable that the entry names, which must be set; else
// X_API_KEY, X being the service's name in the host of its base_url (api.deepseek.com: DEEPSEEK_API_KEY), or
// the backend's name when there is no base_url; empty (no key is sent) for a server without a service's name
// (localhost, an address). Empty when that is not set. A key of one service is never sent to another.
Result<std::string> api_key(const ModelEntry&);
std::string api_key_variable(const ModelEntry&);

}  // namespace assay
