#include "harness/text/tokenizer/merges.h"

#include <algorithm>
#include <bit>

namespace assay {

MergeTable::MergeTable(std::span<const Merge> merges) {
  const std::size_t slots = std::bit_ceil(std::max<std::size_t>(2 * merges.size(), 16));
  slots_.resize(slots);
  mask_ = slots - 1;
  for (const Merge& merge : merges) {
    const std::uint64_t key = key_of(merge.left, merge.right);
    std::size_t at = start_of(key);
    while (slots_[at].key != kEmpty && slots_[at].key != key) at = (at + 1) & mask_;
    if (slots_[at].key == kEmpty) slots_[at] = {key, {merge.rank, merge.result}};
  }
}

std::uint64_t MergeTable::key_of(TokenId left, TokenId right) {
  return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) |
         static_cast<std::uint32_t>(right);
}

std::size_t MergeTable::start_of(std::uint64_t key) const {
  key *= 0x9E3779B97F4A7C15u;  // 2^64 over the golden ratio: spreads keys that differ in few bits
  return static_cast<std::size_t>(key >> 32) & mask_;
}

MergeTable::Found MergeTable::find(TokenId left, TokenId right) const {
  const std::uint64_t key = key_of(left, right);
  for (std::size_t at = start_of(key);; at = (at + 1) & mask_) {
    if (slots_[at].key == key) return slots_[at].found;
    if (slots_[at].key == kEmpty) return {};
  }
}

// std's heaps have the greatest on top.
struct Merger::Later {
  bool operator()(const Candidate& a, const Candidate& b) const {
    return a.rank != b.rank ? a.rank > b.rank : a.at > b.at;
  }
};

void Merger::offer(std::int32_t at) {
  const Symbol& left = symbols_[static_cast<std::size_t>(at)];
  if (left.next < 0) return;
  const TokenId right = symbols_[static_cast<std::size_t>(left.next)].id;
  const MergeTable::Found found = table_.find(left.id, right);
  if (found.result < 0) return;
  heap_.push_back({found.rank, at, left.id, right, found.result});
  std::push_heap(heap_.begin(), heap_.end(), Later());
}

void Merger::merge(std::span<const TokenId> symbols, std::vector<TokenId>& out) {
  if (symbols.empty()) return;
  symbols_.clear();
  heap_.clear();
  const auto count = static_cast<std::int32_t>(symbols.size());
  for (std::int32_t i = 0; i < count; ++i) {
    symbols_.push_back({symbols[static_cast<std::size_t>(i)], i - 1, i + 1 < count ? i + 1 : -1});
  }
  for (std::int32_t i = 0; i + 1 < count; ++i) offer(i);
  while (!heap_.empty()) {
    std::pop_heap(heap_.begin(), heap_.end(), Later());
    const Candidate best = heap_.back();
    heap_.pop_back();
    Symbol& left = symbols_[static_cast<std::size_t>(best.at)];
    if (left.id != best.left || left.next < 0) continue;  // one of the two was merged since
    Symbol& right = symbols_[static_cast<std::size_t>(left.next)];
    if (right.id != best.right) continue;
    left.id = best.result;
    right.id = -1;
    left.next = right.next;
    if (left.next >= 0) symbols_[static_cast<std::size_t>(left.next)].previous = best.at;
    if (left.previous >= 0) offer(left.previous);
    offer(best.at);
  }
  for (std::int32_t i = 0; i >= 0; i = symbols_[static_cast<std::size_t>(i)].next) {
    out.push_back(symbols_[static_cast<std::size_t>(i)].id);
  }
}

}  // namespace assay
