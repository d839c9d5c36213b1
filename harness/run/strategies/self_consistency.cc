#include <memory>
#include <vector>

#include "harness/base/format.h"
#include "harness/run/strategies/strategies.h"

namespace assay {
namespace {

// Index of the response that wins the vote.
std::size_t vote(const Caller& caller, const std::vector<Response>& draws) {
  struct Class {
    std::size_t first;  // draw
    std::size_t votes;
  };
  std::vector<Class> classes;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    if (!caller.has_answer(draws[i])) continue;
    bool known = false;
    for (Class& c : classes) {
      if (!caller.same_answer(draws[c.first], draws[i])) continue;
      ++c.votes;
      known = true;
      break;
    }
    if (!known) classes.push_back({i, 1});
  }
  if (classes.empty()) return 0;
  const Class* best = &classes[0];
  for (const Class& c : classes) {
    if (c.votes > best->votes) best = &c;  // classes stand in order of their earliest draw
  }
  return best->first;
}

class SelfConsistency final : public Strategy {
 public:
  explicit SelfConsistency(std::uint32_t k) : k_(k) {}
  std::string id() const override { return format("self_consistency(k={})", k_); }
  std::uint32_t max_calls() const override { return k_; }

  void answer(const Sample&, Caller& caller, Done done) const override {
    // Shared by the callbacks of the draws, the last of which ends it.
    struct State {
      std::vector<Response> draws;
      std::size_t missing;
      std::optional<Error> error;
      std::size_t error_draw = 0;
      Done done;
    };
    auto state = std::make_shared<State>();
    state->draws.resize(k_);
    state->missing = k_;
    state->done = std::move(done);
    for (std::uint32_t draw = 0; draw < k_; ++draw) {
      CallSpec spec;
      spec.draw = draw;
      caller.call(std::move(spec), [state, draw, &caller](Result<Response> response) {
        if (response) {
          state->draws[draw] = std::move(*response);
        } else if (!state->error || draw < state->error_draw) {  // the same error whatever the order
          state->error = response.error();
          state->error_draw = draw;
        }
        if (--state->missing > 0) return;
        if (state->error) return state->done(*state->error);
        const std::size_t winner = vote(caller, state->draws);
        state->done(std::move(state->draws[winner]));
      });
    }
  }

 private:
  std::uint32_t k_;
};

}  // namespace

std::unique_ptr<Strategy> make_self_consistency(std::uint32_t k) {
  return std::make_unique<SelfConsistency>(k);
}

}  // namespace assay
