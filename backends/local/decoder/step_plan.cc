#include "backends/local/decoder/step_plan.h"

#include <cstddef>

#include "harness/base/format.h"

namespace assay::local {
namespace {

Result<void> check(const StepSequence& sequence, const ModelShape& shape, std::int32_t blocks) {
  const auto bad = [](std::string what) { return Error{Code::internal, "a step of the decoder: " + what}; };
  const auto end = sequence.position + static_cast<std::int64_t>(sequence.tokens.size());
  if (sequence.tokens.empty()) return bad("a sequence without tokens");
  if (sequence.position < 0 || end > shape.context) {
    return bad(format("positions {} to {} of a context of {}", sequence.position, end, shape.context));
  }
  const auto needed = static_cast<std::size_t>((end + kBlockTokens - 1) / kBlockTokens);
  if (sequence.blocks.size() < needed) {
    return bad(format("{} blocks for {} positions", sequence.blocks.size(), end));
  }
  for (const std::int32_t block : sequence.blocks.first(needed)) {
    if (block < 0 || block >= blocks) return bad(format("block {} of {}", block, blocks));
  }
  for (const TokenId token : sequence.tokens) {
    if (token < 0 || token >= shape.vocab) return bad(format("token {} of {}", token, shape.vocab));
  }
  return {};
}

}  // namespace

Result<void> plan_step(std::span<const StepSequence> sequences, const ModelShape& shape, std::int32_t blocks,
                       StepPlan& plan) {
  plan.sequences = sequences;
  for (auto* rows : {&plan.first, &plan.token, &plan.position, &plan.slot, &plan.wanted}) rows->clear();
  for (const StepSequence& sequence : sequences) {
    if (auto checked = check(sequence, shape, blocks); !checked) return checked.error();
    plan.first.push_back(static_cast<std::int32_t>(plan.token.size()));
    std::int32_t position = sequence.position;
    for (const TokenId token : sequence.tokens) {
      const std::int32_t block = sequence.blocks[static_cast<std::size_t>(position / kBlockTokens)];
      plan.token.push_back(token);
      plan.position.push_back(position);
      plan.slot.push_back(block * kBlockTokens + position % kBlockTokens);
      ++position;
    }
    if (sequence.wants_logits) plan.wanted.push_back(static_cast<std::int32_t>(plan.token.size()) - 1);
  }
  plan.first.push_back(static_cast<std::int32_t>(plan.token.size()));
  return {};
}

}  // namespace assay::local
