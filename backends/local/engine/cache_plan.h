// How large a KV cache is reserved, and so how long a sequence may become.
//
// What the user asked for, or else room for every sequence of a full batch at the whole context, but on
// shared memory no more than the weights take or kSharedDefault, whichever is more: sequences that outgrow it
// are put back and computed again. Never less than one sequence of kLeastContext positions, never more than
// there is.
//
// Pure. Errors: Code::invalid with the figures, when it does not fit.
#pragma once

#include <cstdint>
#include <string>

#include "backends/local/engine/model.h"
#include "backends/local/engine/settings.h"
#include "harness/base/result.h"

namespace assay::local {

inline constexpr std::uint64_t kSharedDefault = 1'000'000'000;  // bytes
inline constexpr std::int64_t kLeastContext = 2048;             // positions, or the model's whole context

struct CachePlan {
  std::int32_t blocks = 0;
  std::int64_t context = 0;  // positions that one sequence may have: the least of model, option and cache
};

Result<CachePlan> plan_cache(const ModelShape& shape, const LocalSettings& settings);

// The bound on a sequence's length before memory is looked at. Error: an option beyond the model's context.
Result<std::int64_t> context_of(std::int64_t model_context, const LocalSettings& settings);

}  // namespace assay::local
