#include "harness/run/strategies/strategies.h"

namespace assay {
namespace {

class Single final : public Strategy {
 public:
  std::string id() const override { return "single"; }
  std::uint32_t max_calls() const override { return 1; }
  void answer(const Sample&, Caller& caller, Done done) const override { caller.call({}, std::move(done)); }
};

}  // namespace

std::unique_ptr<Strategy> make_single() { return std::make_unique<Single>(); }

std::unique_ptr<Strategy> make_strategy(const StrategySpec& spec) {
  switch (spec.kind) {
    case StrategyKind::single:
      return make_single();
    case StrategyKind::self_consistency:
      return make_self_consistency(spec.k);
    case StrategyKind::continue_truncated:
      return make_continue_truncated(spec.max_tokens, spec.rounds);
  }
  return make_single();
}

}  // namespace assay
