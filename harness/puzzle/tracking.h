// Objects that change hands: who holds what after a series of moves.
//
// Holders and objects are numbers from 0; each holder has exactly one object at any time.
// Threads: plain values and pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace assay::puzzle {

// holdings[h] is the object that holder h has.
using Holdings = std::vector<std::uint8_t>;

struct Move {
  enum class Kind : std::uint8_t {
    swap,    // two holders exchange what they have
    rotate,  // each of the holders gives to the next, the last one to the first
  };
  Kind kind = Kind::swap;
  std::vector<std::uint8_t> holders;
  bool operator==(const Move&) const = default;
};

// Two different holders for a swap, at least two for a rotation, all different and below `holders`.
bool well_formed(const Move& move, std::size_t holders);
// REQUIRES: well_formed for holdings.size().
void apply(const Move& move, Holdings& holdings);
Holdings after(Holdings start, std::span<const Move> moves);

}  // namespace assay::puzzle
