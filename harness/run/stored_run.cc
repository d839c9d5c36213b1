// What a resume reads before it goes on.
#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/run/engine.h"

namespace assay {
namespace {

bool same_place(const EntryRecord& a, const EntryRecord& b) {
  return a.model.name == b.model.name && a.task == b.task && a.variant == b.variant &&
         a.strategy == b.strategy;
}

bool same_scorers(const EntryRecord& a, const EntryRecord& b) {
  if (a.scorers.size() != b.scorers.size()) return false;
  for (std::size_t i = 0; i < a.scorers.size(); ++i) {
    if (a.scorers[i].id != b.scorers[i].id || a.scorers[i].options != b.scorers[i].options) return false;
  }
  return true;
}

// What differs between an entry as stored and as it would be made now, or empty.
std::string difference(const EntryRecord& then, const EntryRecord& now) {
  if (then.factors.data != now.factors.data) {
    return format("its data (digest {} then, {} now)", then.factors.data.short_hex(),
                  now.factors.data.short_hex());
  }
  if (then.samples != now.samples)
    return format("its number of samples ({} then, {} now)", then.samples, now.samples);
  if (then.task_version != now.task_version) {
    return format("its version ({} then, {} now)", then.task_version, now.task_version);
  }
  if (then.factors.prompt != now.factors.prompt) return "its prompt template";
  if (then.factors.fewshot != now.factors.fewshot) return "its few-shot examples";
  if (then.factors.system != now.factors.system) return "its system prompt";
  if (!same_scorers(then, now)) return "its scorers";
  return {};
}

}  // namespace

Result<Suite> stored_suite(const RunRecord& run) {
  auto suite = suite_from_json(run.spec);
  if (!suite) return invalid(format("run {} cannot be resumed: {}", run.run_id, suite.error().message));
  return suite;
}

Result<void> match_stored(Store& store, const std::string& run_id, Workload& work) {
  auto stored = store.entries(run_id);
  if (!stored) return stored.error();
  for (const auto& entry : work.entries) {
    for (const EntrySummary& s : *stored) {
      if (!same_place(s.record, entry->record)) continue;
      if (const std::string what = difference(s.record, entry->record); !what.empty()) {
        return invalid(format("run {} cannot be resumed: task '{}' has changed {}; start a new run", run_id,
                              printable(entry->record.task), what));
      }
      const std::string& then = s.record.model.revision;
      const std::string& now = entry->record.model.revision;
      if (!then.empty() && !now.empty() && then != now) {
        return invalid(
            format("run {} cannot be resumed: model '{}' is now revision '{}', was '{}'; start a new run",
                   run_id, printable(entry->record.model.name), printable(now), printable(then)));
      }
      entry->id = s.id;
    }
  }
  return {};
}

Result<void> pick_up(Store& store, const std::string& run_id, Entry& entry) {
  entry.record.run_id = run_id;
  entry.resumed = true;
  if (entry.id == 0) {  // the run was killed before it was written
    auto id = store.add_entry(entry.record);
    if (!id) return id.error();
    entry.id = *id;
  }
  entry.finished.assign(entry.attempts(), false);
  entry.failed.assign(entry.attempts(), false);
  return store.finished_attempts(
      entry.id, [&entry](std::uint64_t sample, std::uint32_t epoch, Outcome outcome, const Digest&) {
        const std::uint64_t index = epoch * entry.record.samples + sample;
        if (sample >= entry.record.samples || index >= entry.attempts()) return;
        ++entry.outcomes[static_cast<std::size_t>(outcome)];
        if (outcome == Outcome::error)
          entry.failed[index] = true;
        else
          entry.finished[index] = true;
      });
}

}  // namespace assay
