#include "harness/puzzle/tracking.h"

#include <utility>

namespace assay::puzzle {

bool well_formed(const Move& move, std::size_t holders) {
  std::vector<bool> seen(holders, false);
  for (const std::uint8_t h : move.holders) {
    if (h >= holders || seen[h]) return false;
    seen[h] = true;
  }
  return move.kind == Move::Kind::swap ? move.holders.size() == 2 : move.holders.size() >= 2;
}

void apply(const Move& move, Holdings& holdings) {
  // A rotation is a walk of swaps that carries the last holder's object to the first; a swap is the
  // rotation of two.
  for (std::size_t i = move.holders.size(); i-- > 1;) {
    std::swap(holdings[move.holders[i]], holdings[move.holders[i - 1]]);
  }
}

Holdings after(Holdings start, std::span<const Move> moves) {
  for (const Move& move : moves) apply(move, start);
  return start;
}

}  // namespace assay::puzzle
