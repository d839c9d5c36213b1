// What an equality of two computed sides is: true, true but for rounding, a unit or a sign, or false.
//
// Pure. Threads: any.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "scorers/trace/claims/parse.h"
#include "scorers/trace/claims/token.h"

namespace assay::trace {

enum class ClaimVerdict : std::uint8_t { right = 1, rounded = 2, unit = 3, sign = 4, wrong = 5 };

// A side of a claim with "%" read as hundredths and as nothing.
struct Side {
  std::array<std::optional<Parsed>, 2> readings;
  bool units = false;
  bool convertible = false;
  bool mixed = false;
  bool money = false;

  explicit operator bool() const { return readings[0].has_value(); }
};

// nullopt: no verdict, for the text may mean something else ("5 * 3 = 15 + 2 = 17"; an ambiguous reading).
std::optional<ClaimVerdict> compare_sides(const Side& left, const Side& right, Tok relation);

}  // namespace assay::trace
