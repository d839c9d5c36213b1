#include "harness/store/batches.h"

#include <algorithm>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/store/open.h"
#include "harness/store/sqlite.h"

namespace assay {
namespace {

constexpr int kBusyMs = 600'000;

Result<void> insert(Db& db, const KeptBatch& b, const std::vector<BatchPlace>& places) {
  {
    Query q(db,
            "INSERT INTO batch (run, model_entry, tag, state, items, succeeded, failed, prepared, message) "
            "SELECT id, ?, ?, 1, ?, 0, 0, ?, '' FROM run WHERE run_id = ?");
    q.text(b.model_entry).text(b.tag).integer(static_cast<std::int64_t>(places.size())).integer(unix_micros()).text(b.run_id);
    if (auto r = q.run(); !r) return r;
    if (db.changes() == 0) return invalid(format("run {}: not in {}", b.run_id, db.path()));
  }
  const std::int64_t id = db.last_id();
  for (const BatchPlace& p : places) {
    Query q(db, "INSERT INTO batch_item (batch, custom_id, entry, sample_index, epoch, step, draw) VALUES (?, ?, ?, ?, ?, ?, ?)");
    q.integer(id).text(p.custom_id).integer(p.ref.entry).integer(static_cast<std::int64_t>(p.ref.sample_index));
    if (auto r = q.integer(p.ref.epoch).integer(p.step).integer(p.draw).run(); !r) return r;
  }
  return {};
}

}  // namespace

Batches::Batches(std::unique_ptr<Db> db) : db_(std::move(db)) {}
Batches::~Batches() = default;

Result<std::unique_ptr<Batches>> Batches::open(const std::filesystem::path& database) {
  auto opened = open_database(database, StoreMode::read_write, {});
  if (!opened) return opened.error();
  opened->db->set_busy_ms(kBusyMs);
  return std::unique_ptr<Batches>(new Batches(std::move(opened->db)));
}

Result<void> Batches::prepare(const KeptBatch& batch, const std::vector<BatchPlace>& places) {
  if (auto begun = db_->exec("BEGIN IMMEDIATE"); !begun) return begun;
  auto written = insert(*db_, batch, places);
  if (written) written = db_->exec("COMMIT");
  if (!written) (void)db_->exec("ROLLBACK");
  return written;
}

Result<void> Batches::set(const KeptBatch& b) {
  Query q(*db_,
          "UPDATE batch SET batch_id = nullif(?1, ''), state = ?2, succeeded = ?3, failed = ?4, submitted = nullif(?5, 0), "
          "ended = iif(?2 > 2, coalesce(ended, ?6), NULL), message = ?7 WHERE tag = ?8");
  q.text(b.batch_id).integer(static_cast<std::int64_t>(b.state)).integer(static_cast<std::int64_t>(b.succeeded));
  q.integer(static_cast<std::int64_t>(b.failed)).integer(b.submitted).integer(unix_micros()).text(b.message).text(b.tag);
  return q.run();
}

Result<std::vector<KeptBatch>> Batches::open_ones(const std::string& run_id, const std::string& model_entry) {
  Query q(*db_,
          "SELECT b.model_entry, b.tag, coalesce(b.batch_id, ''), b.state, b.items, b.succeeded, b.failed, "
          "coalesce(b.submitted, 0), b.message FROM batch b JOIN run r ON r.id = b.run "
          "WHERE r.run_id = ?1 AND b.state <> 7 AND (?2 = '' OR b.model_entry = ?2) ORDER BY b.prepared, b.tag");
  q.text(run_id).text(model_entry);
  std::vector<KeptBatch> out;
  for (;;) {
    const auto row = q.step();
    if (!row) return row.error();
    if (!*row) return out;
    KeptBatch b;
    b.run_id = run_id;
    b.model_entry = q.text_at(0);
    b.tag = q.text_at(1);
    b.batch_id = q.text_at(2);
    b.state = static_cast<KeptBatchState>(std::clamp<std::int64_t>(q.integer_at(3), 1, 7));
    b.items = static_cast<std::uint64_t>(q.integer_at(4));
    b.succeeded = static_cast<std::uint64_t>(q.integer_at(5));
    b.failed = static_cast<std::uint64_t>(q.integer_at(6));
    b.submitted = q.integer_at(7);
    b.message = q.text_at(8);
    out.push_back(std::move(b));
  }
}

Result<std::vector<BatchPlace>> Batches::places(const std::string& tag) {
  Query q(*db_,
          "SELECT i.custom_id, i.entry, i.sample_index, i.epoch, i.step, i.draw FROM batch_item i JOIN batch b ON b.id = i.batch "
          "WHERE b.tag = ? ORDER BY i.custom_id");
  q.text(tag);
  std::vector<BatchPlace> out;
  for (;;) {
    const auto row = q.step();
    if (!row) return row.error();
    if (!*row) return out;
    BatchPlace p;
    p.custom_id = q.text_at(0);
    p.ref = {q.integer_at(1), static_cast<std::uint64_t>(q.integer_at(2)), static_cast<std::uint32_t>(q.integer_at(3))};
    p.step = static_cast<std::uint32_t>(q.integer_at(4));
    p.draw = static_cast<std::uint32_t>(q.integer_at(5));
    out.push_back(std::move(p));
  }
}

}  // namespace assay
