#include "harness/run/call.h"

#include <utility>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/run/batch/batch_desk.h"
#include "harness/run/budget_desk.h"
#include "harness/run/call_digest.h"
#include "harness/run/call_keep.h"

namespace assay {
namespace {

constexpr double kWatchSlack = 5;  // seconds after a deadline at which an unheard backend is told to end
constexpr std::uint32_t kMostRefused = 20;  // requests in a row for want of a key or of money
constexpr std::int64_t kBytesPerToken = 4;  // a rough guess, for pacing only

std::int64_t estimated_tokens(const Model& model, const Request& request) {
  if (!model.gate->wants_tokens()) return 0;
  const TokenBound bound = model.backend->bound(request);
  std::int64_t input = 0;
  for (const Message& m : request.messages) input += static_cast<std::int64_t>(m.content.size());
  return bound.input.value_or(input / kBytesPerToken) +
         bound.output.value_or(request.sampling.max_tokens.value_or(0) * request.choices);
}

Digest digest_of(const Call::Wish& wish) {
  CallRole role;
  role.model_entry = wish.model->entry.name;
  role.base_url = wish.model->entry.base_url;
  role.options = wish.model->options_text;
  role.variant = wish.entry->record.variant;
  role.identity = wish.sample->identity;
  role.occurrence = wish.sample->occurrence;
  return call_digest(wish.model->info, role, wish.request);
}

std::optional<std::int64_t> tokens_taken(const BackendReply& reply) {
  if (reply.error || reply.responses.empty()) return std::nullopt;
  std::int64_t sum = 0;
  for (const Response& r : reply.responses) {
    const Usage& u = r.usage;
    if (!u.input || !u.output) return std::nullopt;
    sum += *u.input + *u.output + u.reasoning.value_or(0) + u.cached_input.value_or(0) + u.cache_write.value_or(0);
  }
  return sum;
}

// An error that no server sent. Whoever worked on the request may bill for it.
BackendError ours(Code code, const char* message) {
  BackendError out;
  out.code = code;
  out.message = message;
  return out;
}

}  // namespace

void Call::make(Session& session, Wish wish) {
  std::vector<Wish> one;
  one.push_back(std::move(wish));
  make(session, std::move(one));
}

// Answers from the cache what it knows; the rest goes as one request.
void Call::make(Session& session, std::vector<Wish> wishes) {
  std::vector<Wish> rest;
  for (Wish& wish : wishes) {
    wish.digest = digest_of(wish);
    if (session.options().use_cache && !session.stopping()) {
      auto found = session.store().find_cached(wish.digest);
      if (!found) {
        session.fail(found.error());
        wish.done(found.error());
        continue;
      }
      // What our own deadline cut may go further this time.
      if (*found && (*found)->response.finish != FinishReason::deadline) {
        keep_cached(session, std::move(wish), std::move((*found)->response));
        continue;
      }
    }
    rest.push_back(std::move(wish));
  }
  if (!rest.empty()) std::make_shared<Call>(session, std::move(rest))->start();
}

Call::Call(Session& session, std::vector<Wish> wishes) : session_(session), wishes_(std::move(wishes)) {
  request_ = wishes_[0].request;
  request_.choices = static_cast<std::uint32_t>(wishes_.size());
  ++model().wanting;
}

Timer::Clock::time_point Call::deadline() const {
  Timer::Clock::time_point out = Timer::Clock::time_point::max();
  for (const Wish& wish : wishes_) out = std::min(out, wish.deadline());
  return out;
}

void Call::start() {
  auto self = shared_from_this();
  if (model().batch) return session_.stopping() ? end(Error{Code::cancelled, "the run stops"}) : admitted({});
  const auto go = [self](bool in, Gate::Ticket ticket) {
    if (in)
      self->admitted(ticket);
    else
      self->end(Error{Code::cancelled, "the run stops"});
  };
  model().gate->enter(estimated_tokens(model(), request_), go, tries_ > 0);
}

void Call::admitted(Gate::Ticket ticket) {
  ticket_ = ticket;
  if (session_.stopping()) return withdraw(Error{Code::cancelled, "the run stops"});
  if (session_.timer().now() >= deadline()) {
    return withdraw(Error{Code::deadline, "the attempt's deadline passed before its next request"});
  }
  if (session_.desk)
    ask_budget();
  else
    send();
}

void Call::withdraw(const Error& error) {
  if (!model().batch) model().gate->leave(ticket_, {Leave::withdrawn, 0});
  end(error);
}

void Call::ask_budget() {
  const auto go = [self = shared_from_this()](Budget::Answer answer, Budget::Hold hold) { self->budgeted(answer, hold); };
  session_.desk->budget().reserve(model().entry.name, worst_of(model(), request_), go);
}

void Call::budgeted(Budget::Answer answer, Budget::Hold hold) {
  Budget& budget = session_.desk->budget();
  const Error stops{Code::cancelled, "the run stops"};
  if (answer == Budget::Answer::granted) {
    hold_ = hold;
    took_.reset();
    if (!session_.stopping() && session_.timer().now() < deadline()) return send();
    settle();
    return withdraw(session_.stopping() ? stops : Error{Code::deadline, "the attempt's deadline passed while it waited for the budget"});
  }
  if (answer == Budget::Answer::spent) session_.brake(budget.why());
  if (answer == Budget::Answer::model_spent) session_.give_up(model(), budget.why(model().entry.name));
  withdraw(stops);
}

void Call::settle() {
  if (!hold_) return;
  if (took_)
    session_.desk->budget().settle(*hold_, *took_);
  else
    session_.desk->budget().release(*hold_);
  hold_.reset();
}

void Call::send_in_batch() {
  request_.id = session_.next_request_id();
  request_.attempt_try = wishes_[0].first_try + tries_;
  ++session_.counters().calls;
  started_ = unix_micros();
  model().batch->add(wishes_[0].ref, request_, [self = shared_from_this()](std::optional<BatchAnswer> answer) {
    if (!answer) {  // what it takes is counted by whoever collects it
      self->session_.pool().submit([self] {
        self->settle();
        self->end(Error{Code::cancelled, "the run stops; the request is with the provider"});
      });
      return;
    }
    self->batch_id_ = answer->batch_id;
    if (answer->submitted > 0) self->started_ = answer->submitted;
    auto held = std::make_shared<BackendReply>(std::move(answer->reply));
    self->session_.pool().submit([self, held] { self->take(std::move(*held)); });
  });
}

void Call::send() {
  if (model().batch) return send_in_batch();
  const Timer::Clock::time_point now = session_.timer().now();
  request_.id = session_.next_request_id();
  request_.attempt_try = wishes_[0].first_try + tries_;
  request_.deadline = std::min(deadline(), now + seconds(model().entry.timeout_s));
  ++session_.counters().calls;
  started_ = unix_micros();
  auto self = shared_from_this();
  Backend& backend = *model().backend;
  session_.sent(request_.id, backend);
  watch_ = session_.timer().at(request_.deadline + seconds(kWatchSlack),
                               [&backend, id = request_.id] { backend.cancel(id); });
  machine_pico_.reset();
  if (model().meter != nullptr) machine_ticket_ = model().meter->enter(now);
  backend.submit(request_, [self](BackendReply reply) { self->answered(std::move(reply)); });
}

// What the gate is told of a reply.
Landing Call::landing(const BackendReply& reply) const {
  Landing out;
  out.commits = true;
  out.rate = reply.rate;
  out.tokens = tokens_taken(reply);
  if (!reply.error) {
    if (!reply.responses.empty()) out.headers_after_s = reply.responses[0].timing.first_token;
    return out;
  }
  const BackendError& error = *reply.error;
  out.retry_after = error.retry_after;
  const bool no_status = error.http_status == 0;
  // A connection that breaks later may be the request's own fault, and is no reason to keep others away.
  const bool no_connection = error.code == Code::unavailable && no_status && !error.may_be_billed;
  if (error.code == Code::exhausted)
    out.how = Leave::overloaded;
  else if (error.code == Code::cancelled || (error.code == Code::deadline && no_status))
    out.how = Leave::withdrawn;
  else if (no_connection)
    out.how = Leave::unreachable;
  else
    out.how = Leave::failed;
  return out;
}

void Call::answered(BackendReply reply) {
  if (model().meter != nullptr) {
    const std::int64_t hourly = *model().entry.machine_usd_per_hour;
    machine_pico_ = model().meter->leave(machine_ticket_, session_.timer().now(), hourly);
  }
  session_.returned(request_.id);  // before another takes its place
  const Landing landed = landing(reply);
  if (landed.how == Leave::overloaded) ++session_.counters().throttled;
  model().gate->leave(ticket_, landed);
  uncommitted_ = true;
  // A std::function must be copyable, so the reply travels by pointer.
  auto held = std::make_shared<BackendReply>(std::move(reply));
  session_.pool().submit([self = shared_from_this(), held] { self->take(std::move(*held)); });
}

void Call::take(BackendReply reply) {
  if (const Timer::Id watch = std::exchange(watch_, 0); watch != 0) session_.timer().cancel(watch);
  if (!reply.error && reply.responses.size() != wishes_.size()) {
    reply.error = ours(Code::corrupt, "the backend gave no response");
    if (wishes_.size() > 1) {
      reply.error->message =
          format("the backend gave {} responses, not {}", reply.responses.size(), wishes_.size());
    }
  }
  // While the run goes on only the watch cancels: what came until then was cut by the deadline.
  const bool overdue = !session_.stopping();
  if (!reply.error) {
    for (Response& r : reply.responses) {
      if (r.finish != FinishReason::cancelled) continue;
      if (overdue) {
        r.finish = FinishReason::deadline;
      } else {
        reply.error = ours(Code::cancelled, "cancelled while tokens arrived");
        break;
      }
    }
  } else if (overdue && reply.error->code == Code::cancelled) {
    reply.error->code = Code::deadline;
    reply.error->message = "no response by the request's deadline (" + reply.error->message + ")";
  }
  watch_refusals(reply);
  if (reply.error)
    keep_failure(std::move(reply));
  else
    keep_responses(std::move(reply));
}

// A wrong key or an empty account fails every request alike: after some the run stops, to be gone on with.
void Call::watch_refusals(const BackendReply& reply) {
  if (!reply.error) {
    model().refused = 0;
  } else if (is_refusal(reply.error->http_status) && ++model().refused == kMostRefused) {
    constexpr auto kWhy = "stopped: {} requests in a row to model '{}' got HTTP {}; check key and account";
    session_.brake(format(kWhy, kMostRefused, printable(model().entry.name), reply.error->http_status));
  }
}

void Call::end(std::vector<Response> responses) {
  no_longer_wants();
  for (std::size_t i = 0; i < wishes_.size(); ++i) {
    const Done done = std::exchange(wishes_[i].done, nullptr);
    done(std::move(responses[i]));
  }
}

void Call::end(const Error& error) {
  no_longer_wants();
  for (Wish& wish : wishes_) {
    const Done done = std::exchange(wish.done, nullptr);
    done(error);
  }
}

void Call::no_longer_wants() {
  if (!wants_) return;
  wants_ = false;
  --model().wanting;
  session_.wake();
}

}  // namespace assay
