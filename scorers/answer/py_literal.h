// Reads a Python literal, as Python's ast.literal_eval does, into a canonical text.
//
// Two literals are equal values of equal types exactly when their canonical texts are: ["a"] and ['a'],
// {1: 2, 3: 4} and {3: 4, 1: 2}, 8.50 and 8.5 are equal; 1, 1.0 and True, (1, 2) and [1, 2], 'a' and b'a'
// are not. NaN cannot be written as a literal.
//
// Accepted: None, True, False, ..., integers (also 0x 0o 0b and 1_000, of any size up to kMaxDigits), floats,
// imaginary and complex numbers, strings and bytes with prefixes r, u, b, br, triple quotes, escapes and
// implicit concatenation, tuples (also bare: 1, 2), lists, sets, set(), dicts; comments and line breaks
// within brackets.
// Not accepted, like in Python: f-strings, expressions, unhashable keys, NUL. Unlike in Python: \N{...}.
// (Python language reference, section 2, and the documentation of ast.literal_eval.)
//
// Pure; iterative; threads: any. Time and memory are linear in the text for a given depth.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace assay::answer {

inline constexpr std::size_t kMaxLiteralBytes = std::size_t{256} << 10;
inline constexpr std::size_t kMaxLiteralDepth = 100;  // open brackets
inline constexpr std::size_t kMaxDigits = 4300;       // of one integer, as Python limits them

struct PyLiteral {
  std::string canonical;
  std::optional<std::string> text;  // the value, when it is a str
};

// nullopt for text that is no literal or is beyond a limit.
std::optional<PyLiteral> parse_py_literal(std::string_view text);

}  // namespace assay::answer
