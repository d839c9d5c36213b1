// Draws clues for a placement puzzle: true of a hidden placement, enough to leave it the only one,
// and none to spare.
#pragma once

#include <span>

#include "harness/base/rng.h"
#include "harness/puzzle/placement.h"

namespace assay::procedural {

struct ClueStyle {
  std::size_t groups = 1;
  std::size_t places = 0;
  // Kinds to draw from; one that is listed twice comes up twice as often.
  std::span<const puzzle::Constraint::Kind> kinds;
};

struct ClueSet {
  puzzle::PlacementPuzzle puzzle;  // minimal: without any one constraint it has other solutions
  puzzle::Placement solution;
};

ClueSet draw_clues(Rng& rng, const ClueStyle& style);

}  // namespace assay::procedural
