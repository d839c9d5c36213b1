// The second half of an attempt: its scorers, and the work that they ask for.
#include "harness/base/format.h"
#include "harness/run/attempt.h"
#include "harness/run/scoring.h"

namespace assay {
namespace {

constexpr std::uint32_t kMaxRounds = 8;        // of work a scorer may ask for
constexpr std::size_t kMaxWork = 64;           // pieces a round
constexpr std::uint32_t kWorkStep = 1U << 16;  // calls for scorers come after every step of a strategy

Json work_json(const Response& r) {
  Json out{{"text", r.text}, {"answer", r.split.answer}, {"trace", r.split.trace}};
  out["finish"] = name(r.finish);
  return out;
}

}  // namespace

void Attempt::score_next() {
  if (scorer_ == entry_.task->scorers.size()) {
    if (result_.scores.empty())
      result_.outcome = Outcome::unscored;
    else
      result_.outcome = result_.scores[0].score.outcome;
    return finish(std::move(result_));
  }
  std::vector<WorkResult> results;
  for (auto& r : work_results_) results.push_back(std::move(*r));
  work_results_.clear();
  auto verdict = entry_.task->scorers[scorer_]->score(sample_, response_, results);
  if (Score* score = std::get_if<Score>(&verdict)) return keep_score(std::move(*score));
  do_work(std::move(std::get<std::vector<Work>>(verdict)));
}

void Attempt::keep_score(Score score) {
  const ScorerInfo& info = entry_.task->scorers[scorer_]->describe();
  ScoreRecord record;
  record.scorer = info.id;
  record.scorer_version = info.version;
  record.primary = scorer_ == 0;
  record.score = adjusted(std::move(score), response_);
  result_.scores.push_back(std::move(record));
  ++scorer_;
  round_ = 0;
  strand_.post([self = shared_from_this()] { self->score_next(); });
}

void Attempt::do_work(std::vector<Work> work) {
  if (work.empty() || work.size() > kMaxWork || round_ == kMaxRounds) {
    return keep_score(
        unscored(format("the scorer asked for {} pieces of work in round {}", work.size(), round_ + 1)));
  }
  for (const Work& w : work) {
    if (std::holds_alternative<ProgramRun>(w) && session_.programs() == nullptr) {
      return keep_score(unscored("no sandbox to run programs in"));
    }
    if (std::holds_alternative<ExecCall>(w)) return keep_score(unscored("exec scorers are not available"));
  }
  work_results_.assign(work.size(), std::nullopt);
  work_missing_ = work.size();
  work_cancelled_ = false;
  for (std::size_t i = 0; i < work.size(); ++i) do_one(i, work[i]);
  ++round_;
}

void Attempt::do_one(std::size_t i, const Work& work) {
  auto self = shared_from_this();
  if (const ProgramRun* program = std::get_if<ProgramRun>(&work)) {
    session_.programs()->run(*program, [self, i](Result<Json> result) {
      self->session_.pool().submit(
          [self, i, result] { self->strand_.post([self, i, result] { self->work_done(i, result); }); });
    });
    return;
  }
  const ModelCall& wanted = std::get<ModelCall>(work);
  Model* judge = session_.model_named(wanted.model);
  if (judge == nullptr) {
    const Error unknown = invalid(format("the suite has no model '{}'", wanted.model));
    strand_.post([self, i, unknown] { self->work_done(i, unknown); });
    return;
  }
  Request request;
  request.kind = CallKind::work;
  request.step = kWorkStep + static_cast<std::uint32_t>(scorer_) * kMaxRounds + round_;
  request.draw = static_cast<std::uint32_t>(i);
  request.messages = wanted.messages;
  request.sampling = merge(judge->entry.sampling, wanted.sampling);
  ask(*judge, std::move(request), [self, i](Result<Response> response) {
    if (response) return self->work_done(i, work_json(*response));
    self->work_cancelled_ |= response.error().code == Code::cancelled;
    self->work_done(i, response.error());
  });
}

void Attempt::work_done(std::size_t i, WorkResult result) {
  work_results_[i] = std::move(result);
  if (--work_missing_ > 0) return;
  if (work_cancelled_ || session_.failure()) return abandon();  // the run stops: a resume scores it
  score_next();
}

}  // namespace assay
