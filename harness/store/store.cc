#include "harness/store/store.h"

#include <algorithm>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/store/open.h"
#include "harness/store/reader.h"
#include "harness/store/writer.h"

namespace assay {
namespace {

constexpr std::size_t kSeenRemembered = 65536;

std::int64_t state_number(const std::string& state) {
  if (state == "running") return 1;
  if (state == "complete") return 2;
  if (state == "partial") return 3;
  return state == "interrupted" ? 4 : 0;
}

// Which samples were handed to the writer already, so that a sample is turned into JSON once and
// not with every call. Forgetting is harmless: the sample is then handed over again.
class SeenSamples {
 public:
  bool has(const AttemptRef& ref) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return seen_.count(key(ref)) != 0;
  }
  void add(const AttemptRef& ref) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (seen_.size() >= kSeenRemembered) seen_.clear();
    seen_.insert(key(ref));
  }

 private:
  struct Key {
    EntryId entry;
    std::uint64_t index;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& k) const {
      return std::hash<std::uint64_t>()(k.index * 0x9E3779B97F4A7C15u ^ static_cast<std::uint64_t>(k.entry));
    }
  };
  static Key key(const AttemptRef& ref) { return {ref.entry, ref.sample_index}; }

  std::mutex mutex_;  // guards seen_
  std::unordered_set<Key, Hash> seen_;
};

class SqliteStore : public Store {
 public:
  SqliteStore(std::filesystem::path path, OpenedDatabase opened, StoreMode mode, const StoreOptions& options)
      : file_(path),
        path_(path.string()),
        run_busy_ms_(std::max(options.busy_ms, options.run_busy_ms)),
        readers_(std::make_shared<Readers>(std::move(path), opened.reader)) {
    if (mode == StoreMode::read_write) {
      writer_ = std::make_unique<Writer>(std::move(opened.db), WriterLimits{options.queue_items, options.queue_bytes});
    }
  }

  // The writer's connection closes last: it then folds the write-ahead log into the file, which
  // read-only connections cannot do.
  ~SqliteStore() override {
    if (!writer_) return;
    writer_->stop();
    readers_->close_idle();
  }

  const std::filesystem::path& path() const override { return file_; }

  Result<void> begin_run(const RunRecord& run) override {
    if (!is_ulid(run.run_id)) return Error{Code::internal, format("run {}: its id is not a ULID", run.run_id)};
    return begin([&](RowWriter& rows) { return rows.begin_run(run, unix_micros()); });
  }

  Result<RunRecord> resume_run(const std::string& run_id) override {
    auto run = with_reader([&](Db& db) { return read_run(db, run_id); });
    if (!run) return run.error();
    if (!*run) return invalid(format("run {}: not in {}", run_id, path_));
    if (auto r = begin([&](RowWriter& rows) { return rows.set_run_state(run_id, 1, std::nullopt); }); !r) return r.error();
    return std::move(**run);
  }

  Result<EntryId> add_entry(const EntryRecord& entry) override {
    EntryId id = 0;
    auto r = write([&](RowWriter& rows) -> Result<void> {
      auto added = rows.add_entry(entry);
      if (!added) return added.error();
      id = *added;
      return {};
    });
    if (!r) return r.error();
    return id;
  }

  void add_call(const AttemptRef& ref, const Sample& sample, CallRecord call, Committed committed) override {
    if (!writer_) return refuse(committed, read_only());
    auto prepared = prepare_call(ref, sample, std::move(call));
    if (!prepared) return refuse(committed, prepared.error());
    prepared->sample = prepared_sample(ref, sample);
    const auto shared = std::make_shared<const PreparedCall>(std::move(*prepared));
    push(ref, [shared](RowWriter& rows) { return rows.add_call(*shared); }, std::move(committed), size_of(*shared));
  }

  void finish_attempt(const AttemptRef& ref, const Sample& sample, AttemptResult result, Committed committed) override {
    if (!writer_) return refuse(committed, read_only());
    auto prepared = prepare_finish(ref, std::move(result));
    if (!prepared) return refuse(committed, prepared.error());
    prepared->sample = prepared_sample(ref, sample);
    const auto shared = std::make_shared<const PreparedFinish>(std::move(*prepared));
    push(ref, [shared](RowWriter& rows) { return rows.finish_attempt(*shared); }, std::move(committed), size_of(*shared));
  }

  Result<void> flush() override {
    if (!writer_) return {};
    return write([](RowWriter&) { return Result<void>(); });
  }

  Result<void> finish_run(const std::string& run_id, const std::string& state) override {
    const std::int64_t number = state_number(state);
    if (number == 0) return Error{Code::internal, format("run {}: unknown state {}", run_id, state)};
    const auto finished = number == 1 ? std::nullopt : std::optional<std::int64_t>(unix_micros());
    return write([&](RowWriter& rows) { return rows.set_run_state(run_id, number, finished); });
  }

  Result<void> finished_attempts(
      EntryId entry, const std::function<void(std::uint64_t, std::uint32_t, Outcome, const Digest&)>& fn) override {
    return with_reader([&](Db& db) { return read_finished(db, entry, fn); });
  }

  Result<std::vector<CallRecord>> calls_of(const AttemptRef& ref) override {
    auto stored = with_reader([&](Db& db) { return read_calls(db, ref); });
    if (!stored) return stored.error();
    std::vector<CallRecord> out;
    out.reserve(stored->size());
    for (StoredCall& call : *stored) out.push_back(std::move(call.call));
    return out;
  }

  Result<std::optional<CallRecord>> find_cached(const Digest& call_digest) override {
    return with_reader([&](Db& db) { return read_cached(db, call_digest); });
  }

  Result<std::vector<ModelSpend>> spent(const std::string& run_id) override {
    return with_reader([&](Db& db) { return read_spent(db, run_id); });
  }

  Result<TokenHistory> token_history(const std::string& entry_name, const std::string& server_model, const std::string& task,
                                     const std::string& strategy, const std::optional<std::int64_t>& max_tokens) override {
    return with_reader([&](Db& db) { return read_token_history(db, entry_name, server_model, task, strategy, max_tokens); });
  }

  Result<std::vector<RunInfo>> runs() override {
    return with_reader([](Db& db) { return read_runs(db); });
  }

  Result<std::vector<EntrySummary>> entries(const std::string& run_id) override {
    Selection selection;
    selection.run_ids.push_back(run_id);
    auto rows = with_reader([&](Db& db) { return read_entries(db, selection); });
    if (!rows) return rows.error();
    std::vector<EntrySummary> out;
    out.reserve(rows->size());
    for (EntryRow& row : *rows) out.push_back(std::move(row.summary));
    return out;
  }

  Result<std::vector<LeaderboardRow>> leaderboard(const Selection& selection) override {
    return with_reader([&](Db& db) { return read_leaderboard(db, selection); });
  }

  Result<ItemsInput> items(const Selection& selection, std::size_t page_size) override {
    auto entries = with_reader([&](Db& db) { return read_entries(db, selection); });
    if (!entries) return entries.error();
    // shared_ptr: the pages may be read after the store is gone.
    struct State {
      std::shared_ptr<Readers> readers;
      std::vector<EntryRow> entries;
      ItemCursor cursor;
    };
    const auto state = std::make_shared<State>(State{readers_, std::move(*entries), {}});
    const bool all_scorers = selection.all_scorers;
    ItemsInput out;
    out.next_page = [state, all_scorers, page_size](std::vector<ItemRow>& page) -> Result<bool> {
      auto lease = state->readers->take();
      if (!lease) return lease.error();
      return read_items(**lease, state->entries, all_scorers, page_size, state->cursor, page);
    };
    return out;
  }

  Result<std::vector<AttemptDetail>> attempts(const Selection& selection, const std::string& sample_key) override {
    return with_reader([&](Db& db) { return read_attempts(db, selection, sample_key); });
  }

  Result<void> check_integrity() override {
    return with_reader([](Db& db) { return read_integrity(db); });
  }

 private:
  Error read_only() const { return invalid(format("{}: was opened for reading only", path_)); }

  static void refuse(const Committed& committed, const Error& error) {
    if (committed) committed(error);
  }

  Result<void> write(Writer::Apply apply) {
    if (!writer_) return read_only();
    return writer_->run(std::move(apply));
  }

  // The write that begins a run. It may fail early; from then on the writer is patient.
  Result<void> begin(const Writer::Apply& apply) {
    return write([this, &apply](RowWriter& rows) {
      auto r = apply(rows);
      if (r) rows.db().set_busy_ms(run_busy_ms_);
      return r;
    });
  }

  std::optional<PreparedSample> prepared_sample(const AttemptRef& ref, const Sample& sample) {
    if (seen_.has(ref)) return std::nullopt;
    return prepare_sample(sample);
  }

  // The sample counts as seen only once the write that carries it has its place in the queue.
  void push(const AttemptRef& ref, Writer::Apply apply, Committed committed, std::size_t bytes) {
    writer_->push(std::move(apply), std::move(committed), bytes, [this, &ref] { seen_.add(ref); });
  }

  template <typename Read>
  auto with_reader(Read read) -> decltype(read(std::declval<Db&>())) {
    auto lease = readers_->take();
    if (!lease) return lease.error();
    return read(**lease);
  }

  const std::filesystem::path file_;
  const std::string path_;
  const int run_busy_ms_;
  const std::shared_ptr<Readers> readers_;  // shared with ItemsInput
  SeenSamples seen_;
  std::unique_ptr<Writer> writer_;  // nothing when read-only
};

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& path, StoreMode mode, const StoreOptions& options) {
  auto opened = open_database(path, mode, options);
  if (!opened) return opened.error();
  return std::unique_ptr<Store>(std::make_unique<SqliteStore>(path, std::move(*opened), mode, options));
}

}  // namespace assay
