// logic/zebra: people in a row of houses, each with a drink, a pet, ...; clues leave exactly one
// grid, and none is to spare. One word is asked.
//
// level  houses  attributes beside the name  clues
//   1      3               1                 house number, is, left of, next to
//   2      3               2                 the same
//   3      4               2                 + is not, directly left of
//   4      4               3                 + not next to, one house between
//   5      5               4                 the same, no house number
#include <algorithm>
#include <utility>

#include "harness/base/format.h"
#include "tasks/procedural/clues.h"
#include "tasks/procedural/family.h"
#include "tasks/procedural/words.h"

namespace assay::procedural {
namespace {

using Kind = puzzle::Constraint::Kind;

constexpr Kind kKinds1[] = {Kind::at, Kind::together, Kind::together, Kind::together, Kind::before, Kind::beside};
constexpr Kind kKinds3[] = {Kind::at,     Kind::together, Kind::together,       Kind::together, Kind::before,
                            Kind::beside, Kind::apart,    Kind::directly_before};
constexpr Kind kKinds4[] = {Kind::at,     Kind::together, Kind::together,        Kind::together,   Kind::before,
                            Kind::beside, Kind::apart,    Kind::directly_before, Kind::not_beside, Kind::gap};
constexpr Kind kKinds5[] = {Kind::together, Kind::together, Kind::together,        Kind::together,   Kind::before,
                            Kind::beside,   Kind::apart,    Kind::directly_before, Kind::not_beside, Kind::gap};

struct Level {
  std::size_t houses, attributes;
  std::span<const Kind> kinds;
};
constexpr Level kLevels[] = {{3, 1, kKinds1}, {3, 2, kKinds1}, {4, 2, kKinds3}, {4, 3, kKinds4}, {5, 4, kKinds5}};

struct Attribute {
  std::string_view noun;      // "What is Ada's {noun}?"
  std::string_view relative;  // "the person {relative} tea"
  std::array<std::string_view, 8> values;
};
constexpr std::array<Attribute, 6> kAttributes = {{
    {"drink", "who drinks", {"tea", "coffee", "milk", "water", "juice", "cocoa", "lemonade", "cider"}},
    {"pet", "who keeps the", {"cat", "dog", "fish", "horse", "parrot", "rabbit", "snake", "turtle"}},
    {"house colour", "whose house is", {"red", "green", "blue", "white", "yellow", "black", "purple", "orange"}},
    {"job", "whose job is", {"baker", "doctor", "farmer", "lawyer", "nurse", "painter", "pilot", "teacher"}},
    {"game", "who plays", {"chess", "darts", "golf", "hockey", "poker", "rugby", "squash", "tennis"}},
    {"instrument", "who owns the", {"banjo", "cello", "drum", "flute", "guitar", "harp", "piano", "violin"}},
}};

struct Grid {
  std::size_t houses = 0;
  std::vector<Attribute> attributes;  // of groups 1, 2, ...; group 0 is the names
  std::vector<std::vector<std::string>> words;  // by group, then thing

  const std::string& word(std::size_t item) const { return words[item / houses][item % houses]; }
  std::string person(std::size_t item) const {
    if (item < houses) return word(item);
    return format("the person {} {}", attributes[item / houses - 1].relative, word(item));
  }
};

std::string told(const puzzle::Constraint& c, const Grid& grid) {
  const std::string a = capitalized(grid.person(c.a));
  const std::string b = grid.person(c.b);
  switch (c.kind) {
    case Kind::at: return format("{} lives in house {}.", a, c.k + 1);
    case Kind::not_at: return format("{} does not live in house {}.", a, c.k + 1);
    case Kind::together: return format("{} is {}.", a, b);
    case Kind::apart: return format("{} is not {}.", a, b);
    case Kind::before: return format("{} lives somewhere to the left of {}.", a, b);
    case Kind::directly_before: return format("{} lives directly to the left of {}.", a, b);
    case Kind::beside: return format("{} lives next to {}.", a, b);
    case Kind::not_beside: return format("{} does not live next to {}.", a, b);
    case Kind::gap:
      return format("Exactly {} {} between {} and {}.", c.k, c.k == 1 ? "house stands" : "houses stand",
                    grid.person(c.a), b);
  }
  return {};
}

Grid draw_grid(Rng& rng, const Level& l) {
  Grid grid;
  grid.houses = l.houses;
  grid.words.push_back(draw_words(rng, kNames, l.houses));
  std::vector<Attribute> all(kAttributes.begin(), kAttributes.end());
  rng.shuffle(all);
  all.resize(l.attributes);
  for (const Attribute& attribute : all) grid.words.push_back(draw_words(rng, attribute.values, l.houses));
  grid.attributes = std::move(all);
  return grid;
}

// A name and a thing of the same house that no clue joins outright; any pair when there is none.
std::pair<std::size_t, std::size_t> draw_asked(Rng& rng, const ClueSet& set, std::size_t houses) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  std::vector<std::pair<std::size_t, std::size_t>> derived;
  for (std::size_t name = 0; name < houses; ++name) {
    for (std::size_t item = houses; item < set.solution.size(); ++item) {
      if (set.solution[name] != set.solution[item]) continue;
      pairs.emplace_back(name, item);
      bool told_outright = false;
      for (const auto& c : set.puzzle.constraints) {
        told_outright = told_outright || (c.kind == Kind::together && c.a == name && c.b == item);
      }
      if (!told_outright) derived.emplace_back(name, item);
    }
  }
  return rng.pick(derived.empty() ? pairs : derived);
}

// Lists a group's words in alphabetical order, which says nothing about the solution.
std::string listed(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  return enumerate_words(words);
}

Item make(Rng& rng, int level) {
  const Level& l = kLevels[level_index(level)];
  const Grid grid = draw_grid(rng, l);
  const ClueSet set = draw_clues(rng, {l.attributes + 1, l.houses, l.kinds});
  const auto [name, thing] = draw_asked(rng, set, l.houses);
  Item item;
  item.question = format(
      "{} houses stand in a row, numbered 1 to {} from left to right. In each lives one person: {}.", l.houses,
      l.houses, listed(grid.words[0]));
  for (std::size_t g = 0; g < grid.attributes.size(); ++g) {
    item.question += format(" Each has a different {}: {}.", grid.attributes[g].noun, listed(grid.words[g + 1]));
  }
  item.question += "\n\n";
  for (std::size_t i = 0; i < set.puzzle.constraints.size(); ++i) {
    item.question += format("{}. {}\n", i + 1, told(set.puzzle.constraints[i], grid));
  }
  const bool asks_name = rng.uniform(0, 1) == 1;
  const Attribute& attribute = grid.attributes[thing / l.houses - 1];
  if (asks_name) {
    item.question += format("\nWho is {}? Answer with the name.", grid.person(thing));
    item.targets = {grid.word(name)};
  } else {
    item.question += format("\nWhat is {}'s {}? Answer with one word.", grid.word(name), attribute.noun);
    item.targets = {grid.word(thing), "the " + grid.word(thing)};
  }
  item.metadata["names"] = grid.words[0];
  return item;
}

}  // namespace

const Family& zebra() {
  static const Family family{.id = "logic/zebra",
                             .version = 1,
                             .summary = "A grid of houses and their owners from minimal clues",
                             .scorers = {{"exact", Json{{"ignore_case", true}, {"strip_punctuation", true}}}},
                             .ending = "End with a line of the form \"Answer: <word>\".",
                             .make = make};
  return family;
}

}  // namespace assay::procedural
