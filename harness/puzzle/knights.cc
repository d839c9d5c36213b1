#include "harness/puzzle/knights.h"

#include <algorithm>
#include <bit>

namespace assay::puzzle {
namespace {

bool holds(const RoleAtom& atom, Roles roles) { return is_knight(roles, atom.person) == atom.knight; }

bool well_formed(const Claim& claim, std::size_t persons) {
  using Kind = Claim::Kind;
  const bool counts = claim.kind == Kind::count || claim.kind == Kind::at_least;
  const bool pair = claim.kind == Kind::implies || claim.kind == Kind::same || claim.kind == Kind::differ;
  if (pair && claim.atoms.size() != 2) return false;
  if (!counts && claim.atoms.empty()) return false;
  return std::all_of(claim.atoms.begin(), claim.atoms.end(), [&](const RoleAtom& a) { return a.person < persons; });
}

}  // namespace

bool well_formed(const KnightsPuzzle& puzzle) {
  if (puzzle.persons == 0 || puzzle.persons > kMaxPersons) return false;
  return std::all_of(puzzle.statements.begin(), puzzle.statements.end(), [&](const Statement& s) {
    return s.speaker < puzzle.persons && well_formed(s.claim, puzzle.persons);
  });
}

bool holds(const Claim& claim, Roles roles, std::size_t persons) {
  const auto true_atoms = std::count_if(claim.atoms.begin(), claim.atoms.end(),
                                        [&](const RoleAtom& a) { return holds(a, roles); });
  const int knights = std::popcount(roles & ((Roles{1} << persons) - 1));
  switch (claim.kind) {
    case Claim::Kind::all_of: return static_cast<std::size_t>(true_atoms) == claim.atoms.size();
    case Claim::Kind::any_of: return true_atoms > 0;
    case Claim::Kind::exactly_one: return true_atoms == 1;
    case Claim::Kind::implies: return !holds(claim.atoms[0], roles) || holds(claim.atoms[1], roles);
    case Claim::Kind::same:
      return is_knight(roles, claim.atoms[0].person) == is_knight(roles, claim.atoms[1].person);
    case Claim::Kind::differ:
      return is_knight(roles, claim.atoms[0].person) != is_knight(roles, claim.atoms[1].person);
    case Claim::Kind::count: return knights == claim.number;
    case Claim::Kind::at_least: return knights >= claim.number;
  }
  return false;
}

bool consistent(const Statement& statement, Roles roles, std::size_t persons) {
  return holds(statement.claim, roles, persons) == is_knight(roles, statement.speaker);
}

std::vector<Roles> solutions(const KnightsPuzzle& puzzle) {
  std::vector<Roles> out;
  for (Roles roles = 0; roles < (Roles{1} << puzzle.persons); ++roles) {
    const bool all = std::all_of(puzzle.statements.begin(), puzzle.statements.end(), [&](const Statement& s) {
      return consistent(s, roles, puzzle.persons);
    });
    if (all) out.push_back(roles);
  }
  return out;
}

}  // namespace assay::puzzle
