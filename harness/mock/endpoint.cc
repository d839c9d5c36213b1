#include "harness/mock/endpoint.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/mock/fault_bodies.h"

namespace assay::mock {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kMaxChoices = 128;

// The purposes of the draws of one request.
enum Draw : std::uint64_t { kFault = 1, kLatency, kSpeed, kChoice };

std::uint64_t first_bytes(const Digest& digest) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 8; ++i) out |= static_cast<std::uint64_t>(digest.bytes[i]) << (8 * i);
  return out;
}

void apply_content_fault(Planned& p, FaultKind kind) {
  for (Choice& c : p.choices) {
    const std::int64_t all = c.reasoning.tokens() + c.content.tokens();
    if (kind == FaultKind::empty) c.content.cut(0);
    if (kind == FaultKind::truncated || kind == FaultKind::filtered) {
      const std::int64_t keep = all / (kind == FaultKind::truncated ? 2 : 4);
      c.reasoning.cut(keep);
      c.content.cut(keep - c.reasoning.tokens());
      c.finish = kind == FaultKind::truncated ? Finish::length : Finish::content_filter;
    }
    if (kind == FaultKind::bad_utf8) c.content.spoil();
  }
  p.usage = p.usage && kind != FaultKind::no_usage;
  p.fails = kind == FaultKind::stream_error;
  p.done_event = kind != FaultKind::no_done;
}

void limit(Choice& c, std::int64_t most) {
  if (c.reasoning.tokens() + c.content.tokens() <= most) return;
  c.reasoning.cut(most);
  c.content.cut(most - c.reasoning.tokens());
  c.finish = Finish::length;
}

class Planner {
 public:
  Planner(Context& context, const Asked& asked, std::uint64_t key) : c_(context), asked_(asked) {
    const MockOptions& o = c_.options;
    plan_.key = key;
    plan_.model = asked.model;
    plan_.input_tokens = asked.input_tokens;
    plan_.stream_usage = asked.stream_usage;
    plan_.reasoning_as = o.reasoning_as;
    plan_.latency_s = o.latency_s.draw(sub_key(key, kLatency));
    const double speed = o.tokens_per_second.draw(sub_key(key, kSpeed));
    plan_.seconds_per_token = speed > 0 ? 1 / speed : 0;
    plan_.event_tokens = o.event_tokens;
    if (plan_.event_tokens <= 0) {
      plan_.event_tokens = speed > 0 ? std::clamp<std::int64_t>(std::llround(speed / 20), 1, 1024) : 16;
    }
  }

  // False: --replay holds no answer.
  bool plan(const Fault* fault) {
    if (c_.replay && !recorded()) return false;
    if (!c_.replay) generated();
    if (fault != nullptr) apply_content_fault(plan_, fault->kind);
    const bool as_recorded = c_.replay && plan_.output_tokens > 0 && fault == nullptr;
    if (!as_recorded) plan_.output_tokens = plan_.reasoning_tokens = 0;
    for (Choice& choice : plan_.choices) {
      if (asked_.max_tokens && !as_recorded) limit(choice, *asked_.max_tokens);
      if (as_recorded) continue;
      plan_.reasoning_tokens += choice.reasoning.tokens();
      plan_.output_tokens += choice.reasoning.tokens() + choice.content.tokens();
    }
    return true;
  }
  Planned take() { return std::move(plan_); }

 private:
  void generated() {
    const MockOptions& o = c_.options;
    for (std::uint32_t i = 0; i < asked_.choices; ++i) {
      const std::uint64_t key = sub_key(plan_.key, kChoice + 4ULL * i);
      Choice choice;
      choice.reasoning = Text(sub_key(key, 1), o.reasoning_tokens.draw_whole(sub_key(key, 1)));
      if (o.echo) {
        choice.content = Text(asked_.last_text);
      } else if (!o.answer_text.empty()) {
        choice.content = Text(o.answer_text);
      } else {
        choice.content = Text(sub_key(key, 2), o.tokens.draw_whole(sub_key(key, 2)));
      }
      plan_.choices.push_back(std::move(choice));
    }
  }

  // The usage of a row is told where it is that of the whole answer: one choice, not shortened.
  bool recorded() {
    const bool named = c_.replay->names(asked_.last_text);
    const std::uint64_t prompt = first_bytes(sha256(asked_.last_text));
    for (std::uint32_t i = 0; i < asked_.choices; ++i) {
      const std::uint64_t turn = named ? c_.prompts.next(prompt) : 0;
      const Recorded* row = c_.replay->find(asked_.last_text, turn, named ? 0 : c_.unnamed++);
      if (row == nullptr) return false;
      plan_.choices.push_back(row->choice);
      const std::int64_t output = row->output_tokens.value_or(0);
      if (asked_.choices > 1 || output > asked_.max_tokens.value_or(output)) continue;
      plan_.output_tokens = output;
      plan_.reasoning_tokens = row->reasoning_tokens.value_or(row->choice.reasoning.tokens());
      plan_.input_tokens = row->input_tokens.value_or(plan_.input_tokens);
    }
    return true;
  }

  Context& c_;
  const Asked& asked_;
  Planned plan_;
};

// One request of a model's endpoint on its way to an answer.
class Handling {
 public:
  Handling(const MockRequest& r, Context& c, const Shape& shape) : request_(r), c_(c), shape_(shape) {
    record_.path = r.path;
    record_.digest = sha256(r.body);
    record_.began_us = unix_micros();
    const std::uint64_t body = first_bytes(record_.digest);
    record_.occurrence = c.bodies.next(body);
    if (!c.options.log_header.empty()) record_.sample = r.header(c.options.log_header);
    key_ = sub_key(sub_key(body, 1 + record_.occurrence), c.options.seed * 0x9E3779B97F4A7C15U);
    record_.id = format("mock-{:016x}", key_);
  }

  Answer answer() {
    Answer a = planned();
    record_.status = a.status;
    if (a.status != 200 && record_.planned == End::complete) record_.planned = End::refused;
    a.headers.emplace_back("x-request-id", record_.id);
    if (a.status < 300 || a.status == 429) c_.limit.add_headers(a.headers);
    a.record = std::move(record_);
    return a;
  }

 private:
  Answer refuse(int status, std::string_view message, std::string_view type, std::string_view code) {
    return json_answer(status, shape_.error(message, type, code));
  }

  Answer planned() {
    const MockOptions& o = c_.options;
    const auto body = parse_json(request_.body);
    if (!body) return refuse(400, body.error().message, "invalid_request_error", "invalid_json");
    const auto asked = shape_.read(*body, request_);
    if (!asked) return refuse(400, asked.error().message, "invalid_request_error", "invalid_value");
    record_.model = asked->model;
    record_.stream = asked->stream;
    record_.choices = asked->choices;
    if (!o.api_key.empty() && !has_key()) return refuse(401, "wrong API key", "authentication_error", "invalid_api_key");
    if (asked->choices > kMaxChoices) {
      return refuse(400, format("n is larger than {}", kMaxChoices), "invalid_request_error", "invalid_value");
    }
    if (o.max_in_flight > 0 && c_.ledger.in_flight() >= o.max_in_flight) return over_capacity();
    const Fault* fault = draw_fault(o.faults, sub_key(key_, kFault));
    Planner planner(c_, *asked, key_);
    if (!planner.plan(fault)) {
      return refuse(404, "the replay file has no answer to this prompt", "mock_replay", "no_recorded_answer");
    }
    Planned plan = planner.take();
    const std::int64_t most = asked->max_tokens ? *asked->max_tokens * asked->choices : plan.output_tokens;
    if (const auto wait = c_.limit.wait_s(plan.input_tokens + most, Clock::now())) return limited(*wait);
    record_.input_tokens = plan.input_tokens;
    record_.output_tokens = plan.output_tokens;
    if (fault == nullptr) return written(std::move(plan));
    record_.fault = fault->name;
    record_.planned = fault->end;
    if (auto other = instead_of_answer(*fault, o, request_.path)) {
      if (other->status >= 300) record_.input_tokens = record_.output_tokens = 0;  // nothing was generated
      return std::move(*other);
    }
    Answer a = written(std::move(plan));
    spoil(a, *fault, o, request_.header("Accept-Encoding").find("gzip") != std::string::npos);
    return a;
  }

  bool has_key() const {
    const std::string& key = c_.options.api_key;
    return request_.header("Authorization") == "Bearer " + key || request_.header("x-api-key") == key ||
           request_.header("x-goog-api-key") == key;
  }

  Answer over_capacity() {
    Answer a = refuse(c_.options.over_capacity_status, "too many requests in flight", "overloaded_error", "overloaded");
    a.headers.emplace_back("Retry-After", std::to_string(static_cast<int>(std::ceil(c_.options.retry_after_s))));
    return a;
  }

  Answer limited(double wait_s) {
    Answer a = refuse(429, format("rate limit reached; try again in {}", go_duration(wait_s)), "rate_limit_error",
                      "rate_limit_exceeded");
    a.headers.emplace_back("Retry-After", std::to_string(static_cast<std::int64_t>(std::ceil(wait_s))));
    a.headers.emplace_back("retry-after-ms", std::to_string(static_cast<std::int64_t>(std::ceil(wait_s * 1000))));
    return a;
  }

  Answer written(Planned plan) {
    Answer a;
    a.delay_s = plan.latency_s;
    a.streamed = record_.stream;
    if (record_.stream) {
      a.content_type = "text/event-stream";
      a.headers.emplace_back("Cache-Control", "no-cache");
      a.body = shape_.stream(std::move(plan));
      return a;
    }
    // A whole answer comes when its last token is made.
    std::int64_t longest = 0;
    for (const Choice& c : plan.choices) longest = std::max(longest, c.reasoning.tokens() + c.content.tokens());
    a.delay_s += static_cast<double>(longest) * plan.seconds_per_token;
    a.body = std::make_unique<LateBody>(std::move(plan), shape_.whole);
    return a;
  }

  // Written when it is sent, so that an answer which waits takes no memory.
  class LateBody final : public Body {
   public:
    LateBody(Planned plan, std::string (*whole)(const Planned&)) : plan_(std::move(plan)), whole_(whole) {}
    Next next(std::string& out, double&) override {
      if (std::exchange(done_, true)) return Next::end;
      out += whole_(plan_);
      return Next::piece;
    }

   private:
    Planned plan_;
    std::string (*whole_)(const Planned&);
    bool done_ = false;
  };

  const MockRequest& request_;
  Context& c_;
  const Shape& shape_;
  Record record_;
  std::uint64_t key_ = 0;
};

}  // namespace

Answer answer_model(const MockRequest& request, Context& context, const Shape& shape) {
  return Handling(request, context, shape).answer();
}

}  // namespace assay::mock
