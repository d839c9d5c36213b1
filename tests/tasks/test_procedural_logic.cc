// The targets of the logic families, found again from the question's text alone.
#include <cstdlib>
#include <functional>
#include <map>

#include "tests/tasks/procedural_support.h"

using namespace assay;
using namespace assay::testing;

namespace {

// ---- knights and knaves

struct Speech {
  std::string speaker;
  std::string claim;
};

using RoleOf = std::map<std::string, bool>;

bool is_true(const std::string& claim, const std::string& speaker, const RoleOf& knight) {
  const auto again = [&](const std::string& part) { return is_true(part, speaker, knight); };
  const auto person = [&](const std::string& name) { return knight.at(name == "I" ? speaker : name); };
  if (has_text(claim, "Exactly one of these is true: ")) {
    const auto parts = split_text(claim.substr(claim.find(": ") + 2), "; ");
    return again(parts.at(0)) != again(parts.at(1));
  }
  if (has_text(claim, " of us ")) {
    const auto knights = std::count_if(knight.begin(), knight.end(), [](const auto& k) { return k.second; });
    const auto n = numbers_in(claim).at(0);
    return claim.rfind("Exactly", 0) == 0 ? knights == n : knights >= n;
  }
  if (claim.rfind("If ", 0) == 0) {
    const auto parts = split_text(claim.substr(3), ", then ");
    return !again(parts.at(0)) || again(parts.at(1));
  }
  if (has_text(claim, " kind")) {
    const auto names = split_text(claim.substr(0, claim.find(" are of")), " and ");
    return (person(names.at(0)) == person(names.at(1))) == has_text(claim, "the same kind");
  }
  if (has_text(claim, ", or both")) {
    const auto parts = split_text(claim.substr(0, claim.find(", or both")), " or ");
    return again(parts.at(0)) || again(parts.at(1));
  }
  const auto parts = split_text(claim, " and ");
  if (parts.size() == 2) return again(parts[0]) && again(parts[1]);
  return person(claim.substr(0, claim.find(' '))) == has_text(claim, "a knight");
}

std::vector<std::string> roles_that_fit(const std::string& question) {
  const auto names = split_names(between(question, "You meet ", "."));
  std::vector<Speech> speeches;
  for (const std::string& line : split_text(question, "\n")) {
    if (has_text(line, " says: \"")) speeches.push_back({line.substr(0, line.find(' ')), between(line, "\"", ".\"")});
  }
  REQUIRE(speeches.size() == names.size());
  std::vector<std::string> out;
  for (unsigned mask = 0; mask < 1U << names.size(); ++mask) {
    RoleOf knight;
    std::string told;
    for (std::size_t i = 0; i < names.size(); ++i) {
      knight[names[i]] = (mask >> i & 1U) != 0;
      told.append(i > 0 ? ", " : "").append(names[i]).append(knight[names[i]] ? ": knight" : ": knave");
    }
    const bool fits = std::all_of(speeches.begin(), speeches.end(), [&](const Speech& s) {
      return is_true(s.claim, s.speaker, knight) == knight[s.speaker];
    });
    if (fits) out.push_back(told);
  }
  return out;
}

// ---- clues about places

struct Clue {
  std::size_t a = 0;
  std::size_t b = 0;  // equal to a: a clue about one thing
  std::function<bool(int, int)> fits;
};

struct Grid {
  std::size_t places = 0;
  std::vector<std::string> things;  // group after group
  std::vector<Clue> clues;
};

std::function<bool(int, int)> meaning(const std::string& clue) {
  const auto n = numbers_in(clue);
  const bool none = has_text(clue, " not ");
  const int k = n.empty() ? 0 : static_cast<int>(n.back());
  if (clue.rfind("Exactly", 0) == 0) return [k](int a, int b) { return std::abs(a - b) == k + 1; };
  if (has_text(clue, "somewhere to the left of") || has_text(clue, "somewhere ahead of")) {
    return [](int a, int b) { return a < b; };
  }
  if (has_text(clue, "directly to the left of") || has_text(clue, "directly ahead of")) {
    return [](int a, int b) { return b == a + 1; };
  }
  if (has_text(clue, "next to")) return [none](int a, int b) { return (std::abs(a - b) == 1) != none; };
  if (has_text(clue, "in house ")) return [none, k](int a, int) { return (a + 1 == k) != none; };
  const std::vector<std::string> ordinals = {"first", "second", "third",   "fourth",
                                             "fifth", "sixth",  "seventh", "eighth"};
  for (std::size_t i = 0; i < ordinals.size(); ++i) {
    if (has_text(clue, ordinals[i] + " in the line")) {
      return [none, i](int a, int) { return (a == static_cast<int>(i)) != none; };
    }
  }
  return [none](int a, int b) { return (a == b) != none; };
}

Clue parse_clue(const std::string& text, const std::vector<std::string>& things) {
  std::vector<std::size_t> named;
  std::string word;
  for (const char c : text + " ") {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      word += c;
      continue;
    }
    const auto found = std::find(things.begin(), things.end(), word);
    if (found != things.end()) named.push_back(static_cast<std::size_t>(found - things.begin()));
    word.clear();
  }
  REQUIRE((named.size() == 1 || named.size() == 2));
  return {named.front(), named.back(), meaning(text)};
}

// Plain backtracking, thing by thing; counts up to two placements.
struct Search {
  const Grid& grid;
  std::size_t without;  // the clue to leave out
  std::vector<int> place;
  std::vector<std::vector<int>> found;

  bool fits(std::size_t thing) const {
    for (std::size_t other = thing / grid.places * grid.places; other < thing; ++other) {
      if (place[other] == place[thing]) return false;
    }
    for (std::size_t i = 0; i < grid.clues.size(); ++i) {
      const Clue& c = grid.clues[i];
      if (i == without || std::max(c.a, c.b) != thing) continue;
      if (!c.fits(place[c.a], place[c.b])) return false;
    }
    return true;
  }
  void from(std::size_t thing) {
    if (thing == grid.things.size()) {
      found.push_back(place);
      return;
    }
    for (std::size_t p = 0; p < grid.places && found.size() < 2; ++p) {
      place[thing] = static_cast<int>(p);
      if (fits(thing)) from(thing + 1);
    }
  }
};

std::vector<std::vector<int>> placements(const Grid& grid, std::size_t without) {
  Search search{grid, without, std::vector<int>(grid.things.size()), {}};
  search.from(0);
  return search.found;
}

constexpr std::size_t kAll = static_cast<std::size_t>(-1);

std::vector<int> only_placement(const Grid& grid, bool check_minimal) {
  const auto found = placements(grid, kAll);
  REQUIRE(found.size() == 1);
  for (std::size_t i = 0; check_minimal && i < grid.clues.size(); ++i) REQUIRE(placements(grid, i).size() == 2);
  return found[0];
}

Grid parse_zebra(const std::string& question) {
  Grid grid;
  grid.places = static_cast<std::size_t>(numbers_in(question).at(0));
  for (const std::string& part : split_text(split_text(question, "\n\n")[0], ". ")) {
    if (!has_text(part, ": ")) continue;
    const std::string listed = part.substr(part.find(": ") + 2);
    for (const std::string& thing : split_names(listed.substr(0, listed.find('.')))) grid.things.push_back(thing);
  }
  for (const std::string& line : split_text(split_text(question, "\n\n")[1], "\n")) {
    if (has_text(line, ". ")) grid.clues.push_back(parse_clue(line.substr(line.find(". ") + 2), grid.things));
  }
  return grid;
}

std::string zebra_answer(const std::string& question, const Grid& grid, const std::vector<int>& place) {
  const std::string asked = split_text(question, "\n").back();
  const std::size_t thing = parse_clue(asked, grid.things).a;
  const std::size_t houses = grid.places;
  std::size_t first = 0;  // of the group that is asked about: the names, or the one whose noun comes up
  if (asked.rfind("What", 0) == 0) {
    const std::string noun = between(asked, "'s ", "?");
    const std::string values = between(question, "different " + noun + ": ", " and ");
    const std::string value = split_text(values, ", ")[0];
    first = static_cast<std::size_t>(std::find(grid.things.begin(), grid.things.end(), value) - grid.things.begin());
  }
  for (std::size_t i = first; i < first + houses; ++i) {
    if (place.at(i) == place[thing]) return grid.things[i];
  }
  return "";
}

}  // namespace

TEST_CASE("knights and knaves: the text has one solution, and it is the target") {
  for (int level = 1; level <= 5; ++level) {
    for (const Sample& s : samples_of("logic/knights-knaves", level, 200)) {
      CAPTURE(s.question);
      REQUIRE(roles_that_fit(s.question) == std::vector{s.targets[0]});
    }
  }
}

TEST_CASE("zebra: the text has one solution, no clue is to spare, and the target follows") {
  for (int level = 1; level <= 5; ++level) {
    std::size_t n = 0;
    for (const Sample& s : samples_of("logic/zebra", level, 200)) {
      CAPTURE(s.question);
      const Grid grid = parse_zebra(s.question);
      const auto place = only_placement(grid, level < 5 || n++ < 25);
      REQUIRE(s.targets[0] == zebra_answer(s.question, grid, place));
    }
  }
}

TEST_CASE("ordering: the text has one order, no clue is to spare, and it is the target") {
  for (int level = 1; level <= 5; ++level) {
    for (const Sample& s : samples_of("logic/ordering", level, 200)) {
      CAPTURE(s.question);
      Grid grid;
      grid.things = split_names(between(s.question, "line: ", "."));
      grid.places = grid.things.size();
      for (const std::string& line : split_text(split_text(s.question, "\n\n")[1], "\n")) {
        if (!line.empty()) grid.clues.push_back(parse_clue(line, grid.things));
      }
      const auto place = only_placement(grid, true);
      std::vector<std::string> order(grid.places);
      for (std::size_t i = 0; i < grid.places; ++i) order[static_cast<std::size_t>(place[i])] = grid.things[i];
      REQUIRE(split_text(s.targets[0], ", ") == order);
    }
  }
}

TEST_CASE("dyck: the target closes what is open, and nothing more") {
  for (int level = 1; level <= 5; ++level) {
    for (const Sample& s : samples_of("logic/dyck", level, 200)) {
      CAPTURE(s.question, s.targets[0]);
      const std::string sequence = split_text(s.question, "\n\n")[1];
      // Pairs that touch vanish until nothing is left.
      std::string text;
      for (const char c : sequence + s.targets[0]) {
        if (c != ' ') text += c;
      }
      for (bool changed = true; changed;) {
        changed = false;
        for (const char* pair : {"()", "[]", "{}", "<>"}) {
          for (std::size_t at = text.find(pair); at != std::string::npos; at = text.find(pair)) {
            text.erase(at, 2);
            changed = true;
          }
        }
      }
      REQUIRE(text.empty());
      REQUIRE(s.targets[0].find_first_of("([{<") == std::string::npos);
      REQUIRE(s.targets[0].size() >= 3);
    }
  }
}

TEST_CASE("tracking: following the story gives the target") {
  for (int level = 1; level <= 5; ++level) {
    std::size_t moved = 0;
    for (const Sample& s : samples_of("logic/tracking", level, 200)) {
      CAPTURE(s.question);
      std::map<std::string, std::string> holds;
      for (const std::string& part : split_names(between(s.question, "At the start, ", ". Then"))) {
        const auto words = split_text(part, " holds the ");
        holds[words.at(0)] = words.at(1);
      }
      const std::string asked = between(s.question, "What does ", " hold");
      const std::string before = holds.at(asked);
      for (const std::string& line : split_text(split_text(s.question, "\n\n")[1], "\n")) {
        if (has_text(line, " swap what they hold.")) {
          const auto pair = split_text(between(line, ". ", " swap"), " and ");
          std::swap(holds.at(pair.at(0)), holds.at(pair.at(1)));
        } else if (has_text(line, "All at once, ")) {
          const auto old = holds;
          for (const std::string& part : split_text(between(line, "All at once, ", " what they"), ", ")) {
            const auto pair = split_text(part, " gives to ");
            holds.at(pair.at(1)) = old.at(pair.at(0));
          }
        }
      }
      REQUIRE(holds.at(asked) == s.targets[0]);
      moved += before != s.targets[0] ? 1 : 0;
    }
    CHECK(moved > 100);
  }
}
