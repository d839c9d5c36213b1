// The vocabulary of puzzles about things in a row: positions and relations on any axis, read from words.
//
// An axis has a low and a high end: left-right, first-last, top-bottom, front-back, newest-oldest,
// cheapest-most expensive. Positions count from 1 at the low end. An atom is a thing, a position or a
// relation; the other words of a sentence stay words. "the second-most expensive", "third from the right",
// "second-to-last", "to the left of", "directly ahead of", "next to" are one atom each. Threads: pure
// functions. Bounds: linear.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scorers/trace/verify/text.h"

namespace assay::verify {

enum class End : std::uint8_t { low, high };

struct Thing {
  std::vector<std::vector<std::string>> ways;  // the ways to say it, each a row of words
};

// The things of a list like "a truck, a station wagon, and a bus": with and without a last word that all
// share, in singular and plural.
std::vector<Thing> things_of(std::string_view list);

enum class Relation : std::uint8_t { before, after, directly_before, directly_after, beside };

struct Atom {
  enum class Kind : std::uint8_t { thing, place, ordinal, relation, word };
  Kind kind = Kind::word;
  std::size_t thing = 0;
  int number = 0;  // place: k-th from `end`; ordinal: k-th, of an axis that the context gives
  End end = End::low;
  Relation relation = Relation::before;
  std::string_view text;  // word
  std::size_t begin = 0;  // bytes of the text
  std::size_t finish = 0;
  bool is(std::string_view w) const { return kind == Kind::word && text == w; }
};

// Atoms of a text. `tokens` must live as long as the atoms.
std::vector<Atom> atoms_of(std::string_view text, const Tokens& tokens, const std::vector<Thing>& things);

// An end of an axis named at token i ("left", "most expensive", "newest"), and how many tokens that takes.
struct EndAt {
  End end = End::low;
  std::size_t tokens = 1;
};
std::optional<EndAt> end_at(const Tokens& t, std::size_t i);

}  // namespace assay::verify
