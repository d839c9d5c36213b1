#include "harness/run/import/import.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/base/parallel.h"
#include "harness/run/call_digest.h"
#include "harness/run/import/import_plan.h"
#include "harness/run/scoring.h"

namespace assay {
namespace {

constexpr std::size_t kBatchRows = 512;
constexpr std::size_t kBatchBytes = std::size_t{8} << 20;
constexpr const char* kBackend = "recorded";

class Clock {
 public:
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    return seconds;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// The first error that the store's callbacks brought.
class FirstError {
 public:
  void add(const Result<void>& result) {
    if (result) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!error_) error_ = result.error();
  }
  std::optional<Error> get() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return error_;
  }

 private:
  std::mutex mutex_;  // guards error_
  std::optional<Error> error_;
};

Split split_of(const ZeroEvalOutput& out) {
  Split split;
  split.trace = out.reasoning.value_or("");
  split.answer = out.answer.value_or("");
  split.trace_kind = split.trace.empty() ? TraceKind::none : TraceKind::raw;
  if (out.cut) {
    split.verdict = out.answer ? SplitVerdict::truncated_in_answer : SplitVerdict::truncated_in_trace;
  } else if (!out.answer) {
    split.verdict = SplitVerdict::empty_answer;
  } else {
    // An answer field that is there and empty is an answer, that of an empty text.
    split.verdict = split.trace.empty() ? SplitVerdict::no_trace : SplitVerdict::closed;
  }
  return split;
}

struct BatchRow {
  std::string line;
  std::size_t planned = 0;  // index into PlannedFile::rows
  Outcome outcome = Outcome::error;
  AnswerRule rule = AnswerRule::none;
};

// One file's second pass.
class FileImport {
 public:
  FileImport(const ImportPlan& plan, PlannedFile& file, EntryId entry, Store& store,
             const std::vector<std::unique_ptr<Scorer>>& scorers, std::shared_ptr<FirstError> failed)
      : plan_(plan), file_(file), entry_(entry), store_(store), scorers_(scorers), failed_(std::move(failed)) {
    backend_.id = kBackend;
    backend_.model = file.report.model;
    backend_.revision = file.digest.hex();
  }

  Result<void> run(Pool& pool, const std::function<void(std::size_t)>& done) {
    auto reader = LineReader::open(file_.path);
    if (!reader) return reader.error();
    std::vector<BatchRow> batch;
    std::size_t next = 0;
    while (true) {
      auto read = read_batch(*reader, next, batch);
      if (!read) return read.error();
      if (batch.empty()) break;
      pool.parallel_for(batch.size(), [&](std::size_t i) { import_row(batch[i]); });
      for (const BatchRow& row : batch) {
        if (file_.rows[row.planned].place == RowPlace::none) continue;
        ++file_.report.outcomes[static_cast<std::size_t>(row.outcome)];
        if (file_.rows[row.planned].place != RowPlace::error) ++file_.report.rules[static_cast<std::size_t>(row.rule)];
      }
      if (auto error = failed_->get()) return *error;
      done(batch.size());
    }
    if (next != file_.rows.size()) return changed();
    return {};
  }

 private:
  Error changed() const {
    return Error{Code::corrupt, format("{}: changed while it was being imported", file_.report.path)};
  }

  Result<void> read_batch(LineReader& reader, std::size_t& next, std::vector<BatchRow>& batch) {
    batch.clear();
    std::size_t bytes = 0;
    while (batch.size() < kBatchRows && bytes < kBatchBytes) {
      auto line = reader.next();
      if (!line) return line.error();
      if (!*line) break;
      if ((*line)->find_first_not_of(" \t\r") == std::string_view::npos) continue;
      if (next == file_.rows.size() || file_.rows[next].line != reader.line()) return changed();
      BatchRow row;
      row.line = std::string(**line);
      row.planned = next++;
      bytes += row.line.size();
      batch.push_back(std::move(row));
    }
    return {};
  }

  Store::Committed committed() const {
    return [failed = failed_](Result<void> result) { failed->add(result); };
  }

  // On the scoring threads.
  void import_row(BatchRow& row) const {
    const PlannedRow& planned = file_.rows[row.planned];
    if (planned.place == RowPlace::none) return;
    const AttemptRef ref{entry_, planned.sample, planned.epoch};
    auto read = read_zeroeval_row(row.line);
    Result<Sample> sample = planned.place == RowPlace::row && read && read->gold ? Result<Sample>(sample_of_row(*read))
                                                                               : sample_of_task(planned);
    if (!sample) return failed_->add(sample.error());
    AttemptResult result;
    if (!read) {
      result.outcome = Outcome::error;
      result.error = line_error(file_.path, planned.line, read.error().message).message;
    } else {
      const ZeroEvalOutput output = read_zeroeval_output(read->output);
      row.rule = output.rule;
      CallRecord call = call_of(*read, output, *sample, planned);
      const Response response = call.response;
      store_.add_call(ref, *sample, std::move(call), committed());
      result = score(*sample, response);
    }
    row.outcome = result.outcome;
    store_.finish_attempt(ref, *sample, std::move(result), committed());
  }

  Result<Sample> sample_of_task(const PlannedRow& planned) const {
    if (!plan_.set || planned.sample >= plan_.set->size()) return changed();
    return plan_.set->at(planned.sample);
  }

  CallRecord call_of(const ZeroEvalRow& row, const ZeroEvalOutput& output, const Sample& sample,
                     const PlannedRow& planned) const {
    Request request;
    request.task = plan_.task.id;
    request.sample_key = sample.key;
    request.epoch = planned.epoch;
    request.messages = {Message{Role::user, row.prompt}};
    request.sampling = sampling_of_row(row);
    CallRole role;
    role.model_entry = file_.report.model;
    role.identity = sample.identity;
    role.occurrence = sample.occurrence;
    CallRecord call;
    call.digest = call_digest(backend_, role, request);
    call.request = request_json(request);
    Json recorded = row.others;
    recorded["id"] = row.id;
    recorded["line"] = planned.line;
    recorded["rule"] = std::string(name(output.rule));
    if (row.gold) recorded["answer"] = *row.gold;
    call.request["recorded"] = std::move(recorded);
    call.started = started_;
    call.response.text = row.output;
    call.response.reasoning = output.reasoning;
    call.response.split = split_of(output);
    return call;
  }

  AttemptResult score(const Sample& sample, const Response& response) const {
    AttemptResult result;
    result.chosen_step = 0;
    result.chosen_draw = 0;
    for (const std::unique_ptr<Scorer>& scorer : scorers_) {
      auto verdict = scorer->score(sample, response, {});
      ScoreRecord record;
      record.scorer = scorer->describe().id;
      record.scorer_version = scorer->describe().version;
      record.primary = result.scores.empty();
      record.score = std::holds_alternative<Score>(verdict)
                         ? adjusted(std::move(std::get<Score>(verdict)), response)
                         : unscored("asks for work that an import does not do");
      result.scores.push_back(std::move(record));
    }
    if (!result.scores.empty()) result.outcome = result.scores.front().score.outcome;
    return result;
  }

  const ImportPlan& plan_;
  PlannedFile& file_;
  const EntryId entry_;
  Store& store_;
  const std::vector<std::unique_ptr<Scorer>>& scorers_;
  const std::shared_ptr<FirstError> failed_;  // shared with the store's callbacks
  BackendInfo backend_;
  const std::int64_t started_ = unix_micros();
};

EntryRecord entry_of(const ImportPlan& plan, const PlannedFile& file, const std::string& run_id) {
  EntryRecord entry;
  entry.run_id = run_id;
  entry.model.name = file.report.model;
  entry.model.backend = kBackend;
  entry.model.revision = file.digest.hex();
  entry.model.config = Json{{"generator", file.generator}, {"file", file.path.filename().string()}};
  entry.task = plan.task.id;
  entry.task_version = plan.task.version;
  entry.strategy = "single";
  entry.sampling = to_json(file.sampling);
  entry.scorers = plan.task.scorers;
  entry.factors.data = plan.factors.data;
  if (file.report.from_row > 0) {
    entry.factors.data =
        DigestBuilder().add("task", plan.factors.data.view()).add("file", file.digest.view()).finish();
  }
  entry.factors.prompt = file.prompt;
  // Planned are the rows that were recorded. Uneven epochs cannot be said as samples times epochs.
  entry.samples = file.even ? file.samples : file.rows.size();
  entry.epochs = file.even ? file.report.epochs : 1;
  return entry;
}

RunRecord run_of(const ImportOptions& options, const ImportPlan& plan, const std::string& run_id) {
  RunRecord run;
  run.run_id = run_id;
  run.group_id = run_id;
  run.suite = "import";
  Json files = Json::array();
  for (const PlannedFile& file : plan.files) {
    files.push_back(Json{{"file", file.report.path}, {"model", file.report.model}, {"sha256", file.digest.hex()}});
  }
  run.spec = Json{{"import", {{"format", options.format}, {"task", options.task}, {"files", std::move(files)}}}};
  run.seed = options.seed;
  run.program = options.program;
  run.command = options.command;
  return run;
}

Result<std::vector<std::unique_ptr<Scorer>>> make_scorers(const TaskInfo& task, const Plugins& plugins) {
  std::vector<std::unique_ptr<Scorer>> out;
  for (const ScorerSpec& spec : task.scorers) {
    auto scorer = plugins.scorer(spec);
    if (!scorer) return scorer.error();
    out.push_back(std::move(*scorer));
  }
  return out;
}

// The second pass over every file. `outcome.score_s` and `commit_s` are filled.
Result<void> import_planned(const ImportOptions& options, ImportPlan& plan, Store& store, const Plugins& plugins,
                            ImportOutcome& outcome) {
  auto scorers = make_scorers(plan.task, plugins);
  if (!scorers) return scorers.error();
  Clock clock;
  std::uint64_t total = 0;
  std::uint64_t done = 0;
  for (const PlannedFile& file : plan.files) total += file.rows.size();
  Pool pool(options.scoring_threads);
  const auto failed = std::make_shared<FirstError>();  // shared with callbacks that outlive an early return
  for (PlannedFile& file : plan.files) {
    auto entry = store.add_entry(entry_of(plan, file, outcome.run_id));
    if (!entry) return entry.error();
    auto imported = FileImport(plan, file, *entry, store, *scorers, failed).run(pool, [&](std::size_t rows) {
      done += rows;
      if (options.progress) options.progress(done, total);
    });
    if (!imported) return imported.error();
  }
  outcome.score_s = clock.lap();
  if (auto flushed = store.flush(); !flushed) return flushed.error();
  if (auto error = failed->get()) return *error;
  outcome.commit_s = clock.lap();
  return {};
}

}  // namespace

Result<ImportOutcome> import_files(const ImportOptions& options, Store& store, const Plugins& plugins) {
  Clock clock;
  auto plan = plan_import(options, plugins);
  if (!plan) return plan.error();
  if (auto scorers = make_scorers(plan->task, plugins); !scorers) return scorers.error();  // before anything is written
  ImportOutcome outcome;
  outcome.run_id = new_ulid();
  outcome.plan_s = clock.lap();
  if (auto begun = store.begin_run(run_of(options, *plan, outcome.run_id)); !begun) return begun.error();
  if (auto imported = import_planned(options, *plan, store, plugins, outcome); !imported) {
    (void)store.finish_run(outcome.run_id, "interrupted");  // the first error is the one to tell
    return imported.error();
  }
  const bool complete = std::all_of(plan->files.begin(), plan->files.end(), [](const PlannedFile& file) {
    return std::none_of(file.rows.begin(), file.rows.end(), [](const PlannedRow& r) { return r.place == RowPlace::none; });
  });
  if (auto ended = store.finish_run(outcome.run_id, complete ? "complete" : "partial"); !ended) return ended.error();
  for (PlannedFile& file : plan->files) outcome.files.push_back(std::move(file.report));
  outcome.bad_rows = std::move(plan->bad_rows);
  outcome.data_note = std::move(plan->data_note);
  return outcome;
}

}  // namespace assay
