#include "harness/run/call.h"

#include <utility>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/run/call_digest.h"
#include "harness/run/prices/cost.h"
#include "harness/run/retry.h"

namespace assay {
namespace {

constexpr double kWatchSlack = 5;  // seconds after a deadline at which an unheard backend is told to end
constexpr std::uint32_t kMostRefused = 20;  // requests in a row for want of a key or of money
constexpr std::int64_t kBytesPerToken = 4;  // a rough guess, for pacing only

std::int64_t estimated_tokens(const Model& model, const Request& request) {
  if (!model.entry.tpm) return 0;
  const TokenBound bound = model.backend->bound(request);
  std::int64_t input = 0;
  for (const Message& m : request.messages) input += static_cast<std::int64_t>(m.content.size());
  return bound.input.value_or(input / kBytesPerToken) +
         bound.output.value_or(request.sampling.max_tokens.value_or(0));
}

// Of the account, whatever the request was.
bool is_refusal(int http_status) { return http_status == 401 || http_status == 402 || http_status == 403; }

std::optional<std::int64_t> tokens_taken(const BackendReply& reply) {
  if (reply.error || reply.responses.empty()) return std::nullopt;
  const Usage& u = reply.responses[0].usage;
  if (!u.input || !u.output) return std::nullopt;
  return *u.input + *u.output + u.reasoning.value_or(0) + u.cached_input.value_or(0) +
         u.cache_write.value_or(0);
}

}  // namespace

void Call::make(Session& session, Wish wish, Done done) {
  auto call = std::make_shared<Call>(session, std::move(wish), std::move(done));
  call->from_cache_or_start();
}

// A wrong key or an empty account fails every request alike: after some the run stops, to be gone on with.
void Call::watch_refusals(const BackendReply& reply) {
  Model& model = *wish_.model;
  if (!reply.error) {
    model.refused = 0;
  } else if (is_refusal(reply.error->http_status) && ++model.refused == kMostRefused) {
    constexpr auto kWhy = "stopped: {} requests in a row to model '{}' got HTTP {}; check key and account";
    session_.brake(format(kWhy, kMostRefused, printable(model.entry.name), reply.error->http_status));
  }
}

Call::Call(Session& session, Wish wish, Done done)
    : session_(session), wish_(std::move(wish)), done_(std::move(done)) {
  ++wish_.model->wanting;
  CallRole role;
  role.model_entry = wish_.model->entry.name;
  role.base_url = wish_.model->entry.base_url;
  role.options = wish_.model->options_text;
  role.variant = wish_.entry->record.variant;
  role.identity = wish_.sample->identity;
  role.occurrence = wish_.sample->occurrence;
  digest_ = call_digest(wish_.model->info, role, wish_.request);
}

void Call::from_cache_or_start() {
  if (!session_.options().use_cache || session_.stopping()) return start();
  auto found = session_.store().find_cached(digest_);
  if (!found) {
    session_.fail(found.error());
    return end(found.error());
  }
  // What our own deadline cut may go further this time.
  if (!*found || (*found)->response.finish == FinishReason::deadline) return start();
  ++session_.counters().cached;
  started_ = unix_micros();
  keep_response(std::move((*found)->response), CallStatus::cached);
}

void Call::start() {
  auto self = shared_from_this();
  wish_.model->gate->enter(estimated_tokens(*wish_.model, wish_.request),
                           [self](bool in, Gate::Ticket ticket) {
                             if (in)
                               self->admitted(ticket);
                             else
                               self->end(Error{Code::cancelled, "the run stops"});
                           });
}

void Call::admitted(Gate::Ticket ticket) {
  ticket_ = ticket;
  if (session_.stopping()) {
    wish_.model->gate->leave(ticket_, Leave::failed, 0);
    return end(Error{Code::cancelled, "the run stops"});
  }
  const Timer::Clock::time_point now = session_.timer().now();
  const Timer::Clock::time_point attempt_end = wish_.deadline();
  if (now >= attempt_end) {
    wish_.model->gate->leave(ticket_, Leave::failed, 0);
    return end(Error{Code::deadline, "the attempt's deadline passed before its next request"});
  }
  Request request = wish_.request;
  request.id = session_.next_request_id();
  request.attempt_try = wish_.first_try + tries_;
  request.deadline = std::min(attempt_end, now + seconds(wish_.model->entry.timeout_s));
  wish_.request.id = request.id;
  ++session_.counters().calls;
  started_ = unix_micros();
  auto self = shared_from_this();
  Backend& backend = *wish_.model->backend;
  session_.sent(request.id, backend);
  watch_ = session_.timer().at(request.deadline + seconds(kWatchSlack),
                               [&backend, id = request.id] { backend.cancel(id); });
  machine_pico_.reset();
  if (wish_.model->meter != nullptr) machine_ticket_ = wish_.model->meter->enter(now);
  backend.submit(std::move(request), [self](BackendReply reply) { self->answered(std::move(reply)); });
}

void Call::answered(BackendReply reply) {
  if (Model& model = *wish_.model; model.meter != nullptr) {
    machine_pico_ = model.meter->leave(machine_ticket_, session_.timer().now(), *model.entry.machine_usd_per_hour);
  }
  Leave how = Leave::answered;
  if (reply.error) how = reply.error->code == Code::exhausted ? Leave::overloaded : Leave::failed;
  wish_.model->gate->leave(ticket_, how, tokens_taken(reply), true);
  uncommitted_ = true;
  // A std::function must be copyable, so the reply travels by pointer.
  auto held = std::make_shared<BackendReply>(std::move(reply));
  session_.pool().submit([self = shared_from_this(), held] { self->take(std::move(*held)); });
}

void Call::take(BackendReply reply) {
  session_.returned(wish_.request.id);
  session_.timer().cancel(watch_);
  if (!reply.error && reply.responses.empty()) {
    reply.error = BackendError{{Code::corrupt, "the backend gave no response"}, std::nullopt, 0, ""};
  }
  // While the run goes on only the watch cancels: what came until then was cut by the deadline.
  const bool overdue = !session_.stopping();
  if (!reply.error && overdue && reply.responses[0].finish == FinishReason::cancelled)
    reply.responses[0].finish = FinishReason::deadline;
  if (reply.error && overdue && reply.error->code == Code::cancelled) {
    reply.error->code = Code::deadline;
    reply.error->message = "no response by the request's deadline (" + reply.error->message + ")";
  }
  if (!reply.error && reply.responses[0].finish == FinishReason::cancelled) {
    reply.error = BackendError{{Code::cancelled, "cancelled while tokens arrived"}, std::nullopt, 0, ""};
  }
  watch_refusals(reply);
  if (reply.error) return keep_failure(std::move(*reply.error));
  keep_response(std::move(reply.responses[0]), CallStatus::ok);
}

CallRecord Call::record() const {
  CallRecord r;
  r.step = wish_.request.step;
  r.draw = wish_.request.draw;
  r.attempt_try = wish_.first_try + tries_;
  r.kind = wish_.request.kind;
  r.digest = digest_;
  r.request = request_json(wish_.request);
  r.started = started_;
  r.cost_pico = machine_pico_;
  return r;
}

void Call::count_cost(const CallRecord& record) {
  if (!record.cost_pico) return;
  session_.counters().cost_sum += *record.cost_pico;
  ++session_.counters().cost_known;
}

void Call::keep_response(Response response, CallStatus status) {
  no_longer_wants();
  response.step = wish_.request.step;
  response.draw = wish_.request.draw;
  if (wish_.request.prefix.empty()) {
    response.split = split(response, wish_.model->split);
  } else {  // the text is the tail alone; what it answers is only seen in the whole
    Response whole = response;
    whole.text = wish_.request.prefix + response.text;
    response.split = split(whole, wish_.model->split);
  }
  CallRecord r = record();
  r.status = status;
  if (status == CallStatus::cached)
    r.cost_pico = 0;
  else if (!r.cost_pico)
    r.cost_pico = call_cost_pico(wish_.model->entry.price, response);
  count_cost(r);
  r.response = response;
  for (std::string* stored : {&response.raw, &response.prompt}) {  // nobody looks at them from here on
    stored->clear();
    stored->shrink_to_fit();
  }
  response.logprobs = {};
  auto held = std::make_shared<Response>(std::move(response));
  commit(std::move(r), [self = shared_from_this(), held] { self->end(std::move(*held)); });
}

void Call::keep_failure(BackendError error) {
  CallRecord r = record();
  r.status = CallStatus::failed;
  r.error_code = name(error.code);
  r.error_message = error.message;
  if (!error.body.empty()) r.error_message += ": " + error.body;
  r.http_status = error.http_status;
  count_cost(r);
  ++tries_;
  commit(std::move(r), [self = shared_from_this(), error] { self->after_failure(error); });
}

void Call::after_failure(const BackendError& error) {
  const Error stops{Code::cancelled, "the run stops"};
  // Not the request's fault: a strategy must not take it for an answer about the request.
  if (is_refusal(error.http_status)) return end(Error{Code::unavailable, error.message});
  if (!is_retried(error.code)) return end(Error{error.code, error.message});
  if (session_.stopping()) return end(stops);
  if (tries_ >= session_.retry.max_tries) {
    return end(Error{error.code, format("{} (after {} tries)", error.message, tries_)});
  }
  Rng rng(Rng::seed_for(session_.seed, {"retry", digest_.view(), std::to_string(wish_.first_try + tries_)}));
  const Timer::Clock::time_point when =
      session_.timer().now() + seconds(retry_delay_s(session_.retry, tries_, error.retry_after, rng));
  if (when >= wish_.deadline()) {
    return end(Error{Code::deadline,
                     format("{} (the next try would come after the attempt's deadline)", error.message)});
  }
  ++session_.counters().retries;
  session_.wait_until(when, [self = shared_from_this(), stops](bool stopped) {
    if (stopped)
      self->end(stops);
    else
      self->start();
  });
}

void Call::commit(CallRecord record, std::function<void()> then) {
  auto self = shared_from_this();
  session_.store().add_call(
      wish_.ref, *wish_.sample, std::move(record),
      [self, then = std::move(then)](Result<void> committed) mutable {
        // On the store's thread: only hands over, and gives up its share of the call.
        if (!committed) self->session_.fail(committed.error());
        if (std::exchange(self->uncommitted_, false)) self->wish_.model->gate->committed();
        Session& session = self->session_;
        session.pool().submit([self = std::move(self), then = std::move(then), committed] {
          if (committed)
            then();
          else
            self->end(committed.error());
        });
      });
}

void Call::end(Result<Response> result) {
  no_longer_wants();
  Done done = std::move(done_);
  done_ = nullptr;
  done(std::move(result));
}

void Call::no_longer_wants() {
  if (!wants_) return;
  wants_ = false;
  --wish_.model->wanting;
  session_.wake();
}

}  // namespace assay
