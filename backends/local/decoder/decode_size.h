// The sizes that decoding steps are padded to, so that few recordings (decode_graph.h) serve all of them.
//
// Pure. Threads: any, a PaddedStep one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "backends/local/decoder/step_plan.h"

namespace assay::local {

struct DecodeSize {
  std::int64_t sequences = 0;  // a power of two, at most 64
  std::int64_t keys = 0;       // of each: 256, 384, 512, 768, ...: at most a third more than the longest has
  auto operator<=>(const DecodeSize&) const = default;
};

// nullopt for a step that is not decoding alone (one token of each sequence, each wanted), and for one so
// large that the operations take longer than launching them: sequences * keys above 2^18.
std::optional<DecodeSize> decode_size(const StepPlan& plan);

// A decoding step filled up to a size with sequences of one token each, all in one spare block.
class PaddedStep {
 public:
  PaddedStep() = default;
  PaddedStep(const PaddedStep&) = delete;  // the plan points into it
  PaddedStep& operator=(const PaddedStep&) = delete;

  const StepPlan& pad(const StepPlan& plan, const DecodeSize& size, std::int32_t spare_block);

 private:
  std::vector<StepSequence> sequences_;
  std::vector<TokenId> token_ = {0};
  std::vector<std::int32_t> spare_;
  StepPlan plan_;
};

}  // namespace assay::local
