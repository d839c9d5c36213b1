// Knights and knaves, placements, brackets and moves: what the puzzles' parts mean.
#include "harness/base/rng.h"
#include "harness/puzzle/brackets.h"
#include "harness/puzzle/knights.h"
#include "harness/puzzle/placement.h"
#include "harness/puzzle/tracking.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <numeric>

using namespace assay;
using namespace assay::puzzle;

TEST_CASE("claims mean what they say") {
  using Kind = Claim::Kind;
  struct Row {
    Claim claim;
    std::vector<Roles> true_in;  // of the assignments of three persons; bit 0 is person 0
  };
  const RoleAtom a{0, true};
  const RoleAtom not_b{1, false};
  const std::vector<Row> rows = {
      {{Kind::all_of, {a}, 0}, {1, 3, 5, 7}},
      {{Kind::all_of, {a, not_b}, 0}, {1, 5}},
      {{Kind::any_of, {a, not_b}, 0}, {0, 1, 3, 4, 5, 7}},
      {{Kind::exactly_one, {a, not_b}, 0}, {0, 3, 4, 7}},
      {{Kind::implies, {a, not_b}, 0}, {0, 1, 2, 4, 5, 6}},
      {{Kind::same, {a, not_b}, 0}, {0, 3, 4, 7}},
      {{Kind::differ, {a, not_b}, 0}, {1, 2, 5, 6}},
      {{Kind::count, {}, 2}, {3, 5, 6}},
      {{Kind::at_least, {}, 2}, {3, 5, 6, 7}},
  };
  for (const Row& row : rows) {
    std::vector<Roles> found;
    for (Roles roles = 0; roles < 8; ++roles) {
      if (holds(row.claim, roles, 3)) found.push_back(roles);
    }
    CAPTURE(static_cast<int>(row.claim.kind));
    CHECK(found == row.true_in);
  }
}

TEST_CASE("an island's solutions are those where knights tell the truth and knaves lie") {
  // A: "B is a knave". B: "we are of the same kind".
  KnightsPuzzle puzzle{2,
                       {{0, {Claim::Kind::all_of, {{1, false}}, 0}},
                        {1, {Claim::Kind::same, {{0, true}, {1, true}}, 0}}}};
  CHECK(well_formed(puzzle));
  CHECK(solutions(puzzle) == std::vector<Roles>{1});
  // A: "I am a knave" nobody can say.
  CHECK(solutions({1, {{0, {Claim::Kind::all_of, {{0, false}}, 0}}}}).empty());
  CHECK_FALSE(well_formed(KnightsPuzzle{0, {}}));
  CHECK_FALSE(well_formed(KnightsPuzzle{17, {}}));
  CHECK_FALSE(well_formed(KnightsPuzzle{2, {{2, {Claim::Kind::count, {}, 1}}}}));
  CHECK_FALSE(well_formed(KnightsPuzzle{2, {{0, {Claim::Kind::same, {{0, true}}, 0}}}}));
  CHECK_FALSE(well_formed(KnightsPuzzle{2, {{0, {Claim::Kind::any_of, {}, 0}}}}));
  CHECK_FALSE(well_formed(KnightsPuzzle{2, {{0, {Claim::Kind::all_of, {{5, true}}, 0}}}}));
}

TEST_CASE("the solver finds exactly the permutations that satisfy random constraints") {
  Rng rng(5);
  for (int round = 0; round < 300; ++round) {
    PlacementPuzzle puzzle;
    puzzle.groups = static_cast<std::size_t>(rng.uniform(1, 2));
    puzzle.places = static_cast<std::size_t>(rng.uniform(2, 4));
    const auto items = static_cast<std::int64_t>(puzzle.items());
    const std::int64_t count = rng.uniform(0, 5);
    for (std::int64_t i = 0; i < count; ++i) {
      Constraint c;
      c.kind = static_cast<Constraint::Kind>(rng.uniform(0, 8));
      c.a = static_cast<ItemId>(rng.uniform(0, items - 1));
      c.b = static_cast<ItemId>((c.a + rng.uniform(1, items - 1)) % items);
      c.k = static_cast<std::uint8_t>(rng.uniform(0, static_cast<std::int64_t>(puzzle.places) - 1));
      puzzle.constraints.push_back(c);
    }
    REQUIRE(well_formed(puzzle));
    std::vector<std::vector<std::uint8_t>> permutations;
    std::vector<std::uint8_t> order(puzzle.places);
    std::iota(order.begin(), order.end(), std::uint8_t{0});
    do permutations.push_back(order);
    while (std::next_permutation(order.begin(), order.end()));
    std::vector<Placement> expected;
    for (const auto& first : permutations) {
      for (const auto& second : puzzle.groups == 2 ? permutations : std::vector<std::vector<std::uint8_t>>{{}}) {
        Placement p = first;
        p.insert(p.end(), second.begin(), second.end());
        const auto& all = puzzle.constraints;
        if (std::all_of(all.begin(), all.end(), [&](const auto& c) { return holds(c, p); })) expected.push_back(p);
      }
    }
    auto found = solve(puzzle, 100000);
    std::sort(found.begin(), found.end());
    std::sort(expected.begin(), expected.end());
    REQUIRE(found == expected);
    CHECK(solve(puzzle, 1).size() == std::min<std::size_t>(expected.size(), 1));
    if (expected.size() != 1) continue;
    minimize(puzzle);
    CHECK(solve(puzzle, 2) == expected);
    for (std::size_t i = 0; i < puzzle.constraints.size(); ++i) {
      PlacementPuzzle fewer = puzzle;
      fewer.constraints.erase(fewer.constraints.begin() + static_cast<std::ptrdiff_t>(i));
      CHECK(solve(fewer, 2).size() == 2);
    }
  }
}

TEST_CASE("placement puzzles out of bounds are not well formed") {
  using Kind = Constraint::Kind;
  CHECK_FALSE(well_formed(PlacementPuzzle{0, 3, {}}));
  CHECK_FALSE(well_formed(PlacementPuzzle{9, 3, {}}));
  CHECK_FALSE(well_formed(PlacementPuzzle{1, 9, {}}));
  CHECK_FALSE(well_formed(PlacementPuzzle{1, 3, {{Kind::at, 3, 0, 0}}}));
  CHECK_FALSE(well_formed(PlacementPuzzle{1, 3, {{Kind::at, 0, 0, 3}}}));
  CHECK_FALSE(well_formed(PlacementPuzzle{1, 3, {{Kind::before, 1, 1, 0}}}));
  CHECK(well_formed(PlacementPuzzle{8, 8, {{Kind::before, 63, 0, 7}}}));
}

TEST_CASE("a bracket stack takes only what fits") {
  struct Row {
    const char* text;
    int stops_at;  // -1: it does not
    const char* open;
    const char* closing;
  };
  const Row row = GENERATE(values<Row>({
      {"", -1, "", ""},
      {"( [ { <", -1, "([{<", ">}])"},
      {"([]{})", -1, "", ""},
      {"(]", 1, "(", ")"},
      {")", 0, "", ""},
      {"( [ ] > )", 6, "(", ")"},
      {"(a)", 1, "(", ")"},
  }));
  BracketStack stack;
  const auto stopped = stack.feed_all(row.text);
  CHECK((stopped ? static_cast<int>(*stopped) : -1) == row.stops_at);
  CHECK(stack.open() == row.open);
  CHECK(stack.closing() == row.closing);
  CHECK(stack.balanced() == std::string(row.open).empty());
}

TEST_CASE("objects change hands by swaps and rings") {
  using Kind = Move::Kind;
  CHECK(after({10, 11, 12, 13}, std::vector<Move>{{Kind::swap, {0, 2}}}) == Holdings{12, 11, 10, 13});
  // 0 gives to 1, 1 to 3, 3 to 0.
  CHECK(after({10, 11, 12, 13}, std::vector<Move>{{Kind::rotate, {0, 1, 3}}}) == Holdings{13, 10, 12, 11});
  CHECK(well_formed(Move{Kind::swap, {0, 1}}, 2));
  CHECK_FALSE(well_formed(Move{Kind::swap, {0, 2}}, 2));
  CHECK_FALSE(well_formed(Move{Kind::swap, {0, 0}}, 2));
  CHECK_FALSE(well_formed(Move{Kind::swap, {0, 1, 2}}, 3));
  CHECK_FALSE(well_formed(Move{Kind::rotate, {0}}, 3));
}
