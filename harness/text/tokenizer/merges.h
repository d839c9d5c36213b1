// Byte pair encoding over token ids: of all neighbours that may be merged, always the pair of the lowest
// rank, the leftmost of equal ones, until none is left. O(n log n) with a heap.
//
// Threads: a MergeTable is const once filled; a Merger belongs to one caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "harness/text/tokenizer.h"

namespace assay {

struct Merge {
  TokenId left = 0;
  TokenId right = 0;
  TokenId result = 0;
  std::uint32_t rank = 0;  // lowest first
};

// (left, right) to (rank, result): open addressing, half full at most, since this look-up is what encoding
// costs.
class MergeTable {
 public:
  struct Found {
    std::uint32_t rank = 0;
    TokenId result = -1;  // -1: the two may not be merged
  };
  // Of several merges of one pair the first counts. REQUIRES: no negative id.
  explicit MergeTable(std::span<const Merge> merges);
  Found find(TokenId left, TokenId right) const;

 private:
  struct Slot {
    std::uint64_t key = kEmpty;
    Found found;
  };
  static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};
  static std::uint64_t key_of(TokenId left, TokenId right);
  std::size_t start_of(std::uint64_t key) const;

  std::vector<Slot> slots_;
  std::size_t mask_ = 0;
};

// Keeps its working memory between calls.
class Merger {
 public:
  explicit Merger(const MergeTable& table) : table_(table) {}
  // Merges within `symbols` and appends what is left to `out`. REQUIRES: fewer than 2^31 symbols.
  void merge(std::span<const TokenId> symbols, std::vector<TokenId>& out);

 private:
  struct Symbol {
    TokenId id;  // -1: merged into its left neighbour
    std::int32_t previous;
    std::int32_t next;
  };
  struct Candidate {
    std::uint32_t rank;
    std::int32_t at;
    TokenId left;
    TokenId right;
    TokenId result;
  };
  struct Later;
  void offer(std::int32_t at);

  const MergeTable& table_;
  std::vector<Symbol> symbols_;
  std::vector<Candidate> heap_;
};

}  // namespace assay
