// Brings the many ways to type a number's surroundings to a few. Part of number.h.
#pragma once

#include <string>
#include <string_view>

namespace assay::answer {

// Every kind of minus becomes "-", every kind of space " ", × \times \cdot become "*", ÷ becomes "/",
// currency signs become "$", ² ³ become "^2" "^3", ½ ¼ ¾ become " 1/2" ..., \dfrac and \tfrac become \frac;
// full-width digits become ASCII, an ellipsis "...", a dash between clauses ";"; \text{x} and its like become
// x; spacing commands, \left, \right, \( \) \[ \], degree signs and typographic quotes go; "{,}" becomes ",".
// Other characters above U+007F and unknown commands stay, so that the reader stops at them.
std::string normalize_number_text(std::string_view text);

// May this word follow a number as (part of) its unit? "5km" has its first word attached, "5 km" not.
enum class WordPlace { attached, first, later };
bool is_unit_word(std::string_view word, WordPlace place);

// Does this word, lower case, change the value of the number in front of it ("squared", "crore", "thirds")?
bool is_scale_word(std::string_view word);

// The power of ten of "thousand", "million", ...; 0 for any other word.
int scale_of(std::string_view word);

}  // namespace assay::answer
