// "Did you mean": the known name that a mistyped one is closest to.
//
// Threads: any. Pure. Time is names x length squared, with both cut to kMaxSuggestLength bytes.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace assay {

inline constexpr std::size_t kMaxSuggestLength = 64;

// Number of insertions, deletions, replacements and swaps of neighbouring bytes that turn one text
// into the other (optimal string alignment distance), letter case aside.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The closest name, or empty when none is close: more than a third of the letters differ. Among
// equally close ones the first. A name whose last part after '/' is close counts too, so that
// "gsm8k" finds "math/gsm8k".
std::string_view closest_name(std::string_view name, std::span<const std::string_view> known);

// " (did you mean 'x'?)" or an empty text, to append to an error message.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> known);

}  // namespace assay
