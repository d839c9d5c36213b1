// What the words around a claim say about it.
//
// Pure; looks at a bounded window. Threads: any.
#pragma once

#include <string_view>

#include "harness/api/response.h"

namespace assay::trace {

// Does the text withdraw it as what does not hold, or pose it as a question?
bool is_refuted(std::string_view text, Span claim);

// Numerals in other bases and clocks: an inequality of decimals proves nothing.
bool other_arithmetic(std::string_view text);

}  // namespace assay::trace
