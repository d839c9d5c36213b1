// Knights and knaves: every person is a knight, whose claims are all true, or a knave, whose claims
// are all false. What claims mean, and which assignments of roles a set of them allows.
//
// Persons are numbers from 0. An assignment of roles is a bit mask: bit p is set when p is a knight.
// Threads: plain values and pure functions. Bounds: at most kMaxPersons persons, so an exhaustive
// check looks at 2^16 assignments at most.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace assay::puzzle {

inline constexpr std::size_t kMaxPersons = 16;
using Roles = std::uint32_t;

// "person is a knight" or "person is a knave".
struct RoleAtom {
  std::uint8_t person = 0;
  bool knight = true;
  bool operator==(const RoleAtom&) const = default;
};

struct Claim {
  enum class Kind : std::uint8_t {
    all_of,       // every atom holds; one atom is a plain claim
    any_of,       // at least one atom holds
    exactly_one,  // one atom holds and no other
    implies,      // when the first atom holds, so does the second
    same,         // the persons of the two atoms have the same role (their `knight` is ignored)
    differ,       // the persons of the two atoms have different roles
    count,        // exactly `number` of all persons are knights
    at_least,     // at least `number` of all persons are knights
  };
  Kind kind = Kind::all_of;
  std::vector<RoleAtom> atoms;
  std::uint8_t number = 0;
  bool operator==(const Claim&) const = default;
};

struct Statement {
  std::uint8_t speaker = 0;
  Claim claim;
  bool operator==(const Statement&) const = default;
};

struct KnightsPuzzle {
  std::size_t persons = 0;
  std::vector<Statement> statements;
};

inline bool is_knight(Roles roles, std::size_t person) { return (roles >> person & 1U) != 0; }

// Is the puzzle one that the functions below may be given? Persons in 1..kMaxPersons, every person
// named below that, implies/same/differ with two atoms, the other atom lists not empty.
bool well_formed(const KnightsPuzzle& puzzle);

// REQUIRES: well_formed.
bool holds(const Claim& claim, Roles roles, std::size_t persons);
// Is the statement one that this speaker can make under these roles?
bool consistent(const Statement& statement, Roles roles, std::size_t persons);
// Every assignment consistent with all statements, in increasing order.
std::vector<Roles> solutions(const KnightsPuzzle& puzzle);

}  // namespace assay::puzzle
