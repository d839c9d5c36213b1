#include "backends/local/engine/cache_plan.h"

#include <algorithm>
#include <limits>

#include "harness/base/format.h"
#include "harness/base/units.h"
#include "harness/base/utf8.h"

namespace assay::local {
namespace {

std::string megabytes(std::uint64_t bytes) {
  return format("{} MB", grouped_text((bytes + 999'999) / 1'000'000));
}

std::uint64_t blocks_for(std::int64_t positions) {
  return static_cast<std::uint64_t>((positions + kBlockTokens - 1) / kBlockTokens);
}

}  // namespace

Result<std::int64_t> context_of(std::int64_t model_context, const LocalSettings& settings) {
  if (!settings.context) return model_context;
  if (*settings.context <= model_context) return *settings.context;
  return invalid(format("local: option 'context' is {}, but {} has a context of {} tokens", *settings.context,
                        printable(settings.model), model_context));
}

Result<CachePlan> plan_cache(const ModelShape& shape, const LocalSettings& settings) {
  const auto context = context_of(shape.context, settings);
  if (!context) return context.error();
  const std::uint64_t block = std::max<std::uint64_t>(shape.block_bytes, 1);
  const std::uint64_t limit =
      shape.cache_limit == 0 ? std::numeric_limits<std::uint64_t>::max() : shape.cache_limit;
  const std::uint64_t useful = blocks_for(*context) * static_cast<std::uint64_t>(settings.max_batch);
  const std::uint64_t least = blocks_for(std::min(*context, kLeastContext));
  std::uint64_t bytes = limit;
  if (settings.kv.bytes) {
    bytes = *settings.kv.bytes;
  } else if (settings.kv.share && shape.cache_limit > 0) {
    bytes = static_cast<std::uint64_t>(*settings.kv.share * static_cast<double>(limit));
  } else if (!shape.own_memory) {
    bytes = std::min(limit, std::max({kSharedDefault, shape.weight_bytes, least * block}));
  }
  const std::uint64_t most_blocks = std::numeric_limits<std::int32_t>::max() / kBlockTokens;
  const std::uint64_t blocks = std::min({bytes / block, useful, most_blocks});
  const bool chosen = settings.kv.bytes || settings.kv.share;
  if (blocks < (chosen ? 1 : least) || (settings.kv.bytes && blocks * block > limit)) {
    const std::uint64_t needed = (chosen ? std::max<std::uint64_t>(blocks, 1) : least) * block;
    return invalid(format("local: {} needs {} for its KV cache, {} are there{}", printable(settings.model),
                          megabytes(needed), megabytes(std::min(limit, bytes)),
                          chosen ? " (option 'kv_memory')" : ""));
  }
  CachePlan plan;
  plan.blocks = static_cast<std::int32_t>(blocks);
  plan.context = std::min(*context, std::int64_t{plan.blocks} * kBlockTokens);
  return plan;
}

}  // namespace assay::local
