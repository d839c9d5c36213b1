// Keeps numbers of a data row as they are written where JSON's numbers would round them.
//
// Pure; linear in the text; threads: any.
#pragma once

#include <string>
#include <string_view>

namespace assay {

// The document with every number in quotes that a 64-bit integer or a double does not give back:
// {"a": 12345678901234567890123} becomes {"a": "12345678901234567890123"}. Empty where there is none.
// REQUIRES: valid JSON.
std::string with_exact_numbers(std::string_view json);

}  // namespace assay
