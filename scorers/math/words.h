// Answers in words: one spelling for what says the same.
#pragma once

#include <string>
#include <string_view>

namespace assay::math {

// Lower case, one blank between words, without LaTeX's wrappers, quotes, dollar signs and final points. A single
// letter keeps its case.
std::string plain_words(std::string_view text);
// Is `letter` one letter A to J, and `text` that option: "C Cecile", "c) cecile", "(c) cecile"? Both as plain_words.
bool is_option(std::string_view letter, std::string_view text);

}  // namespace assay::math
