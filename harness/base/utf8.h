// UTF-8 from untrusted hands: check it, repair it, walk it, show it on a terminal.
//
// Threads: any. All functions are total: invalid bytes are input like any other, and nothing
// throws but on lack of memory. Time is linear in the text.
//
// "Invalid" is what Unicode 15 section 3.9, table 3-7 excludes: overlong forms, surrogates, values
// above U+10FFFF, stray and missing continuation bytes. Repair replaces every maximal ill-formed
// part by one U+FFFD, as that section recommends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace assay {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

struct CodePoint {
  char32_t value = kReplacementCharacter;  // U+FFFD when !valid
  std::uint8_t size = 1;                   // bytes it takes, 1..4; never 0
  bool valid = false;
};

// The code point that starts at byte `at`. REQUIRES: at < text.size().
//   for (std::size_t i = 0; i < text.size();) { const CodePoint p = decode_utf8(text, i); i += p.size; ... }
CodePoint decode_utf8(std::string_view text, std::size_t at);

// Appends U+FFFD for a surrogate or a value above U+10FFFF.
void append_utf8(std::string& out, char32_t value);

bool is_valid_utf8(std::string_view text);
std::string repair_utf8(std::string_view text);  // equal to the text when that is valid

// The longest prefix of at most `max_bytes` that does not end within a code point.
std::string_view truncate_utf8(std::string_view text, std::size_t max_bytes);

// One line that is safe to show on a terminal: line breaks, tabs and other control characters,
// escape sequences, direction changes (bidi controls), invisible format characters and invalid bytes are
// written out as \n, \t, \x1b, \u202e and so on. Everything else stays as it is, backslashes too, so the
// result is for eyes and not for parsing back.
std::string printable(std::string_view text);

// Columns on a terminal: 0 for combining marks, 2 for East Asian wide characters and emoji, else 1.
// Control characters count 1; pass the text through printable() first.
std::size_t display_width(std::string_view text);

// The text cut to `columns`, with "…" as the last column when something was cut.
std::string fit_columns(std::string_view text, std::size_t columns);

}  // namespace assay
