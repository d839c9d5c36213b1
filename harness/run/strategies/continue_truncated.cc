#include <algorithm>
#include <memory>
#include <optional>

#include "harness/base/format.h"
#include "harness/run/strategies/strategies.h"
#include "harness/text/trace_split.h"

namespace assay {
namespace {

// What must be known of the responses so far to ask for the next one.
struct State {
  Caller* caller;
  Strategy::Done done;
  std::string text;                   // the output so far, when it is gone on from
  Response last;                      // the response that was cut, once there is a step after the first
  std::optional<std::int64_t> limit;  // tokens that all of the output may take; nullopt: the server's default
  std::uint32_t step = 0;
};

std::optional<std::int64_t> output_tokens(const Usage& u) {
  if (!u.output) return std::nullopt;
  return *u.output + u.reasoning.value_or(0);
}

class ContinueTruncated final : public Strategy {
 public:
  ContinueTruncated(std::int64_t max_tokens, std::uint32_t rounds)
      : max_tokens_(max_tokens), rounds_(rounds) {}
  std::string id() const override {
    return format("continue_truncated(max_tokens={},rounds={})", max_tokens_, rounds_);
  }
  std::uint32_t max_calls() const override { return 1 + rounds_; }

  void answer(const Sample&, Caller& caller, Done done) const override {
    auto state = std::make_shared<State>();  // shared by one callback after the other
    state->caller = &caller;
    state->done = std::move(done);
    state->limit = caller.sampling().max_tokens;
    caller.call({}, [this, state](Result<Response> r) { got(state, std::move(r)); });
  }

 private:
  void got(const std::shared_ptr<State>& state, Result<Response>&& result) const {
    if (!result) {
      // The wider request can never succeed (it is beyond the context, say): the cut answer is the answer.
      if (state->step > 0 && result.error().code == Code::invalid) return state->done(std::move(state->last));
      return state->done(result.error());
    }
    Response response = std::move(*result);
    const bool went_on = !state->text.empty();
    if (went_on) {
      response.text = state->text + response.text;
      const BackendInfo& info = state->caller->backend();
      response.split = split(response, {info.think_tags, info.opens_think});
    }
    const auto next = next_call(*state, response);
    if (!next) return state->done(std::move(response));
    state->text = next->prefix;
    state->last = std::move(response);
    ++state->step;
    state->caller->call(*next, [this, state](Result<Response> r) { got(state, std::move(r)); });
  }

  // The call after this response, or nothing when it was not cut or may not grow.
  std::optional<CallSpec> next_call(State& state, const Response& response) const {
    if (response.finish != FinishReason::length || state.step >= rounds_) return std::nullopt;
    if (!state.limit) state.limit = output_tokens(response.usage);
    if (!state.limit || *state.limit >= max_tokens_) return std::nullopt;  // unknown: nothing to double
    const std::int64_t wider = *state.limit > max_tokens_ / 2 ? max_tokens_ : *state.limit * 2;
    CallSpec spec;
    spec.step = state.step + 1;
    // A trace in a field of its own cannot be handed back as text.
    const bool one_text = !response.reasoning || response.reasoning->empty();
    if (state.caller->backend().can_continue && one_text && !response.text.empty()) {
      spec.kind = CallKind::continuation;
      spec.prefix = response.text;
      spec.max_tokens = wider - *state.limit;
    } else {
      spec.max_tokens = wider;
    }
    state.limit = wider;
    return spec;
  }

  std::int64_t max_tokens_;
  std::uint32_t rounds_;
};

}  // namespace

std::unique_ptr<Strategy> make_continue_truncated(std::int64_t max_tokens, std::uint32_t rounds) {
  return std::make_unique<ContinueTruncated>(max_tokens, rounds);
}

}  // namespace assay
