// Brackets of a token stream: which belong together and what they hold.
//
// Pure; linear. Threads: any.
#pragma once

#include <cstdint>
#include <vector>

#include "scorers/trace/claims/token.h"

namespace assay::trace {

inline constexpr std::uint32_t kNoMatch = 0xFFFFFFFF;

struct Group {
  std::uint32_t match = kNoMatch;  // index of the other bracket
  bool relation = false;           // a relation stands directly within: "(3 + 4 = 7)"
  bool words = false;              // of prose
  bool numbers = false;
  bool signs = false;   // of operation
  bool modulo = false;  // starts with "mod"
};

// One a token; meaningful for brackets. A bracket without a partner has no match.
std::vector<Group> match_groups(const std::vector<Token>& tokens);

inline bool is_relation(Tok kind) {
  return kind == Tok::equals || kind == Tok::approx || kind == Tok::congruent;
}
// May an operand start with it?
inline bool starts_operand(Tok kind) {
  return kind == Tok::number || kind == Tok::open || kind == Tok::fraction || kind == Tok::root ||
         kind == Tok::pi || kind == Tok::binomial;
}
inline bool ends_operand(Tok kind) {
  return kind == Tok::number || kind == Tok::close || kind == Tok::percent || kind == Tok::factorial ||
         kind == Tok::power || kind == Tok::pi;
}

}  // namespace assay::trace
