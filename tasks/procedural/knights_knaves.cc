// logic/knights-knaves: who always tells the truth and who always lies; one statement a person, and
// exactly one assignment of roles fits them all.
//
// level  people  claims
//   1       2    one role; same or different
//   2       3    + two roles joined by "and"
//   3       4    + "or", "exactly one of"
//   4       5    + "if ... then", how many knights
//   5       7    all of these, none about one role alone
#include "harness/base/format.h"
#include "harness/puzzle/knights.h"
#include "tasks/procedural/family.h"
#include "tasks/procedural/words.h"

namespace assay::procedural {
namespace {

using puzzle::Claim;
using puzzle::RoleAtom;

struct Level {
  std::size_t people;
  std::size_t first_kind, kinds;  // a range of kMenu
};
struct Choice {
  Claim::Kind kind;
  std::size_t atoms;
};
constexpr Choice kMenu[] = {
    {Claim::Kind::all_of, 1},      {Claim::Kind::same, 2},    {Claim::Kind::differ, 2}, {Claim::Kind::all_of, 2},
    {Claim::Kind::any_of, 2},      {Claim::Kind::exactly_one, 2}, {Claim::Kind::implies, 2},
    {Claim::Kind::count, 0},       {Claim::Kind::at_least, 0},
};
constexpr Level kLevels[] = {{2, 0, 3}, {3, 0, 4}, {4, 0, 6}, {5, 0, 9}, {7, 1, 9}};

Claim draw_claim(Rng& rng, const Level& l, std::size_t speaker) {
  const auto first = static_cast<std::int64_t>(l.first_kind);
  const Choice& choice = kMenu[rng.uniform(first, static_cast<std::int64_t>(l.kinds) - 1)];
  Claim claim;
  claim.kind = choice.kind;
  std::vector<std::uint8_t> people;
  for (std::size_t p = 0; p < l.people; ++p) {
    // "I am a knight" says nothing, and "I am a knave" nobody can say.
    if (choice.atoms > 1 || p != speaker) people.push_back(static_cast<std::uint8_t>(p));
  }
  rng.shuffle(people);
  for (std::size_t i = 0; i < choice.atoms; ++i) {
    const bool knight = rng.uniform(0, 1) == 1;
    claim.atoms.push_back({people[i], knight});
  }
  if (choice.atoms == 0) {
    claim.number = static_cast<std::uint8_t>(rng.uniform(1, static_cast<std::int64_t>(l.people) - 1));
  }
  return claim;
}

puzzle::KnightsPuzzle draw_puzzle(Rng& rng, const Level& l) {
  puzzle::KnightsPuzzle out;
  out.persons = l.people;
  const auto roles = static_cast<puzzle::Roles>(rng.uniform(0, (std::int64_t{1} << l.people) - 1));
  for (std::size_t p = 0; p < l.people; ++p) {
    out.statements.push_back(redraw([&]() -> std::optional<puzzle::Statement> {
      puzzle::Statement statement{static_cast<std::uint8_t>(p), draw_claim(rng, l, p)};
      if (!puzzle::consistent(statement, roles, l.people)) return std::nullopt;
      return statement;
    }));
  }
  return out;
}

std::string told(const RoleAtom& atom, std::size_t speaker, const std::vector<std::string>& names) {
  const std::string_view role = atom.knight ? "knight" : "knave";
  return atom.person == speaker ? format("I am a {}", role) : format("{} is a {}", names[atom.person], role);
}

std::string told(const Claim& claim, std::size_t speaker, const std::vector<std::string>& names) {
  const auto atom = [&](std::size_t i) { return told(claim.atoms[i], speaker, names); };
  const auto pair = [&] {
    std::vector<std::string> people;
    for (const RoleAtom& a : claim.atoms) {
      if (a.person != speaker) people.push_back(names[a.person]);
    }
    if (people.size() < claim.atoms.size()) people.push_back("I");
    return enumerate_words(people);
  };
  switch (claim.kind) {
    case Claim::Kind::all_of: return claim.atoms.size() == 1 ? atom(0) : format("{} and {}", atom(0), atom(1));
    case Claim::Kind::any_of: return format("{} or {}, or both", atom(0), atom(1));
    case Claim::Kind::exactly_one: return format("Exactly one of these is true: {}; {}", atom(0), atom(1));
    case Claim::Kind::implies: return format("If {}, then {}", atom(0), atom(1));
    case Claim::Kind::same: return format("{} are of the same kind", pair());
    case Claim::Kind::differ: return format("{} are of different kinds", pair());
    case Claim::Kind::count:
    case Claim::Kind::at_least:
      return format("{} {} of us {}", claim.kind == Claim::Kind::count ? "Exactly" : "At least", claim.number,
                    claim.number == 1 ? "is a knight" : "are knights");
  }
  return {};
}

// The spellings of one answer: names with their roles, or the roles alone, in the order asked for.
std::vector<std::string> spellings(puzzle::Roles roles, const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const std::string_view joint : {": ", " is a "}) {
    std::vector<std::string> parts;
    for (std::size_t p = 0; p < names.size(); ++p) {
      parts.push_back(format("{}{}{}", names[p], joint, puzzle::is_knight(roles, p) ? "knight" : "knave"));
    }
    out.push_back(join_words(parts, ", "));
  }
  std::vector<std::string> alone;
  for (std::size_t p = 0; p < names.size(); ++p) alone.push_back(puzzle::is_knight(roles, p) ? "knight" : "knave");
  out.push_back(join_words(alone, ", "));
  return out;
}

Item make(Rng& rng, int level) {
  const Level& l = kLevels[level_index(level)];
  const auto names = draw_words(rng, kNames, l.people);
  puzzle::Roles roles = 0;
  const auto drawn = redraw([&]() -> std::optional<puzzle::KnightsPuzzle> {
    auto candidate = draw_puzzle(rng, l);
    const auto found = puzzle::solutions(candidate);
    if (found.size() != 1) return std::nullopt;
    roles = found.front();
    return candidate;
  });
  Item item;
  item.question = format(
      "Everyone here is either a knight, who says only what is true, or a knave, who says only what is "
      "false. You meet {}.\n\n",
      enumerate_words(names));
  for (const auto& s : drawn.statements) {
    item.question += format("{} says: \"{}.\"\n", names[s.speaker], told(s.claim, s.speaker, names));
  }
  item.question += "\nWho is what?";
  if (level >= 4) item.question += " (\"If P, then Q\" is false only when P is true and Q is false.)";
  std::vector<std::string> blanks;
  for (const std::string& name : names) blanks.push_back(name + ": <role>");
  item.question += format(" Give everyone's role, in the form \"{}\".", join_words(blanks, ", "));
  item.targets = spellings(roles, names);
  item.metadata["names"] = names;
  return item;
}

}  // namespace

const Family& knights_knaves() {
  static const Family family{.id = "logic/knights-knaves",
                             .version = 1,
                             .summary = "Who tells the truth and who lies; one solution",
                             .scorers = {{"exact", Json{{"ignore_case", true},
                                                        {"strip_punctuation", true},
                                                        {"space", "ignore"}}}},
                             .ending = "End with a line of the form \"Answer: <name>: <role>, ...\".",
                             .make = make};
  return family;
}

}  // namespace assay::procedural
