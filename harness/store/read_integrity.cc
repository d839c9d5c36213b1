#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/store/reader.h"

namespace assay {

Result<void> read_integrity(Db& db) {
  {
    Query q(db, "PRAGMA integrity_check(1)");
    const auto row = q.step();
    if (!row) return row.error();
    if (*row && q.text_at(0) != "ok") return Error{Code::corrupt, format("{}: {}", db.path(), printable(q.text_at(0)))};
  }
  {
    Query q(db, "PRAGMA foreign_key_check");
    const auto row = q.step();
    if (!row) return row.error();
    if (*row) return Error{Code::corrupt, format("{}: a row of {} refers to a row that is not there", db.path(), q.text_at(0))};
  }
  {
    Query q(db, "SELECT id FROM call WHERE status <> 2 AND id NOT IN (SELECT call FROM response) LIMIT 1");
    const auto row = q.step();
    if (!row) return row.error();
    if (*row) return Error{Code::corrupt, format("{}: call {} has no response", db.path(), q.integer_at(0))};
  }
  {
    // Each is a frame against its request, with a checksum: reading it is the check.
    Query q(db,
            "SELECT count(assay_sent(c.sent_codec, c.sent, c.sample_messages, q.codec, q.bytes, p.body_codec, p.body)) "
            "FROM call c JOIN attempt a ON a.id = c.attempt JOIN sample p ON p.id = a.sample JOIN blob q ON q.id = c.request "
            "WHERE c.sent IS NOT NULL");
    if (const auto row = q.step(); !row) return Error{Code::corrupt, format("{}: bytes sent: {}", db.path(), row.error().message)};
  }
  {
    Query q(db, "SELECT tag FROM batch b WHERE items <> (SELECT count(*) FROM batch_item i WHERE i.batch = b.id) LIMIT 1");
    const auto row = q.step();
    if (!row) return row.error();
    if (*row) return Error{Code::corrupt, format("{}: batch {} lacks items", db.path(), printable(q.text_at(0)))};
  }
  Query q(db,
          "SELECT e.id FROM entry e LEFT JOIN entry_total x ON x.entry = e.id "
          "LEFT JOIN (SELECT entry, count(outcome) AS finished FROM attempt GROUP BY entry) a ON a.entry = e.id "
          "LEFT JOIN (SELECT b.entry, count(*) AS calls, total(c.output_tokens + coalesce(c.reasoning_tokens, 0)) AS output, "
          "  total(c.cost_pico) AS cost FROM call c JOIN attempt b ON b.id = c.attempt GROUP BY b.entry) c ON c.entry = e.id "
          "WHERE coalesce(x.finished, 0) <> coalesce(a.finished, 0) OR coalesce(x.calls, 0) <> coalesce(c.calls, 0) "
          "  OR coalesce(x.output_tokens, 0) <> coalesce(c.output, 0) OR coalesce(x.cost_pico, 0) <> coalesce(c.cost, 0) LIMIT 1");
  const auto row = q.step();
  if (!row) return row.error();
  if (*row) return Error{Code::corrupt, format("{}: the kept sums of entry {} differ from its calls", db.path(), q.integer_at(0))};
  return {};
}

}  // namespace assay
