#include "tasks/procedural/clues.h"

#include <algorithm>
#include <optional>

#include "tasks/procedural/family.h"

namespace assay::procedural {
namespace {

using puzzle::Constraint;
using Kind = Constraint::Kind;

puzzle::Placement draw_placement(Rng& rng, const ClueStyle& style) {
  puzzle::Placement out;
  for (std::size_t g = 0; g < style.groups; ++g) {
    std::vector<std::uint8_t> places;
    for (std::size_t p = 0; p < style.places; ++p) places.push_back(static_cast<std::uint8_t>(p));
    rng.shuffle(places);
    out.insert(out.end(), places.begin(), places.end());
  }
  return out;
}

std::optional<Constraint> draw_clue(Rng& rng, const ClueStyle& style, const puzzle::Placement& truth) {
  const auto items = static_cast<std::int64_t>(truth.size());
  const auto places = static_cast<std::int64_t>(style.places);
  Constraint c;
  c.kind = rng.pick(style.kinds);
  c.a = static_cast<std::uint8_t>(rng.uniform(0, items - 1));
  if (c.kind == Kind::at || c.kind == Kind::not_at) {
    c.k = static_cast<std::uint8_t>(rng.uniform(0, places - 1));
    if (c.kind == Kind::at) c.k = truth[c.a];
  } else {
    c.b = static_cast<std::uint8_t>(rng.uniform(0, items - 1));
    if (c.kind == Kind::gap) c.k = static_cast<std::uint8_t>(rng.uniform(1, std::max<std::int64_t>(places - 2, 1)));
  }
  const bool paired = c.kind == Kind::together || c.kind == Kind::apart;
  if (paired && c.a / style.places == c.b / style.places) return std::nullopt;
  // In one order only, so that a clue and its mirror image are one clue, and cards are read as told.
  const bool symmetric = paired || c.kind == Kind::beside || c.kind == Kind::not_beside || c.kind == Kind::gap;
  if (symmetric && c.b < c.a) std::swap(c.a, c.b);
  if (c.kind != Kind::at && c.kind != Kind::not_at && c.a == c.b) return std::nullopt;
  if (!puzzle::holds(c, truth)) return std::nullopt;
  return c;
}

}  // namespace

ClueSet draw_clues(Rng& rng, const ClueStyle& style) {
  ClueSet out;
  out.puzzle.groups = style.groups;
  out.puzzle.places = style.places;
  out.solution = draw_placement(rng, style);
  auto& clues = out.puzzle.constraints;
  // Looked at after every few clues: a look costs more than a clue that turns out to spare.
  const std::size_t step = std::max<std::size_t>(out.puzzle.items() / 3, 1);
  for (std::size_t next_look = out.puzzle.items();; next_look += step) {
    while (clues.size() < next_look) {
      const Constraint clue = redraw([&] { return draw_clue(rng, style, out.solution); });
      if (std::find(clues.begin(), clues.end(), clue) == clues.end()) clues.push_back(clue);
    }
    if (puzzle::solve(out.puzzle, 2).size() == 1) break;
  }
  puzzle::minimize(out.puzzle);
  return out;
}

}  // namespace assay::procedural
