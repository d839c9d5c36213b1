// What the words around a number say about it. Part of number.h.
//
// Pure; linear in the text. Threads: any.
#pragma once

#include <string_view>

namespace assay::answer {

// Does a sentence or clause of this text begin by taking back what stands before it: "..., no, 20",
// "... (or 19)", "... Wait, it is 20", or does it say "should be"?
bool clause_takes_back(std::string_view text);

// Left of "=": nothing but a name or words ("x", "Total cost ($)"), no term and no function.
bool is_name(std::string_view text);

// Left of "=": sums and products of numbers, with words for what is counted, perhaps behind "x =".
bool is_computation(std::string_view text);

// May the number between these two be the whole of what the sentence says? No: "not 18", "at least 18",
// "18 or so", "the square root of 5", "18 crore", "over 18".
bool says_just_the_number(std::string_view before, std::string_view after);

}  // namespace assay::answer
