// Arithmetic that a text claims: each "E1 = E2" and "E1 ≈ E2" of numbers with at least one operation, in
// plain text and LaTeX, checked exactly. A diagnostic that seldom speaks and is then nearly always right
// about that step; it says nothing about the answer.
//
//   for (const Claim& c : check_claims(text)) if (c.verdict == ClaimVerdict::wrong && !c.refuted) ...
//
// Pure; linear in the text; nesting bounded. Threads: any. Total: what cannot be read is no claim.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/api/response.h"
#include "scorers/trace/claims/compare.h"

namespace assay::trace {

struct Claim {
  Span span;
  ClaimVerdict verdict = ClaimVerdict::right;
  bool refuted = false;         // the text itself says that it does not hold, or only supposes it
  bool self_corrected = false;  // a marker of backtracking follows within two sentences
  std::string detail;           // of what is not right: "3 + 4 is 7, not 8"
};

// Claims in order. Text without a relation costs next to nothing.
std::vector<Claim> check_claims(std::string_view text);

}  // namespace assay::trace
