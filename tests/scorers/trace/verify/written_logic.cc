// Orders, knights and knaves, and zebra grids, written out.
#include <algorithm>

#include "harness/base/format.h"
#include "harness/puzzle/knights.h"
#include "harness/puzzle/placement.h"
#include "tests/scorers/trace/verify/written_trace.h"

namespace assay::test {
namespace {

using puzzle::Constraint;
using Kind = Constraint::Kind;
const std::vector<std::string> kPlaces = {"first", "second", "third", "fourth", "fifth", "sixth", "seventh"};

puzzle::Placement shuffled_places(Rng& rng, std::size_t groups, std::size_t places) {
  puzzle::Placement out;
  for (std::size_t g = 0; g < groups; ++g) {
    std::vector<std::uint8_t> row(places);
    for (std::size_t p = 0; p < places; ++p) row[p] = static_cast<std::uint8_t>(p);
    rng.shuffle(row);
    out.insert(out.end(), row.begin(), row.end());
  }
  return out;
}

// Clues that the solution satisfies, until it is the only one.
puzzle::PlacementPuzzle clues_for(Rng& rng, const puzzle::Placement& truth, std::size_t groups,
                                  std::size_t places, std::vector<Kind> kinds) {
  puzzle::PlacementPuzzle out{groups, places, {}};
  const auto top = static_cast<std::int64_t>(truth.size()) - 1;
  while (puzzle::solve(out, 2).size() != 1) {
    Constraint c;
    c.kind = rng.pick(kinds);
    c.a = static_cast<std::uint8_t>(rng.uniform(0, top));
    c.b = static_cast<std::uint8_t>(rng.uniform(0, top));
    const bool alone = c.kind == Kind::at || c.kind == Kind::not_at;
    if (c.a == c.b) continue;
    if (c.kind == Kind::together && c.a / places == c.b / places) continue;
    c.k = c.kind == Kind::at ? truth[c.a]
                             : static_cast<std::uint8_t>(rng.uniform(
                                   c.kind == Kind::gap ? 1 : 0,
                                   static_cast<std::int64_t>(places) - (c.kind == Kind::gap ? 2 : 1)));
    if (alone) c.b = 0;
    if (puzzle::holds(c, truth)) out.constraints.push_back(c);
  }
  return out;
}

std::size_t other_than(Rng& rng, std::size_t n, std::size_t not_this) {
  std::size_t out = not_this;
  while (out == not_this) out = static_cast<std::size_t>(rng.uniform(0, static_cast<std::int64_t>(n) - 1));
  return out;
}

std::string told(const Constraint& c, const std::vector<std::string>& names) {
  const std::string& a = names[c.a];
  const std::string& b = names[c.b];
  switch (c.kind) {
    case Kind::at:
      return format("{} is {} in the line.", a, kPlaces[c.k]);
    case Kind::not_at:
      return format("{} is not {} in the line.", a, kPlaces[c.k]);
    case Kind::before:
      return format("{} stands somewhere ahead of {}.", a, b);
    case Kind::directly_before:
      return format("{} stands directly ahead of {}.", a, b);
    case Kind::beside:
      return format("{} and {} stand next to each other.", a, b);
    case Kind::not_beside:
      return format("{} and {} do not stand next to each other.", a, b);
    default:
      return format("Exactly {} {} between {} and {}.", c.k, c.k == 1 ? "person stands" : "people stand", a,
                    b);
  }
}

}  // namespace

WrittenTrace write_ordering(Rng& rng, bool plant) {
  const auto n = static_cast<std::size_t>(rng.uniform(3, 7));
  const auto names = some_names(rng, n);
  const auto truth = shuffled_places(rng, 1, n);
  const auto puzzle = clues_for(rng, truth, 1, n,
                                {Kind::at, Kind::not_at, Kind::before, Kind::directly_before, Kind::beside,
                                 Kind::not_beside, Kind::gap});
  WrittenTrace out;
  out.prompt = format("{} people stand in a line: {}.\n\n", n, joined(names, ", "));
  for (const Constraint& c : puzzle.constraints) out.prompt += told(c, names) + "\n";
  out.prompt +=
      "\nIn which order do they stand? List all names from the front of the line to its end, separated by "
      "commas.";
  const auto steps = static_cast<std::size_t>(rng.uniform(3, 9));
  const auto bad = static_cast<std::size_t>(rng.uniform(0, static_cast<std::int64_t>(steps)));
  for (std::size_t i = 0; i < steps; ++i) {
    const bool spoil = plant && i == bad;
    const auto who = static_cast<std::size_t>(rng.uniform(0, static_cast<std::int64_t>(n) - 1));
    const std::size_t with = other_than(rng, n, who);
    if (spoil) out.planted = static_cast<std::uint32_t>(out.steps.size());
    const auto kind = rng.uniform(0, 3);
    if (kind == 0) {
      const std::size_t place = spoil ? other_than(rng, n, truth[who]) : truth[who];
      out.steps.push_back(phrase(rng,
                                 {"So {0} is {1}.", "This means that {0} must be {1} in the line.",
                                  "That puts {0} in position {2}, so {0} is {1}.",
                                  "Hence the {1} person is {0}.", "{0} has to stand {1}, so {0} stands {1}."},
                                 {names[who], kPlaces[place], format("{}", place + 1)}));
    } else if (kind == 1) {
      const std::size_t place = spoil ? truth[who] : other_than(rng, n, truth[who]);
      out.steps.push_back(phrase(
          rng, {"{0} cannot be {1}.", "By the clues {0} isn't {1}.", "So {0} can't be {1}, and I go on."},
          {names[who], kPlaces[place]}));
    } else if (kind == 2) {
      const bool first = (truth[who] < truth[with]) != spoil;
      out.steps.push_back(phrase(rng,
                                 {"{0} stands ahead of {1}.", "Therefore {0} is somewhere ahead of {1}.",
                                  "{1} stands behind {0}.", "So {0} comes before {1}."},
                                 {names[first ? who : with], names[first ? with : who]}));
    } else {
      const auto fits = std::find_if(
          puzzle.constraints.begin(), puzzle.constraints.end(),
          [](const Constraint& c) { return c.kind == Kind::directly_before || c.kind == Kind::before; });
      if (fits == puzzle.constraints.end() || spoil) {
        const std::size_t place = spoil ? other_than(rng, n, truth[who]) : truth[who];
        out.steps.push_back(format("From this, {} is {} in the line.", names[who], kPlaces[place]));
      } else {
        out.steps.push_back(format("Clue: {}", told(*fits, names)));
      }
    }
    if (rng.chance(0.2))
      out.steps.push_back(phrase(rng,
                                 {"Let me look at the next clue.", "Could {0} be {1}? Not sure yet.",
                                  "If {0} were {1}, there would be trouble."},
                                 {names[who], kPlaces[other_than(rng, n, truth[who])]}));
  }
  std::vector<std::string> order(n);
  for (std::size_t t = 0; t < n; ++t) order[truth[t]] = names[t];
  if (plant && !out.planted) {
    std::swap(order[0], order[1]);
    out.planted = static_cast<std::uint32_t>(out.steps.size());
  }
  out.steps.push_back(format("Answer: {}", joined(order, ", ")));
  return out;
}

WrittenTrace write_knights(Rng& rng, bool plant) {
  const auto n = static_cast<std::size_t>(rng.uniform(3, 5));
  const auto names = some_names(rng, n);
  puzzle::KnightsPuzzle drawn;
  std::vector<puzzle::Roles> found;
  while (found.size() != 1) {
    drawn = {n, {}};
    for (std::size_t s = 0; s < n; ++s) {
      puzzle::Claim claim;
      const std::size_t about = other_than(rng, n, s);
      const std::size_t second = other_than(rng, n, about);
      claim.atoms = {{static_cast<std::uint8_t>(about), rng.chance(0.5)}};
      const auto kind = rng.uniform(0, 4);
      if (kind == 1 || kind == 2) claim.atoms.push_back({static_cast<std::uint8_t>(second), rng.chance(0.5)});
      if (kind == 2) claim.kind = puzzle::Claim::Kind::any_of;
      if (kind >= 3) {
        claim.kind = kind == 3 ? puzzle::Claim::Kind::same : puzzle::Claim::Kind::differ;
        claim.atoms.push_back({static_cast<std::uint8_t>(s), true});
      }
      drawn.statements.push_back({static_cast<std::uint8_t>(s), claim});
    }
    found = puzzle::solutions(drawn);
  }
  WrittenTrace out;
  out.prompt = format(
      "Everyone here is either a knight, who says only what is true, or a knave, who says only what is "
      "false. You meet {}.\n\n",
      joined(names, ", "));
  std::vector<std::string> quotes;
  const auto role = [](bool knight) { return knight ? "knight" : "knave"; };
  for (const auto& s : drawn.statements) {
    const auto atom = [&](std::size_t i) {
      const auto& a = s.claim.atoms[i];
      return a.person == s.speaker ? format("I am a {}", role(a.knight))
                                   : format("{} is a {}", names[a.person], role(a.knight));
    };
    std::string quote = atom(0);
    if (s.claim.kind == puzzle::Claim::Kind::any_of) quote = format("{} or {}, or both", atom(0), atom(1));
    if (s.claim.kind == puzzle::Claim::Kind::all_of && s.claim.atoms.size() == 2)
      quote = format("{} and {}", atom(0), atom(1));
    if (s.claim.kind == puzzle::Claim::Kind::same)
      quote = format("{} and I are of the same kind", names[s.claim.atoms[0].person]);
    if (s.claim.kind == puzzle::Claim::Kind::differ)
      quote = format("{} and I are of different kinds", names[s.claim.atoms[0].person]);
    out.prompt += format("{} says: \"{}.\"\n", names[s.speaker], quote);
    quotes.push_back(quote);
  }
  out.prompt += "\nWho is what? Give everyone's role.";
  const auto is = [&](std::size_t who) { return puzzle::is_knight(found[0], who); };
  const auto bad = static_cast<std::size_t>(rng.uniform(0, static_cast<std::int64_t>(n)));
  for (std::size_t i = 0; i < n; ++i) {
    const bool spoil = plant && i == bad;
    const std::string& name = names[i];
    if (rng.chance(0.3)) out.steps.push_back(format("{} says: \"{}.\"", name, quotes[i]));
    if (rng.chance(0.4)) {
      out.steps.push_back(
          phrase(rng,
                 {"Suppose {0} is a {1}. Then the statement of {0} would not fit, a contradiction.",
                  "If {0} were a {1}, we would run into a contradiction.",
                  "Assume that {0} is a {1}; that leads to a contradiction."},
                 {name, role(!is(i))}));
    }
    if (spoil) out.planted = static_cast<std::uint32_t>(out.steps.size());
    const bool said = is(i) != spoil;
    std::vector<std::string> ways = {"So {0} is a {1}.",
                                     "Therefore {0} must be a {1}.",
                                     "{0} is a {1}, because nothing else fits.",
                                     "Hence {0} is not a {2}.",
                                     "- {0}: {1}",
                                     "It follows that {0} is the sort of person called a {1}."};
    ways.push_back(said ? "So {0} tells the truth." : "So {0} is lying.");
    out.steps.push_back(phrase(rng, ways, {name, role(said), role(!said)}));
  }
  std::vector<std::string> all;
  for (std::size_t i = 0; i < n; ++i)
    all.push_back(format("{}: {}", names[i], role(is(i) != (plant && !out.planted && i == 0))));
  if (plant && !out.planted) out.planted = static_cast<std::uint32_t>(out.steps.size());
  out.steps.push_back(format("Answer: {}", joined(all, ", ")));
  return out;
}

WrittenTrace write_zebra(Rng& rng, bool plant) {
  const auto places = static_cast<std::size_t>(rng.uniform(3, 5));
  const std::size_t groups = 3;
  const std::vector<std::vector<std::string>> all = {
      {}, {"tea", "coffee", "milk", "water", "juice"}, {"cat", "dog", "fish", "horse", "parrot"}};
  std::vector<std::string> words = some_names(rng, places);
  const std::vector<std::string> names = words;
  for (std::size_t g = 1; g < groups; ++g)
    words.insert(words.end(), all[g].begin(), all[g].begin() + static_cast<std::ptrdiff_t>(places));
  const auto truth = shuffled_places(rng, groups, places);
  const auto puzzle = clues_for(rng, truth, groups, places,
                                {Kind::at, Kind::not_at, Kind::together, Kind::before, Kind::directly_before,
                                 Kind::beside, Kind::not_beside});
  const auto person = [&](std::size_t item) {
    return item < places
               ? words[item]
               : format("the person who {} {}", item < 2 * places ? "drinks" : "keeps the", words[item]);
  };
  WrittenTrace out;
  const auto row = [&](std::size_t g) {
    return joined({words.begin() + static_cast<std::ptrdiff_t>(g * places),
                   words.begin() + static_cast<std::ptrdiff_t>((g + 1) * places)},
                  ", ");
  };
  out.prompt = format(
      "{} houses stand in a row, numbered 1 to {} from left to right. In each lives one person: {}. Each has "
      "a different drink: {}. Each has a different pet: {}.\n\n",
      places, places, row(0), row(1), row(2));
  for (std::size_t i = 0; i < puzzle.constraints.size(); ++i) {
    const Constraint& c = puzzle.constraints[i];
    const std::string a = person(c.a);
    const std::string b = person(c.b);
    const std::string text = c.kind == Kind::at         ? format("{} lives in house {}.", a, c.k + 1)
                             : c.kind == Kind::not_at   ? format("{} does not live in house {}.", a, c.k + 1)
                             : c.kind == Kind::together ? format("{} is {}.", a, b)
                             : c.kind == Kind::before ? format("{} lives somewhere to the left of {}.", a, b)
                             : c.kind == Kind::directly_before
                                 ? format("{} lives directly to the left of {}.", a, b)
                             : c.kind == Kind::beside ? format("{} lives next to {}.", a, b)
                                                      : format("{} does not live next to {}.", a, b);
    out.prompt += format("{}. {}\n", i + 1, text);
  }
  out.prompt += format("\nWho is the person who drinks {}? Answer with the name.", words[places]);
  const auto steps = static_cast<std::size_t>(rng.uniform(4, 10));
  const auto bad = static_cast<std::size_t>(rng.uniform(0, static_cast<std::int64_t>(steps) - 1));
  for (std::size_t i = 0; i < steps; ++i) {
    const bool spoil = plant && i == bad;
    if (spoil) out.planted = static_cast<std::uint32_t>(out.steps.size());
    const auto item = static_cast<std::size_t>(rng.uniform(0, static_cast<std::int64_t>(words.size()) - 1));
    const std::size_t house = spoil ? other_than(rng, places, truth[item]) : truth[item];
    const std::string number = format("{}", house + 1);
    const auto kind = rng.uniform(0, 2);
    if (kind == 0) {
      out.steps.push_back(phrase(rng,
                                 {"So the {0} goes to house {1}.", "House {1}: {0}.",
                                  "By clue 2, house {1} has the {0}.", "That leaves house {1} for {0}."},
                                 {words[item], number}));
    } else if (kind == 1) {
      const auto who = static_cast<std::size_t>(rng.uniform(0, static_cast<std::int64_t>(places) - 1));
      std::size_t drink = places;
      while ((truth[drink] == truth[who]) == spoil) ++drink;
      out.steps.push_back(
          phrase(rng, {"{0} drinks {1}.", "So {0}'s drink is {1}.", "Therefore {1} belongs to {0}."},
                 {names[who], words[drink]}));
    } else {
      const std::size_t wrong = spoil ? truth[item] : other_than(rng, places, truth[item]);
      out.steps.push_back(phrase(
          rng, {"{0} cannot be in house {1}.", "House {1} does not have {0}.", "So {0} isn't in house {1}."},
          {words[item], format("{}", wrong + 1)}));
    }
    if (rng.chance(0.2))
      out.steps.push_back(
          phrase(rng, {"Could {0} be in house 1?", "Either {0} or {1} is in house 2.", "Now the next clue."},
                 {words[0], words[1]}));
  }
  const auto owner =
      std::find(truth.begin(), truth.begin() + static_cast<std::ptrdiff_t>(places), truth[places]) -
      truth.begin();
  out.steps.push_back(format("Answer: {}", names[static_cast<std::size_t>(owner)]));
  return out;
}

}  // namespace assay::test
