// Units that convert into each other by a factor.
//
// Pure. Threads: any.
#pragma once

#include <string_view>

namespace assay::trace {

struct UnitName {
  int kind = 0;  // 0: no unit that converts; units of one kind convert into each other
  int unit = 0;  // equal for "hour" and "hours"
};

// `word` in any case of letters, singular or plural.
UnitName unit_of(std::string_view word);

}  // namespace assay::trace
