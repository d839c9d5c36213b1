// A plausible answer that is none of the accepted ones: another number, another letter, the other
// of two words, a list in another order.
//
// Pure and total. The answer depends on the targets and the draws from `rng` alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/base/rng.h"

namespace assay {

bool is_code(std::string_view target);  // several lines: shown in a fenced block
std::string wrong_answer(const std::vector<std::string>& targets, Rng& rng);

}  // namespace assay
