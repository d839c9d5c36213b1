#include "harness/puzzle/placement.h"

#include <algorithm>
#include <array>
#include <bit>

namespace assay::puzzle {
namespace {

using Mask = std::uint8_t;  // of places
using Kind = Constraint::Kind;
static_assert(kMaxPlaces <= 8);

bool unary(Kind kind) { return kind == Kind::at || kind == Kind::not_at; }

bool pair_holds(const Constraint& c, int a, int b) {
  switch (c.kind) {
    case Kind::at: return a == c.k;
    case Kind::not_at: return a != c.k;
    case Kind::together: return a == b;
    case Kind::apart: return a != b;
    case Kind::before: return a < b;
    case Kind::directly_before: return a + 1 == b;
    case Kind::beside: return a + 1 == b || b + 1 == a;
    case Kind::not_beside: return a + 1 != b && b + 1 != a;
    case Kind::gap: return a + c.k + 1 == b || b + c.k + 1 == a;
  }
  return false;
}

// The places that b may have when a has one of `a` (forward), or the other way round.
Mask allowed(const Constraint& c, Mask a, bool forward) {
  const auto up = [](Mask m, int n) { return static_cast<Mask>(m << n); };
  const auto down = [](Mask m, int n) { return static_cast<Mask>(m >> n); };
  const bool single = std::has_single_bit(a);
  switch (c.kind) {
    case Kind::together: return a;
    case Kind::apart: return single ? static_cast<Mask>(~a) : Mask{0xFF};
    case Kind::before: {
      if (a == 0) return 0;
      if (forward) return up(0xFE, std::countr_zero(a));  // above the lowest
      return static_cast<Mask>((1U << (std::bit_width(a) - 1)) - 1);  // below the highest
    }
    case Kind::directly_before: return forward ? up(a, 1) : down(a, 1);
    case Kind::beside: return static_cast<Mask>(up(a, 1) | down(a, 1));
    case Kind::not_beside: return single ? static_cast<Mask>(~(up(a, 1) | down(a, 1))) : Mask{0xFF};
    case Kind::gap: return static_cast<Mask>(up(a, c.k + 1) | down(a, c.k + 1));
    default: return 0xFF;
  }
}

// The places still open for each item. Arc consistency, then a split on the smallest domain.
class Solver {
 public:
  Solver(const PlacementPuzzle& puzzle, std::size_t limit) : puzzle_(puzzle), limit_(limit) {}

  std::vector<Placement> run() {
    Domains domains{};
    const auto all = static_cast<Mask>((1U << puzzle_.places) - 1);
    for (std::size_t i = 0; i < puzzle_.items(); ++i) domains[i] = all;
    for (const Constraint& c : puzzle_.constraints) {
      const auto place = static_cast<Mask>(1U << c.k);
      if (c.kind == Kind::at) domains[c.a] &= place;
      if (c.kind == Kind::not_at) domains[c.a] &= static_cast<Mask>(~place);
    }
    search(domains);
    return std::move(found_);
  }

 private:
  using Domains = std::array<Mask, kMaxPlaces * kMaxGroups>;

  void search(Domains domains) {
    if (!propagate(domains)) return;
    std::size_t smallest = puzzle_.items();
    int options = 99;
    for (std::size_t i = 0; i < puzzle_.items(); ++i) {
      const int n = std::popcount(domains[i]);
      if (n > 1 && n < options) {
        options = n;
        smallest = i;
      }
    }
    if (smallest == puzzle_.items()) return keep(domains);
    for (std::size_t place = 0; place < puzzle_.places && found_.size() < limit_; ++place) {
      const auto bit = static_cast<Mask>(1U << place);
      if ((domains[smallest] & bit) == 0) continue;
      Domains next = domains;
      next[smallest] = bit;
      search(next);
    }
  }

  void keep(const Domains& domains) {
    if (found_.size() >= limit_) return;
    Placement placement;
    for (std::size_t i = 0; i < puzzle_.items(); ++i) {
      placement.push_back(static_cast<std::uint8_t>(std::countr_zero(domains[i])));
    }
    found_.push_back(std::move(placement));
  }

  // False when some item has no place left. Ends because domains only shrink.
  bool propagate(Domains& domains) const {
    for (bool changed = true; changed;) {
      changed = false;
      for (const Constraint& c : puzzle_.constraints) {
        if (unary(c.kind)) continue;
        const auto b = static_cast<Mask>(domains[c.b] & allowed(c, domains[c.a], true));
        const auto a = static_cast<Mask>(domains[c.a] & allowed(c, b, false));
        if (a == 0 || b == 0) return false;
        changed = changed || a != domains[c.a] || b != domains[c.b];
        domains[c.a] = a;
        domains[c.b] = b;
      }
      for (std::size_t g = 0; g < puzzle_.groups; ++g) {
        if (!spread(&domains[g * puzzle_.places], changed)) return false;
      }
    }
    return true;
  }

  // One group takes every place once: a settled thing's place is closed to the others, and a place
  // open to one thing alone settles it.
  bool spread(Mask* group, bool& changed) const {
    Mask settled = 0;
    for (std::size_t i = 0; i < puzzle_.places; ++i) {
      if (!std::has_single_bit(group[i])) continue;
      if ((settled & group[i]) != 0) return false;
      settled |= group[i];
    }
    Mask once = 0;
    Mask twice = 0;
    for (std::size_t i = 0; i < puzzle_.places; ++i) {
      if (!std::has_single_bit(group[i]) && (group[i] & settled) != 0) {
        group[i] &= static_cast<Mask>(~settled);
        changed = true;
      }
      if (group[i] == 0) return false;
      twice |= static_cast<Mask>(once & group[i]);
      once |= group[i];
    }
    if (std::popcount(once) != static_cast<int>(puzzle_.places)) return false;
    const auto unique = static_cast<Mask>(once & ~twice);
    for (std::size_t i = 0; i < puzzle_.places; ++i) {
      const auto own = static_cast<Mask>(group[i] & unique);
      if (own == 0 || own == group[i]) continue;
      if (!std::has_single_bit(own)) return false;
      group[i] = own;
      changed = true;
    }
    return true;
  }

  const PlacementPuzzle& puzzle_;
  std::size_t limit_;
  std::vector<Placement> found_;
};

}  // namespace

bool well_formed(const PlacementPuzzle& puzzle) {
  if (puzzle.groups == 0 || puzzle.groups > kMaxGroups || puzzle.places == 0 || puzzle.places > kMaxPlaces) {
    return false;
  }
  return std::all_of(puzzle.constraints.begin(), puzzle.constraints.end(), [&](const Constraint& c) {
    if (c.a >= puzzle.items() || c.k >= puzzle.places) return false;
    return unary(c.kind) || (c.b < puzzle.items() && c.a != c.b);
  });
}

bool holds(const Constraint& c, const Placement& placement) {
  return pair_holds(c, placement[c.a], unary(c.kind) ? 0 : placement[c.b]);
}

std::vector<Placement> solve(const PlacementPuzzle& puzzle, std::size_t limit) {
  return Solver(puzzle, limit).run();
}

// One pass is enough: a constraint that was needed beside more others is needed beside fewer.
void minimize(PlacementPuzzle& puzzle) {
  for (std::size_t i = puzzle.constraints.size(); i-- > 0;) {
    PlacementPuzzle without = puzzle;
    without.constraints.erase(without.constraints.begin() + static_cast<std::ptrdiff_t>(i));
    if (solve(without, 2).size() == 1) puzzle = std::move(without);
  }
}

}  // namespace assay::puzzle
