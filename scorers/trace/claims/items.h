// One member of a chain, "5 apples * 3 = ...", as what can be computed: units are dropped, words of operation
// are signs, prose parts it (Tok::stop), and what has no value here is Tok::unknown.
//
// Pure; linear. Threads: any.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "scorers/trace/claims/groups.h"
#include "scorers/trace/claims/token.h"

namespace assay::trace {

struct Items {
  std::vector<Token> tokens;
  bool units = false;        // words stood behind numbers
  bool convertible = false;  // one of them is of time, length, weight, volume or money
  bool mixed = false;        // two of one kind: "4 feet - 40 inches"
  bool money = false;
};

// `member`: indices into `tokens`.
Items make_items(std::string_view text, const std::vector<Token>& tokens, const std::vector<Group>& groups,
                 std::span<const std::uint32_t> member);

}  // namespace assay::trace
