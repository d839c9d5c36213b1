#include "backends/local/decoder/attention_groups.h"

#include <algorithm>
#include <cstddef>

namespace assay::local {
namespace {

constexpr std::int64_t kMaxScores = std::int64_t{1} << 25;

void add_slots(const StepSequence& sequence, std::int64_t seen, std::int64_t keys, AttentionGroup& group) {
  for (std::int64_t key = 0; key < keys; ++key) {
    const std::int64_t from = key < seen ? key : 0;
    const std::int32_t block = sequence.blocks[static_cast<std::size_t>(from / kBlockTokens)];
    group.slot.push_back(block * kBlockTokens + static_cast<std::int32_t>(from % kBlockTokens));
  }
}

// Rows [first, last) of the step, of one sequence.
AttentionGroup chunk(const StepPlan& plan, const StepSequence& sequence, std::int32_t first,
                     std::int32_t last) {
  AttentionGroup group;
  group.sequences = 1;
  group.rows = last - first;
  group.keys = plan.position[static_cast<std::size_t>(last - 1)] + 1;
  for (std::int32_t row = first; row < last; ++row) {
    group.row.push_back(row);
    group.last_key.push_back(plan.position[static_cast<std::size_t>(row)]);
  }
  add_slots(sequence, group.keys, group.keys, group);
  return group;
}

AttentionGroup singles(const StepPlan& plan, const std::vector<std::size_t>& members, std::int64_t keys) {
  AttentionGroup group;
  group.sequences = static_cast<std::int64_t>(members.size());
  group.rows = 1;
  group.keys = keys;
  for (const std::size_t member : members) {
    group.row.push_back(plan.first[member]);
    group.last_key.push_back(plan.sequences[member].position);
    group.keys = std::max<std::int64_t>(group.keys, plan.sequences[member].position + 1);
  }
  for (const std::size_t member : members) {
    add_slots(plan.sequences[member], plan.sequences[member].position + 1, group.keys, group);
  }
  return group;
}

}  // namespace

std::vector<AttentionGroup> attention_groups(const StepPlan& plan, std::int64_t heads,
                                             std::int64_t together, std::int64_t keys) {
  std::vector<AttentionGroup> groups;
  std::vector<std::size_t> members;
  const auto flush = [&] {
    if (!members.empty()) groups.push_back(singles(plan, members, keys));
    members.clear();
  };
  for (std::size_t i = 0; i < plan.sequences.size(); ++i) {
    const std::int32_t first = plan.first[i], end = plan.first[i + 1];
    if (end - first == 1) {
      members.push_back(i);
      if (static_cast<std::int64_t>(members.size()) >= together) flush();
      continue;
    }
    const std::int64_t seen = plan.position[static_cast<std::size_t>(end - 1)] + 1;
    const auto at_once =
        static_cast<std::int32_t>(std::clamp<std::int64_t>(kMaxScores / (seen * heads), 1, end - first));
    for (std::int32_t row = first; row < end; row += at_once) {
      groups.push_back(chunk(plan, plan.sequences[i], row, std::min(end, row + at_once)));
    }
  }
  flush();
  return groups;
}

}  // namespace assay::local
