#include "backends/local/decoder/decode_size.h"

#include <algorithm>

namespace assay::local {
namespace {

constexpr std::int64_t kMostSequences = 64;
constexpr std::int64_t kFewestKeys = 256;
constexpr std::int64_t kMostWork = std::int64_t{1} << 18;

}  // namespace

std::optional<DecodeSize> decode_size(const StepPlan& plan) {
  const auto count = static_cast<std::int64_t>(plan.sequences.size());
  if (count == 0 || count > kMostSequences || plan.rows() != count) return std::nullopt;
  if (plan.wanted.size() != plan.sequences.size()) return std::nullopt;
  const std::int32_t last = *std::max_element(plan.position.begin(), plan.position.end());
  const std::int64_t longest = last + std::int64_t{1};
  DecodeSize size{1, kFewestKeys};
  while (size.sequences < count) size.sequences *= 2;
  for (bool half = true; size.keys < longest; half = !half) {
    size.keys = half ? size.keys / 2 * 3 : size.keys / 3 * 4;
    if (size.keys > kMostWork) return std::nullopt;
  }
  if (size.sequences * size.keys > kMostWork) return std::nullopt;
  return size;
}

const StepPlan& PaddedStep::pad(const StepPlan& plan, const DecodeSize& size, std::int32_t spare_block) {
  spare_ = {spare_block};
  sequences_.assign(plan.sequences.begin(), plan.sequences.end());
  plan_ = plan;
  while (static_cast<std::int64_t>(sequences_.size()) < size.sequences) {
    sequences_.push_back({token_, 0, spare_, true});
    plan_.token.push_back(0);
    plan_.position.push_back(0);
    plan_.slot.push_back(spare_block * kBlockTokens);
    plan_.wanted.push_back(plan_.first.back());
    plan_.first.push_back(plan_.first.back() + 1);
  }
  plan_.sequences = sequences_;
  return plan_;
}

}  // namespace assay::local
