// Which rows of a step attend together: rows of one sequence, or single rows of several, padded to the
// longest.
#pragma once

#include <cstdint>
#include <vector>

#include "backends/local/decoder/step_plan.h"

namespace assay::local {

struct AttentionGroup {
  std::int64_t sequences = 0, rows = 0;  // rows of each sequence
  std::int64_t keys = 0;                 // of each sequence, padded to the longest
  std::vector<std::int32_t> row;         // of the step: sequences * rows
  std::vector<std::int32_t> last_key;    // that each of them sees; the position of the row
  std::vector<std::int32_t> slot;        // of the cache: sequences * keys; padding repeats a slot of the same
                                         // sequence, so that what another one left there cannot spread a NaN
};

// At most `together` sequences a group; single rows are padded to at least `keys`. A long chunk of a prompt
// is cut so that the scores of one group stay below some hundred megabytes.
std::vector<AttentionGroup> attention_groups(const StepPlan& plan, std::int64_t heads, std::int64_t together,
                                             std::int64_t keys = 0);

}  // namespace assay::local
