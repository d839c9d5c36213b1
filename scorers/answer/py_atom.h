// The atoms of Python literals: numbers and strings. Part of py_literal.h.
//
// Each reader starts at text[at], moves `at` behind what it read, and gives nothing when there is no
// such atom. Pure; threads: any.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace assay::answer {

struct PyNumber {
  enum class Kind { integer, real, imaginary };
  Kind kind = Kind::integer;
  std::string digits;  // of an integer: decimal, without leading zeros
  double real = 0;     // of the others
};

// Without sign.
std::optional<PyNumber> read_py_number(std::string_view text, std::size_t& at);

struct PyString {
  bool bytes = false;
  std::string value;
};

// One string with its prefix; no concatenation. Lone surrogates are kept as three bytes each.
std::optional<PyString> read_py_string(std::string_view text, std::size_t& at);

// Does a string, with or without a prefix, start here?
bool at_py_string(std::string_view text, std::size_t at);

// The body of a string without its quotes, its escapes resolved.
std::optional<std::string> unescape_py(std::string_view body, bool bytes);

// A float's canonical text: the shortest decimal that gives it back, "inf" on overflow, "0.0" for -0.0, which
// equals it.
std::string canonical_float(double value);

}  // namespace assay::answer
