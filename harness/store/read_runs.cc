#include <algorithm>
#include <tuple>

#include "harness/store/reader.h"

namespace assay {
namespace {

std::string state_name(std::int64_t state) {
  switch (state) {
    case 1: return "running";
    case 2: return "complete";
    case 3: return "partial";
    default: return "interrupted";
  }
}

Json json_at(const Query& q, int column, Json otherwise) {
  auto parsed = parse_json(q.text_at(column));
  return parsed ? std::move(*parsed) : std::move(otherwise);
}

std::vector<ScorerSpec> scorers_at(const Query& q, int column) {
  std::vector<ScorerSpec> out;
  const Json list = json_at(q, column, Json::array());
  if (!list.is_array()) return out;
  for (const Json& item : list) {
    ScorerSpec spec;
    spec.id = json_string(item, "id").value_or("");
    if (const Json* options = json_find(item, "options")) spec.options = *options;
    out.push_back(std::move(spec));
  }
  return out;
}

bool in(const std::vector<std::string>& list, std::string_view text) {
  return list.empty() || std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

Result<std::vector<RunInfo>> read_runs(Db& db) {
  Query q(db,
          "SELECT r.run_id, r.suite, r.seed, r.started, r.finished, r.state, r.program, r.host, r.command, "
          "(SELECT total(x.finished) FROM entry e JOIN entry_total x ON x.entry = e.id WHERE e.run = r.id), "
          "(SELECT total(e.samples * e.epochs) FROM entry e WHERE e.run = r.id), "
          "json_type(r.spec, '$.import') IS NOT NULL "
          "FROM run r ORDER BY r.started DESC, r.run_id DESC");
  std::vector<RunInfo> out;
  for (;;) {
    const auto row = q.step();
    if (!row) return row.error();
    if (!*row) return out;
    RunInfo run;
    run.run_id = q.text_at(0);
    run.suite = q.text_at(1);
    run.seed = static_cast<std::uint64_t>(q.integer_at(2));
    run.started = q.integer_at(3);
    run.finished = q.maybe_integer_at(4);
    run.state = state_name(q.integer_at(5));
    run.program = q.text_at(6);
    run.host = q.text_at(7);
    run.command = q.text_at(8);
    run.attempts = static_cast<std::uint64_t>(q.real_at(9));
    run.planned = static_cast<std::uint64_t>(q.real_at(10));
    run.imported = q.integer_at(11) != 0;
    out.push_back(std::move(run));
  }
}

Result<std::optional<RunRecord>> read_run(Db& db, const std::string& run_id) {
  Query q(db, "SELECT run_id, group_id, suite, spec, seed, program, host, command FROM run WHERE run_id = ?");
  const auto row = q.text(run_id).step();
  if (!row) return row.error();
  if (!*row) return std::optional<RunRecord>();
  RunRecord run;
  run.run_id = q.text_at(0);
  run.group_id = q.text_at(1);
  run.suite = q.text_at(2);
  auto spec = parse_json(q.text_at(3));
  if (!spec) return Error{Code::corrupt, db.path() + ": run " + run_id + ": " + spec.error().message};
  run.spec = std::move(*spec);
  run.seed = static_cast<std::uint64_t>(q.integer_at(4));
  run.program = q.text_at(5);
  run.host = q.text_at(6);
  run.command = q.text_at(7);
  return std::optional<RunRecord>(std::move(run));
}

Result<std::vector<EntryRow>> read_entries(Db& db, const Selection& selection) {
  Query q(db,
          "SELECT e.id, e.digest, r.run_id, m.name, m.backend, m.revision, m.base_url, m.config, t.name, t.version, "
          "e.variant, e.strategy, e.sampling, e.scorers, e.data_digest, e.prompt_digest, e.fewshot_digest, "
          "e.system_digest, e.samples, e.epochs "
          "FROM entry e JOIN run r ON r.id = e.run JOIN model m ON m.id = e.model JOIN task t ON t.id = e.task");
  std::vector<EntryRow> out;
  for (;;) {
    const auto row = q.step();
    if (!row) return row.error();
    if (!*row) break;
    if (!in(selection.run_ids, q.text_at(2)) || !in(selection.models, q.text_at(3)) || !in(selection.tasks, q.text_at(8))) {
      continue;
    }
    EntryRow e;
    EntryRecord& record = e.summary.record;
    e.summary.id = q.integer_at(0);
    e.digest = q.digest_at(1);
    record.run_id = q.text_at(2);
    record.model.name = q.text_at(3);
    record.model.backend = q.text_at(4);
    record.model.revision = q.text_at(5);
    record.model.base_url = q.text_at(6);
    record.model.config = json_at(q, 7, Json::object());
    record.task = q.text_at(8);
    record.task_version = static_cast<std::uint32_t>(q.integer_at(9));
    record.variant = q.text_at(10);
    record.strategy = q.text_at(11);
    record.sampling = json_at(q, 12, Json::object());
    record.scorers = scorers_at(q, 13);
    record.factors = {q.digest_at(14), q.digest_at(15), q.digest_at(16), q.digest_at(17)};
    record.samples = static_cast<std::uint64_t>(q.integer_at(18));
    record.epochs = static_cast<std::uint32_t>(q.integer_at(19));
    out.push_back(std::move(e));
  }
  std::sort(out.begin(), out.end(), [](const EntryRow& a, const EntryRow& b) {
    const EntryRecord& x = a.summary.record;
    const EntryRecord& y = b.summary.record;
    return std::tie(x.task, x.variant, x.model.name, x.strategy, x.run_id, a.digest) <
           std::tie(y.task, y.variant, y.model.name, y.strategy, y.run_id, b.digest);
  });
  return out;
}

}  // namespace assay
