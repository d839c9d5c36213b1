#include "backends/local/engine/job.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay::local {
namespace {

double seconds_between(SteadyTime from, SteadyTime to) {
  return std::chrono::duration<double>(to - from).count();
}

std::string place(const Request& r) {
  return format("{} sample {}", printable(r.task), printable(r.sample_key));
}

// The prompt is counted once, with the first choice, as what it cost to compute and what the cache held of
// it.
Usage usage_of(const Sequence& s) {
  Usage u;
  const std::int64_t shared = s.choice == 0 ? s.shared : 0;
  u.cached_input = shared;
  u.input = s.choice == 0 ? static_cast<std::int64_t>(s.prompt_size) - shared : 0;
  u.reasoning = s.generation.reasoning();
  u.output = s.generation.count() - s.generation.reasoning();
  return u;
}

Response response_of(const Sequence& s, const Job& job, const Response& origin) {
  Response r = origin;
  const Generation& g = s.generation;
  r.text = g.text();
  r.budget_forced = g.budget_forced();
  r.finish = g.finish();
  r.finish_raw = g.finish_word();
  r.usage = usage_of(s);
  if (s.first_token) r.timing.first_token = seconds_between(job.start, *s.first_token);
  r.timing.total = seconds_between(job.start, std::chrono::steady_clock::now());
  r.prompt = job.prompt.text;
  r.logprobs = g.logprobs();
  if (!r.logprobs.empty()) r.raw = dump_json(Json{{"tokens", g.ids()}, {"logprobs", g.logprobs()}});
  return r;
}

}  // namespace

BackendReply failed_reply(Code code, std::string message) {
  BackendReply reply;
  reply.error.emplace();
  reply.error->code = code;
  reply.error->message = std::move(message);
  return reply;
}

BackendReply reply_of(const Job& job, const Response& origin) {
  bool any = false;
  for (const auto& s : job.ended) {
    if (s->error)
      return failed_reply(s->error->code, format("local: {}: {}", place(job.request), s->error->message));
    any = any || s->generation.count() > 0;
  }
  if (!any) {
    const bool late = job.ended[0]->generation.finish() == FinishReason::deadline;
    return late ? failed_reply(Code::deadline, "local: out of time before the first token")
                : failed_reply(Code::cancelled, "local: cancelled");
  }
  BackendReply reply;
  for (const auto& s : job.ended) reply.responses.push_back(response_of(*s, job, origin));
  return reply;
}

}  // namespace assay::local
