// Names with `*` for any characters, none included: "claude-3-5-sonnet-*". Everything else stands for itself.
//
// Threads: any; pure functions. Time: at most pattern times text.
#pragma once

#include <cstddef>
#include <string_view>

namespace assay {

bool glob_matches(std::string_view pattern, std::string_view text);

// How narrow a pattern is: one without `*` before every other, then the one with more characters that are no
// `*`.
std::size_t glob_rank(std::string_view pattern);

}  // namespace assay
