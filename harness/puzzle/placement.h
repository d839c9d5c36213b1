// Placement puzzles: things are placed on numbered places in a row, under constraints. An ordering
// puzzle has one group of things, a zebra grid several (colours, drinks, ...), each of which takes
// every place exactly once.
//
// Thing t of group g is the item g * places + t; places count from 0. A Placement gives the place of
// every item. Threads: plain values and pure functions. Bounds: at most kMaxPlaces places and
// kMaxGroups groups; solve() propagates and then searches, with recursion no deeper than there are items.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace assay::puzzle {

inline constexpr std::size_t kMaxPlaces = 8;
inline constexpr std::size_t kMaxGroups = 8;

using ItemId = std::uint8_t;
using Placement = std::vector<std::uint8_t>;

struct Constraint {
  enum class Kind : std::uint8_t {
    at,               // a is at place k
    not_at,           // a is not at place k
    together,         // a and b have the same place (items of different groups)
    apart,            // a and b have different places
    before,           // a is somewhere left of b
    directly_before,  // a is immediately left of b
    beside,           // a and b have neighbouring places
    not_beside,       // a and b do not have neighbouring places
    gap,              // exactly k places lie between a and b
  };
  Kind kind = Kind::at;
  ItemId a = 0;
  ItemId b = 0;  // not for at, not_at
  std::uint8_t k = 0;
  bool operator==(const Constraint&) const = default;
};

struct PlacementPuzzle {
  std::size_t groups = 1;
  std::size_t places = 0;
  std::vector<Constraint> constraints;
  std::size_t items() const { return groups * places; }
};

// Groups and places within bounds, every item below items(), a != b, every place below places.
bool well_formed(const PlacementPuzzle& puzzle);
// REQUIRES: well_formed; `placement` has an entry for both items.
bool holds(const Constraint& constraint, const Placement& placement);
// Up to `limit` placements that satisfy every constraint, in an order that depends on the puzzle
// alone. REQUIRES: well_formed.
std::vector<Placement> solve(const PlacementPuzzle& puzzle, std::size_t limit);
// Drops every constraint that the others make superfluous, looking at the last one first, so that
// what is left has the same only solution and no constraint can go.
// REQUIRES: well_formed, with exactly one solution.
void minimize(PlacementPuzzle& puzzle);

}  // namespace assay::puzzle
