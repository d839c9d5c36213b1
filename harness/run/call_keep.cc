// The second half of a call: what came back is written down, then handed over or tried again.
#include "harness/run/call_keep.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/run/budget_desk.h"
#include "harness/run/call_digest.h"
#include "harness/run/pace/retry.h"

namespace assay {
namespace {

CallRecord record_of(const Call::Wish& wish, const Request& sent) {
  CallRecord r;
  r.step = wish.request.step;
  r.draw = wish.request.draw;
  r.attempt_try = wish.first_try;
  r.kind = wish.request.kind;
  r.digest = wish.digest;
  r.request = request_json(sent);
  if (wish.model != wish.entry->model) r.asked = wish.model->entry.name;
  return r;
}

void split_into(const Call::Wish& wish, Response& response) {
  response.step = wish.request.step;
  response.draw = wish.request.draw;
  if (wish.request.prefix.empty()) {
    response.split = split(response, wish.model->split);
  } else {  // the text is the tail alone; what it answers is only seen in the whole
    Response whole = response;
    whole.text = wish.request.prefix + response.text;
    response.split = split(whole, wish.model->split);
  }
}

// A copy of what goes on from here; nobody looks at the rest any more.
Response handed_over(Response& kept) {
  std::string raw, prompt;
  std::vector<float> logprobs;
  raw.swap(kept.raw);
  prompt.swap(kept.prompt);
  logprobs.swap(kept.logprobs);
  Response out = kept;
  raw.swap(kept.raw);
  prompt.swap(kept.prompt);
  logprobs.swap(kept.logprobs);
  return out;
}

void count_cost(Session& session, const CallRecord& record) {
  if (!record.cost_pico) return;
  session.counters().cost_sum += *record.cost_pico;
  ++session.counters().cost_known;
}

}  // namespace

void keep_cached(Session& session, Call::Wish wish, Response response) {
  ++session.counters().cached;
  split_into(wish, response);
  CallRecord r = record_of(wish, wish.request);
  r.status = CallStatus::cached;
  r.started = unix_micros();
  r.cost_pico = 0;
  count_cost(session, r);
  auto held = std::make_shared<Response>(handed_over(response));
  r.response = std::move(response);
  const AttemptRef ref = wish.ref;
  const Sample& sample = *wish.sample;
  session.store().add_call(
      ref, sample, std::move(r),
      [&session, held, done = std::move(wish.done)](Result<void> committed) mutable {
        if (!committed) session.fail(committed.error());
        session.pool().submit([held, done = std::move(done), committed] {
          if (committed)
            done(std::move(*held));
          else
            done(committed.error());
        });
      });
}

CallRecord Call::record(std::size_t wish) const {
  CallRecord r = record_of(wishes_[wish], request_);
  r.attempt_try += tries_;
  r.batch_id = batch_id_;
  r.started = started_;
  if (machine_pico_) {  // evenly, the rest to the first
    const auto n = static_cast<std::int64_t>(wishes_.size());
    r.cost_pico = *machine_pico_ / n + (wish == 0 ? *machine_pico_ % n : 0);
  }
  return r;
}

// What the try took, for the budget. Where that is not said, one of its records says the worst case of the whole
// request, so that sums over calls are right.
void Call::charge(std::vector<CallRecord>& records, bool may_be_billed) {
  took_.reset();
  if (!may_be_billed && !machine_pico_) return;
  Spend sum{0, 0};
  CallRecord* no_tokens = nullptr;
  CallRecord* no_cost = nullptr;
  for (CallRecord& r : records) {
    const Usage& u = r.response.usage;
    const bool counted = r.status != CallStatus::failed && u.input && u.output;
    if (counted && sum.tokens) {
      *sum.tokens += *u.input + *u.output + u.cached_input.value_or(0) + u.cache_write.value_or(0) + u.reasoning.value_or(0);
    } else if (!counted && sum.tokens) {
      sum.tokens.reset();
      no_tokens = &r;
    }
    if (r.cost_pico && sum.cost_pico) {
      *sum.cost_pico += *r.cost_pico;
    } else if (!r.cost_pico && sum.cost_pico) {
      sum.cost_pico.reset();
      no_cost = &r;
    }
  }
  if (may_be_billed && (no_tokens != nullptr || no_cost != nullptr)) {
    const Spend worst = worst_of(model(), request_);
    if (no_tokens != nullptr) no_tokens->bound_tokens = worst.tokens;
    if (no_cost != nullptr) no_cost->bound_cost_pico = worst.cost_pico;
  } else if (!may_be_billed) {
    sum.tokens = 0;
  }
  took_ = sum;
}

void Call::keep_responses(BackendReply reply) {
  no_longer_wants();
  std::vector<CallRecord> records;
  auto held = std::make_shared<std::vector<Response>>();
  for (std::size_t i = 0; i < wishes_.size(); ++i) {
    Response& response = reply.responses[i];
    split_into(wishes_[i], response);
    if (response.request_id.empty()) response.request_id = reply.exchange.request_id;
    if (response.raw.empty() && i == 0) response.raw = std::move(reply.exchange.received);  // of all choices
    CallRecord r = record(i);
    r.status = CallStatus::ok;
    r.endpoint = reply.exchange.endpoint;
    r.sent = reply.exchange.sent;
    if (!r.cost_pico) {
      if (const auto priced = model().pricing.cost(response, started_, model().batch != nullptr)) {
        r.cost_pico = priced->cost_pico;
        r.price_row = priced->row;
        model().compared.add(*priced, response);
      }
    }
    count_cost(session_, r);
    held->push_back(handed_over(response));
    r.response = std::move(response);
    records.push_back(std::move(r));
  }
  charge(records, true);
  commit(std::move(records), [self = shared_from_this(), held] { self->end(std::move(*held)); });
}

void Call::keep_failure(BackendReply reply) {
  const BackendError& error = *reply.error;
  std::vector<CallRecord> records;
  for (std::size_t i = 0; i < wishes_.size(); ++i) {
    CallRecord r = record(i);
    r.status = CallStatus::failed;
    r.error_code = name(error.code);
    r.error_message = error.message;
    if (!error.body.empty()) r.error_message += ": " + error.body;
    r.http_status = error.http_status;
    r.endpoint = reply.exchange.endpoint;
    r.sent = reply.exchange.sent;
    r.received = reply.exchange.received;
    r.response.request_id = reply.exchange.request_id;
    count_cost(session_, r);
    records.push_back(std::move(r));
  }
  charge(records, error.may_be_billed);
  ++tries_;
  if (!ticket_.probe) ++charged_;
  commit(std::move(records), [self = shared_from_this(), error] { self->after_failure(error); });
}

void Call::after_failure(const BackendError& error) {
  // Not the request's fault: a strategy must not take it for an answer about the request.
  if (is_refusal(error.http_status)) return end(Error{Code::unavailable, error.message});
  if (!is_retried(error.code)) return end(Error{error.code, error.message});
  if (session_.stopping() || model().given_up) return end(Error{Code::cancelled, "the run stops"});
  if (charged_ >= session_.retry.max_tries) {
    return end(Error{error.code, format("{} (after {} tries)", error.message, tries_)});
  }
  try_again(error);
}

void Call::try_again(const BackendError& error) {
  const std::string number = std::to_string(wishes_[0].first_try + tries_);
  Rng rng(Rng::seed_for(session_.seed, {"retry", wishes_[0].digest.view(), number}));
  const double delay_s = retry_delay_s(session_.retry, std::max(1U, charged_), error.retry_after, rng);
  const Timer::Clock::time_point when = session_.timer().now() + seconds(delay_s);
  if (when >= deadline()) {
    return end(Error{Code::deadline,
                     format("{} (the next try would come after the attempt's deadline)", error.message)});
  }
  ++session_.counters().retries;
  session_.wait_until(when, [self = shared_from_this()](bool stopped) {
    if (stopped)
      self->end(Error{Code::cancelled, "the run stops"});
    else
      self->start();
  });
}

void Call::commit(std::vector<CallRecord> records, std::function<void()> then) {
  auto self = shared_from_this();
  auto left = std::make_shared<std::atomic<std::size_t>>(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    session_.store().add_call(
        wishes_[i].ref, *wishes_[i].sample, std::move(records[i]), [self, left, then](Result<void> committed) mutable {
          // On the store's thread: only hands over, and gives up its share of the call.
          Session& session = self->session_;
          if (!committed) session.fail(committed.error());
          if (--*left > 0) return;
          if (std::exchange(self->uncommitted_, false)) self->model().gate->committed();
          session.pool().submit([self = std::move(self), then = std::move(then)] {
            self->settle();
            if (const auto failure = self->session_.failure())
              self->end(*failure);
            else
              then();
          });
        });
  }
}

}  // namespace assay
