// Turns records into rows. What can be done on the caller's thread (JSON, digests, compression) is
// done by the prepare functions; a RowWriter then only inserts. Internal to harness/store.
//
// Threads: prepare_* from any; a RowWriter from the writer thread, inside its transaction.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "harness/base/result.h"
#include "harness/store/packed_text.h"
#include "harness/store/records.h"
#include "harness/store/sqlite.h"

namespace assay {

struct PreparedSample {
  Digest digest;   // of everything below and of the body
  std::string key;
  Digest identity;
  std::uint32_t occurrence = 0;
  std::string cluster;
  PackedText body;  // messages, question, targets, choices, metadata as JSON
};

// Where a part of a response lies: within another of its texts, which most do, or by itself.
enum class PartSource : std::uint8_t { text = 1, reasoning = 2, own = 3 };  // persisted, never renumbered
struct PreparedPart {
  PartSource source = PartSource::own;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  PackedText own;
};

struct PreparedCall {
  AttemptRef ref;
  std::optional<PreparedSample> sample;  // nothing when the same sample was handed over before
  CallRecord call;                       // without its large texts
  PackedBlob request;                    // as JSON
  bool sample_messages = false;          // the request's messages are the sample's and left out of it
  PackedText text;
  std::optional<PackedText> reasoning;
  PackedText raw;
  std::optional<PackedText> sent;        // against the request
  std::optional<PackedText> received;    // of a failed call
  std::optional<PackedBlob> prompt;      // as rendered; the epochs of a sample share it
  std::string logprobs;                  // 32-bit floats, little-endian
  PreparedPart trace;
  PreparedPart answer;
};

struct PreparedFinish {
  AttemptRef ref;
  std::optional<PreparedSample> sample;
  AttemptResult result;
  std::int64_t finished = 0;  // unix microseconds
};

PreparedSample prepare_sample(const Sample&);
// Error: Code::invalid for a text larger than kMaxText.
Result<PreparedCall> prepare_call(const AttemptRef&, const Sample&, CallRecord);
Result<PreparedFinish> prepare_finish(const AttemptRef&, AttemptResult);
std::size_t size_of(const PreparedCall&);    // bytes held, roughly
std::size_t size_of(const PreparedFinish&);

class RowWriter {
 public:
  explicit RowWriter(Db& db) : db_(db) {}
  Db& db() { return db_; }

  Result<void> begin_run(const RunRecord&, std::int64_t now);
  Result<void> set_run_state(const std::string& run_id, std::int64_t state, std::optional<std::int64_t> finished);
  Result<EntryId> add_entry(const EntryRecord&);
  Result<void> add_call(const PreparedCall&);
  Result<void> finish_attempt(const PreparedFinish&);

  // Writes the sums of this transaction into entry_total. Call before COMMIT.
  Result<void> write_totals();
  // Forgets what a ROLLBACK made untrue.
  void rolled_back();

 private:
  struct Totals {
    std::int64_t finished = 0, calls = 0;
    std::int64_t input = 0, input_known = 0, output = 0, output_known = 0, reasoning = 0, reasoning_known = 0;
    std::int64_t cost = 0, cost_known = 0;
    double seconds = 0;
    std::optional<std::int64_t> first_started, last_ended;
  };
  struct Attempt {
    std::int64_t id = 0;
    std::int64_t sample = 0;
    bool finished = false;
  };

  Result<std::int64_t> blob(const PackedBlob&);
  Result<std::int64_t> named(const char* insert, const char* select, std::string_view name, std::uint32_t version);
  Result<std::int64_t> model(const ModelRecord&);
  Result<std::int64_t> task_of(EntryId);
  Result<std::int64_t> sample(const AttemptRef&, const std::optional<PreparedSample>&);
  Result<Attempt> attempt(const AttemptRef&, const std::optional<PreparedSample>&);
  Result<std::int64_t> scorer(const std::string& name, std::uint32_t version);
  Result<std::int64_t> insert_call(const PreparedCall&, std::int64_t attempt, std::int64_t request);
  Result<void> set_exchange(const PreparedCall&, std::int64_t call);
  Result<std::optional<std::int64_t>> word(const std::string& text);  // nullopt for an empty one
  Result<void> insert_response(const PreparedCall&, std::int64_t call, std::optional<std::int64_t> prompt);
  Result<void> insert_score(const AttemptRef&, std::int64_t attempt, const ScoreRecord&, bool rescored);
  Result<void> insert_traces(std::int64_t attempt, const TraceRecord&, bool rescored);
  void count(const PreparedCall&);

  Db& db_;
  std::map<EntryId, Totals> totals_;
  std::unordered_map<EntryId, std::int64_t> tasks_;
  std::map<std::pair<std::string, std::uint32_t>, std::int64_t> scorers_;
  std::map<std::pair<EntryId, std::uint64_t>, std::int64_t> samples_;  // bounded; by (entry, sample index)
  std::map<Digest, std::int64_t> blobs_;                               // bounded
  std::unordered_map<std::string, std::int64_t> words_;                // bounded
};

}  // namespace assay
