// logic/ordering: people stand in a line; clues leave exactly one order, and none is to spare.
//
// level  people  clues
//   1       4    ahead of, directly ahead of, position
//   2       5    + next to
//   3       6    + not next to, not at a position
//   4       7    + so many people between; positions only denied
//   5       8    the same, without "directly ahead of"
#include "harness/base/format.h"
#include "tasks/procedural/clues.h"
#include "tasks/procedural/family.h"
#include "tasks/procedural/words.h"

namespace assay::procedural {
namespace {

using Kind = puzzle::Constraint::Kind;

constexpr Kind kKinds1[] = {Kind::before, Kind::before, Kind::directly_before, Kind::at};
constexpr Kind kKinds2[] = {Kind::before, Kind::before, Kind::directly_before, Kind::at, Kind::beside};
constexpr Kind kKinds3[] = {Kind::before, Kind::before,     Kind::directly_before, Kind::at,
                            Kind::beside, Kind::not_beside, Kind::not_at};
constexpr Kind kKinds4[] = {Kind::before, Kind::before, Kind::directly_before, Kind::beside,
                            Kind::not_beside, Kind::not_at, Kind::gap};
constexpr Kind kKinds5[] = {Kind::before, Kind::before, Kind::beside, Kind::not_beside, Kind::not_at, Kind::gap};

struct Level {
  std::size_t people;
  std::span<const Kind> kinds;
};
constexpr Level kLevels[] = {{4, kKinds1}, {5, kKinds2}, {6, kKinds3}, {7, kKinds4}, {8, kKinds5}};
constexpr std::array<std::string_view, 8> kOrdinals = {"first", "second", "third",   "fourth",
                                                       "fifth", "sixth",  "seventh", "eighth"};

std::string told(const puzzle::Constraint& c, const std::vector<std::string>& names) {
  const std::string& a = names[c.a];
  const std::string& b = names[c.b];
  switch (c.kind) {
    case Kind::at: return format("{} is {} in the line.", a, kOrdinals[c.k]);
    case Kind::not_at: return format("{} is not {} in the line.", a, kOrdinals[c.k]);
    case Kind::before: return format("{} stands somewhere ahead of {}.", a, b);
    case Kind::directly_before: return format("{} stands directly ahead of {}.", a, b);
    case Kind::beside: return format("{} and {} stand next to each other.", a, b);
    case Kind::not_beside: return format("{} and {} do not stand next to each other.", a, b);
    case Kind::gap:
      return format("Exactly {} {} between {} and {}.", c.k, c.k == 1 ? "person stands" : "people stand", a, b);
    default: return {};
  }
}

Item make(Rng& rng, int level) {
  const Level& l = kLevels[level_index(level)];
  const auto names = draw_words(rng, kNames, l.people);
  const ClueSet set = draw_clues(rng, {1, l.people, l.kinds});
  std::vector<std::string> order(l.people);
  for (std::size_t i = 0; i < l.people; ++i) order[set.solution[i]] = names[i];
  Item item;
  item.question = format("{} people stand in a line: {}.\n\n", l.people, enumerate_words(names));
  for (const auto& clue : set.puzzle.constraints) item.question += told(clue, names) + "\n";
  item.question += "\nIn which order do they stand? List all names from the front of the line to its end, "
                   "separated by commas.";
  item.targets = {join_words(order, ", ")};
  item.metadata["names"] = names;
  return item;
}

}  // namespace

const Family& ordering() {
  static const Family family{.id = "logic/ordering",
                             .version = 1,
                             .summary = "The one order of people in a line that fits the clues",
                             .scorers = {{"exact", Json{{"ignore_case", true},
                                                        {"strip_punctuation", true},
                                                        {"space", "ignore"}}}},
                             .ending = "End with a line of the form \"Answer: <name>, <name>, ...\".",
                             .make = make};
  return family;
}

}  // namespace assay::procedural
