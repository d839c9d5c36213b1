// What trace scorers said of an attempt.
#include <algorithm>

#include "harness/store/reader.h"

namespace assay {
namespace {

// The record of the row's scorer, made where there is none yet.
TraceRecord& record_of(std::vector<TraceRecord>& all, const Query& q) {
  const std::string_view name = q.text_at(0);
  const auto version = static_cast<std::uint32_t>(q.integer_at(1));
  for (TraceRecord& t : all) {
    if (t.scorer == name && t.scorer_version == version) return t;
  }
  all.push_back({std::string(name), version, {}, {}});
  return all.back();
}

Result<void> read_metrics(Db& db, std::int64_t attempt, std::vector<TraceRecord>& out) {
  Query q(db,
          "SELECT s.name, s.version, w.text, m.value FROM metric m JOIN scorer s ON s.id = m.scorer JOIN word w ON w.id = m.name "
          "WHERE m.attempt = ? AND m.current = 1 ORDER BY s.name, s.version, w.text");
  q.integer(attempt);
  for (;;) {
    const auto row = q.step();
    if (!row) return row.error();
    if (!*row) return {};
    record_of(out, q).metrics.push_back({std::string(q.text_at(2)), q.maybe_real_at(3)});
  }
}

Result<void> read_findings(Db& db, std::int64_t attempt, std::vector<TraceRecord>& out) {
  Query q(db,
          "SELECT s.name, s.version, w.text, f.severity, f.step, f.span_begin, f.span_end, f.detail FROM finding f "
          "JOIN scorer s ON s.id = f.scorer JOIN word w ON w.id = f.kind "
          "WHERE f.attempt = ? AND f.current = 1 ORDER BY s.name, s.version, f.number");
  q.integer(attempt);
  for (;;) {
    const auto row = q.step();
    if (!row) return row.error();
    if (!*row) return {};
    Finding f;
    f.kind = q.text_at(2);
    f.severity = enum_at(q, 3, 3, Severity::info);
    if (!q.null_at(4)) f.step = static_cast<std::uint32_t>(q.integer_at(4));
    f.span = {static_cast<std::size_t>(std::max<std::int64_t>(q.integer_at(5), 0)),
              static_cast<std::size_t>(std::max<std::int64_t>(q.integer_at(6), 0))};
    f.detail = q.text_at(7);
    record_of(out, q).findings.push_back(std::move(f));
  }
}

}  // namespace

Result<std::vector<TraceRecord>> read_traces(Db& db, std::int64_t attempt) {
  std::vector<TraceRecord> out;
  if (auto r = read_metrics(db, attempt, out); !r) return r.error();
  if (auto r = read_findings(db, attempt, out); !r) return r.error();
  std::sort(out.begin(), out.end(), [](const TraceRecord& a, const TraceRecord& b) {
    return a.scorer != b.scorer ? a.scorer < b.scorer : a.scorer_version < b.scorer_version;
  });
  return out;
}

}  // namespace assay
