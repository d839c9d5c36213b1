// The end of an attempt: its outcome, its scores, what trace scorers found.
#include "harness/store/row_writer.h"

namespace assay {
namespace {

template <typename Enum>
std::int64_t number(Enum e) {
  return static_cast<std::int64_t>(e);
}

}  // namespace

Result<void> RowWriter::finish_attempt(const PreparedFinish& f) {
  const auto at = attempt(f.ref, f.sample);
  if (!at) return at.error();
  const AttemptResult& result = f.result;
  {
    Query q(db_,
            "UPDATE attempt SET outcome = ?, scored = ?, chosen_step = ?, chosen_draw = ?, finished = ?, error = ? WHERE id = ?");
    q.integer(number(result.outcome)).integer(result.scores.empty() ? 0 : 1);
    for (const auto& chosen : {result.chosen_step, result.chosen_draw}) {
      q.integer(chosen ? std::optional<std::int64_t>(*chosen) : std::nullopt);
    }
    if (auto r = q.integer(f.finished).text(result.error).integer(at->id).run(); !r) return r;
  }
  if (at->finished) {
    // Scored anew: what is said now holds, and what was said before stays for comparison.
    for (const char* sql : {"UPDATE score SET current = 0 WHERE attempt = ?", "UPDATE metric SET current = 0 WHERE attempt = ?",
                            "UPDATE finding SET current = 0 WHERE attempt = ?"}) {
      Query q(db_, sql);
      if (auto r = q.integer(at->id).run(); !r) return r;
    }
  } else {
    totals_[f.ref.entry].finished += 1;
  }
  for (const ScoreRecord& s : result.scores) {
    if (auto r = insert_score(f.ref, at->id, s, at->finished); !r) return r;
  }
  for (const TraceRecord& t : result.traces) {
    if (auto r = insert_traces(at->id, t, at->finished); !r) return r;
  }
  return {};
}

Result<std::int64_t> RowWriter::scorer(const std::string& scorer_name, std::uint32_t version) {
  const std::pair<std::string, std::uint32_t> key(scorer_name, version);
  if (const auto found = scorers_.find(key); found != scorers_.end()) return found->second;
  const auto id = named("INSERT INTO scorer (name, version) VALUES (?, ?) ON CONFLICT (name, version) DO NOTHING",
                        "SELECT id FROM scorer WHERE name = ? AND version = ?", scorer_name, version);
  if (id) scorers_[key] = *id;
  return id;
}

Result<void> RowWriter::insert_score(const AttemptRef& ref, std::int64_t attempt, const ScoreRecord& record, bool rescored) {
  const auto scorer_id = scorer(record.scorer, record.scorer_version);
  if (!scorer_id) return scorer_id.error();
  if (rescored) {
    Query q(db_, "DELETE FROM score WHERE attempt = ? AND scorer = ?");
    if (auto r = q.integer(attempt).integer(*scorer_id).run(); !r) return r;
  }
  const Score& s = record.score;
  Query q(db_,
          "INSERT INTO score (attempt, scorer, current, is_primary, entry, sample_index, epoch, outcome, value, "
          "span_begin, span_end, extracted, rule, explanation, answer_class) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  q.integer(attempt).integer(*scorer_id).integer(record.primary ? 1 : 0).integer(ref.entry);
  q.integer(static_cast<std::int64_t>(ref.sample_index)).integer(ref.epoch).integer(number(s.outcome)).real(s.value);
  if (s.span) {
    q.integer(static_cast<std::int64_t>(s.span->begin)).integer(static_cast<std::int64_t>(s.span->end));
  } else {
    q.null().null();
  }
  q.text(s.extracted).text(s.rule).text(s.explanation).text(s.answer_class);
  return q.run();
}

Result<void> RowWriter::insert_traces(std::int64_t attempt, const TraceRecord& record, bool rescored) {
  const auto by = scorer(record.scorer, record.scorer_version);
  if (!by) return by.error();
  if (rescored) {
    for (const char* sql : {"DELETE FROM metric WHERE attempt = ? AND scorer = ?", "DELETE FROM finding WHERE attempt = ? AND scorer = ?"}) {
      Query q(db_, sql);
      if (auto r = q.integer(attempt).integer(*by).run(); !r) return r;
    }
  }
  for (const Metric& m : record.metrics) {
    const auto metric_name = word(m.name);
    if (!metric_name) return metric_name.error();
    Query q(db_, "INSERT INTO metric (attempt, scorer, name, current, value) VALUES (?, ?, ?, 1, ?) "
                 "ON CONFLICT (attempt, scorer, name) DO UPDATE SET value = excluded.value");
    if (auto r = q.integer(attempt).integer(*by).integer(*metric_name).real(m.value).run(); !r) return r;
  }
  std::int64_t count = 0;
  for (const Finding& f : record.findings) {
    const auto kind = word(f.kind);
    if (!kind) return kind.error();
    Query q(db_, "INSERT INTO finding (attempt, scorer, number, current, kind, severity, step, span_begin, span_end, detail) "
                 "VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?)");
    q.integer(attempt).integer(*by).integer(count++).integer(*kind).integer(number(f.severity));
    q.integer(f.step ? std::optional<std::int64_t>(*f.step) : std::nullopt);
    q.integer(static_cast<std::int64_t>(f.span.begin)).integer(static_cast<std::int64_t>(f.span.end)).text(f.detail);
    if (auto r = q.run(); !r) return r;
  }
  return {};
}

}  // namespace assay
