// Batches: what was handed in at providers' batch endpoints, and which attempts each is for, so that a process that
// ends leaves nothing unknown behind.
//
// Order: prepare() before a batch is handed in, set() when the provider has it and whenever more is known, `collected`
//   once every answer is committed. Threads: one at a time. Errors: as Store's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/store/records.h"

namespace assay {

class Db;

// Persisted, never renumbered. The middle five are those of BatchState (harness/api/batch.h).
enum class KeptBatchState : std::uint8_t { prepared = 1, working = 2, ended = 3, failed = 4, expired = 5, cancelled = 6, collected = 7 };

struct BatchPlace {
  std::string custom_id;
  AttemptRef ref;
  std::uint32_t step = 0;
  std::uint32_t draw = 0;
};

struct KeptBatch {
  std::string run_id;
  std::string model_entry;
  std::string tag;       // ours, known to the provider too
  std::string batch_id;  // the provider's; empty: not known to have reached it
  KeptBatchState state = KeptBatchState::prepared;
  std::uint64_t items = 0, succeeded = 0, failed = 0;
  std::int64_t submitted = 0;  // unix microseconds; 0: not yet
  std::string message;
};

class Batches {
 public:
  static Result<std::unique_ptr<Batches>> open(const std::filesystem::path& database);
  ~Batches();

  Result<void> prepare(const KeptBatch&, const std::vector<BatchPlace>&);
  Result<void> set(const KeptBatch&);  // by its tag
  // Of a run, that are not collected, oldest first. Empty model: of all.
  Result<std::vector<KeptBatch>> open_ones(const std::string& run_id, const std::string& model_entry);
  Result<std::vector<BatchPlace>> places(const std::string& tag);

 private:
  explicit Batches(std::unique_ptr<Db> db);
  std::unique_ptr<Db> db_;
};

}  // namespace assay
