// StepPlan: the rows of one step. A row is one token of one sequence; rows of a sequence lie together, in
// order.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "backends/local/engine/model.h"
#include "harness/base/result.h"

namespace assay::local {

struct StepPlan {
  std::span<const StepSequence> sequences;
  std::vector<std::int32_t> first;  // row of each sequence's first token; and the number of rows, at the end
  std::vector<std::int32_t> token;  // of each row
  std::vector<std::int32_t> position;  // of each row
  std::vector<std::int32_t> slot;    // of each row: where its key and value go, block * kBlockTokens + offset
  std::vector<std::int32_t> wanted;  // rows whose logits are wanted

  std::int32_t rows() const { return first.empty() ? 0 : first.back(); }
};

// Rebuilds `plan`, keeping its storage. internal where a token, a position or a block is out of range: the
// tensors are indexed by these without a further look.
Result<void> plan_step(std::span<const StepSequence> sequences, const ModelShape& shape, std::int32_t blocks,
                       StepPlan& plan);

}  // namespace assay::local
