// Reads fields out of JSON that a model wrote by hand and got wrong: line ends and quotes that are
// not escaped, escapes that JSON does not know, commas missing or too many, text around it, the
// end cut off.
//
// Total: any bytes are fine, and every function is linear in its input. Threads: any.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

// Decodes the inside of a JSON string, leniently: an unknown escape stays as it stands ("\(" is
// backslash and parenthesis), a lone surrogate becomes U+FFFD, raw control characters are kept.
std::string unescape_leniently(std::string_view inside);

// Where a key stands and where its value begins.
struct FieldPlace {
  std::size_t key = 0;    // of the key's opening quote, or of its first letter where that is missing
  std::size_t value = 0;  // first byte after the colon and white space; may be the text's end
};

// The first or last place where `name` stands as a key: in double or single quotes before a colon.
// Failing that, where only the closing quote is there: **answer": "42".
std::optional<FieldPlace> find_first_field(std::string_view text, std::string_view name);
std::optional<FieldPlace> find_last_field(std::string_view text, std::string_view name);

struct FieldValue {
  std::string text;      // strings unescaped, anything else as written
  bool quoted = false;   // it was a string
  bool closed = false;   // its end was there; false for a text that was cut off
};

// The value that begins at `at`. A quote ends a string when what follows could follow it in an
// object: the object's end, or a comma and another key.
FieldValue read_field_value(std::string_view text, std::size_t at);

// The string that begins at `at` and has to end before `limit`, where the next key stands.
FieldValue read_string_before(std::string_view text, std::size_t at, std::size_t limit);

// "\frac" inside a JSON string decodes to a form feed and "rac". Puts the backslash and the letter
// back wherever one of the control characters \b \f \n \r \t is followed by the rest of a LaTeX
// command's name: for \b and \f always, for the others only where the text has other signs of
// LaTeX (a backslash, a dollar sign, a brace or a caret).
std::string restore_latex(std::string text);

}  // namespace assay
