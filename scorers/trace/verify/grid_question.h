// A zebra puzzle as it is told: houses in a row, groups of words of which each house takes one, clues.
//
// Threads: pure functions. Bounds: those of puzzle::PlacementPuzzle.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "harness/puzzle/placement.h"
#include "scorers/trace/verify/text.h"

namespace assay::verify {

struct GridQuestion {
  puzzle::PlacementPuzzle puzzle;
  std::map<std::string, std::size_t, std::less<>> items;  // lower-case word -> item
};

std::optional<GridQuestion> read_grid_question(std::string_view prompt);

// The item that token i names, also in the plural or as an owner ("Ada's").
std::optional<std::size_t> item_at(const GridQuestion& q, const Tokens& t, std::size_t i);
// "house 3", "the third house", "house number three": the number from 1, and the token after it.
struct HouseAt {
  int house = 0;
  std::size_t end = 0;
};
std::optional<HouseAt> house_at(const Tokens& t, std::size_t i);
// A relation between items in tokens [begin, end): the constraint with its two items not set, and negation.
struct GridRelation {
  puzzle::Constraint::Kind kind = puzzle::Constraint::Kind::before;
  bool turned = false;  // the second item comes first
  std::uint8_t k = 0;
};
std::optional<GridRelation> grid_relation(const Tokens& t, std::size_t begin, std::size_t end);
bool negated_in(const Tokens& t, std::size_t begin, std::size_t end);

}  // namespace assay::verify
