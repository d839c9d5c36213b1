// Answers in words: one spelling for what says the same.
#pragma once

#include <string>
#include <string_view>

namespace assay::math {

// Lower case, one blank between words, without LaTeX's wrappers, quotes, dollar signs and final points. A single
// letter keeps its case.
std::string plain_words(std::string_view text);
// "seven" -> "7", up to twenty, and the round numbers; nullptr otherwise. As plain_words.
const char* number_word(std::string_view word);
// Is `letter` one letter A to J, and `text` that option: "C Cecile", "c) cecile", "(c) cecile"? Both as plain_words.
bool is_option(std::string_view letter, std::string_view text);

}  // namespace assay::math
