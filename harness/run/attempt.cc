#include "harness/run/attempt.h"

#include <utility>

#include "harness/base/format.h"
#include "harness/base/rng.h"
#include "harness/run/scoring.h"

namespace assay {
namespace {

// Many servers read a seed into 32 bits with a sign.
constexpr std::uint64_t kSeedMask = 0x7FFFFFFF;

std::int64_t bytes_of(const Response& r) {
  return static_cast<std::int64_t>(r.text.size() + r.split.trace.size() + r.split.answer.size() +
                                   (r.reasoning ? r.reasoning->size() : 0));
}

}  // namespace

Attempt::Attempt(Session& session, Entry& entry, std::uint64_t index, std::shared_ptr<ChoiceGroup> group)
    : session_(session), entry_(entry), index_(index), group_(std::move(group)) {
  ref_.entry = entry.id;
  ref_.sample_index = index % entry.record.samples;
  ref_.epoch = static_cast<std::uint32_t>(index / entry.record.samples);
}

void Attempt::begin() {
  const bool stops = session_.stopping();
  if (const auto loaded = stops ? Result<void>() : load(); stops || !loaded) {
    if (!loaded) session_.fail(loaded.error());  // bad data or a broken store: never a skipped row
    --entry_.model->wanting;
    if (group_) group_->arrived();
    return abandon();
  }
  strand_.post([self = shared_from_this()] { self->ask_first(); });
}

void Attempt::ask_first() {
  auto self = shared_from_this();
  entry_.strategy->answer(sample_, *this, [self](Result<Response> response) {
    auto held = std::make_shared<Result<Response>>(std::move(response));
    self->strand_.post([self, held] { self->answered(std::move(*held)); });
  });
  if (const auto group = std::exchange(group_, nullptr)) group->arrived();
  --entry_.model->wanting;  // its first calls count for themselves now
}

Result<void> Attempt::load() {
  auto sample = entry_.task->samples->at(ref_.sample_index);
  if (!sample) return sample.error();
  sample_ = std::move(*sample);
  if (entry_.model->entry.backend == "scripted") {
    session_.add_targets(entry_.record.task, sample_);
    has_targets_ = true;
  }
  return entry_.resumed ? load_stored_calls() : Result<void>{};
}

Result<void> Attempt::load_stored_calls() {
  auto calls = session_.store().calls_of(ref_);
  if (!calls) return calls.error();
  for (CallRecord& c : *calls) {
    Stored& s = stored_[{c.step, c.draw}];
    s.next_try = std::max(s.next_try, c.attempt_try + 1);
    if (c.status == CallStatus::failed) continue;
    s.response = std::move(c.response);
    s.response->step = c.step;
    s.response->draw = c.draw;
    s.response->raw.clear();
    s.response->prompt.clear();
    s.response->logprobs.clear();
  }
  return {};
}

void Attempt::call(CallSpec spec, OnResponse on_response) {
  ask(*entry_.model, request_for(spec), std::move(on_response));
}

Request Attempt::request_for(const CallSpec& spec) const {
  Request r;
  r.step = spec.step;
  r.draw = spec.draw;
  r.kind = spec.kind;
  r.prefix = spec.prefix;
  r.messages = sample_.messages;
  r.sampling = entry_.sampling;
  if (spec.max_tokens) r.sampling.max_tokens = spec.max_tokens;
  if (entry_.seed) {
    r.sampling.seed =
        kSeedMask & Rng::seed_for(*entry_.seed, {"request", sample_.key, std::to_string(ref_.epoch),
                                                 std::to_string(spec.draw)});
  }
  return r;
}

// Answers from what earlier invocations committed, else makes the call. On the strand.
void Attempt::ask(Model& model, Request request, OnResponse on_response) {
  request.task = entry_.record.task;
  request.sample_key = sample_.key;
  request.epoch = ref_.epoch;
  auto self = shared_from_this();
  const auto hand_over = [self, on_response](Result<Response> response) {
    auto held = std::make_shared<Result<Response>>(std::move(response));
    self->strand_.post([self, on_response, held] {
      if (*held) {
        const std::int64_t bytes = bytes_of(**held);
        self->held_ += bytes;
        self->session_.counters().held_bytes += bytes;
      }
      on_response(std::move(*held));
    });
  };
  const auto stored = stored_.find({request.step, request.draw});
  if (stored != stored_.end() && stored->second.response) {
    ++session_.counters().reused;
    return hand_over(std::move(*stored->second.response));
  }
  Call::Wish wish;
  wish.entry = &entry_;
  wish.model = &model;
  wish.ref = ref_;
  wish.sample = &sample_;
  wish.request = std::move(request);
  wish.first_try = stored == stored_.end() ? 0 : stored->second.next_try;
  wish.deadline = [self] { return self->deadline(); };
  wish.done = hand_over;
  if (group_ && &model == entry_.model) return group_->add(std::move(wish));
  Call::make(session_, std::move(wish));
}

Timer::Clock::time_point Attempt::deadline() {
  using Clock = Timer::Clock;
  const std::int64_t end =
      (session_.timer().now() + seconds(session_.attempt_deadline_s)).time_since_epoch().count();
  std::int64_t seen = 0;
  if (deadline_ns_.compare_exchange_strong(seen, end)) seen = end;
  return Clock::time_point(Clock::duration(seen));
}

// A scorer is pure, so that equal responses have equal scores; a vote looks at each many times.
const Score& Attempt::vote_score(const Response& response) const {
  DigestBuilder b;
  b.add("answer", response.split.answer).add("trace", response.split.trace);
  b.add("finish", static_cast<std::int64_t>(response.finish));
  const Digest key = b.finish();
  const auto known = vote_scores_.find(key);
  if (known != vote_scores_.end()) return known->second;
  auto verdict = entry_.task->scorers[0]->score(sample_, response, {});
  Score score;
  if (Score* s = std::get_if<Score>(&verdict)) {
    score = std::move(*s);
  } else {
    // It needs work first. Votes are then by the answer's text.
    score.answer_class = response.split.answer;
  }
  return vote_scores_.emplace(key, std::move(score)).first->second;
}

bool Attempt::same_answer(const Response& a, const Response& b) const {
  if (entry_.task->scorers.empty()) return a.split.answer == b.split.answer;
  return entry_.task->scorers[0]->same_answer(sample_, vote_score(a), vote_score(b));
}

bool Attempt::has_answer(const Response& response) const {
  if (entry_.task->scorers.empty()) return !response.split.answer.empty();
  return !vote_score(response).answer_class.empty();
}

void Attempt::answered(Result<Response> response) {
  vote_scores_.clear();
  if (!response) {
    const Error& error = response.error();
    if (error.code == Code::cancelled || session_.failure()) return abandon();
    result_.outcome = Outcome::error;
    result_.error = format("{}: {}", name(error.code), error.message);
    session_.count_error(result_.error);
    return finish(std::move(result_));
  }
  response_ = std::move(*response);
  result_.chosen_step = response_.step;
  result_.chosen_draw = response_.draw;
  score_next();
}

void Attempt::finish(AttemptResult result) {
  auto self = shared_from_this();
  const Outcome outcome = result.outcome;
  session_.store().finish_attempt(
      ref_, sample_, std::move(result), [self, outcome](Result<void> committed) mutable {
        Session& session = self->session_;
        if (!committed) session.fail(committed.error());
        const bool kept = committed.ok();
        session.pool().submit([self = std::move(self), outcome, kept] {
          self->release();
          self->session_.ended(self->entry_, self->index_,
                               kept ? std::optional<Outcome>(outcome) : std::nullopt);
        });
      });
}

void Attempt::abandon() {
  release();
  session_.ended(entry_, index_, std::nullopt);
}

void Attempt::release() {
  session_.counters().held_bytes -= held_;
  held_ = 0;
  if (has_targets_) session_.drop_targets(entry_.record.task, sample_);
  has_targets_ = false;
}

}  // namespace assay
