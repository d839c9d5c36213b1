// Unicode properties and normalisation: the one door to ICU.
//
// Threads: any. All functions are total: a value above U+10FFFF or a surrogate has no class, invalid UTF-8
// passes through normalisation as it is. Properties are those of the Unicode version of the ICU that is
// linked (15 and later on the supported systems).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace assay {

// Bits of a character's class: its general category, and Unicode's White_Space property. Their union is what
// a character class of a regular expression asks for: \p{L}, \p{N}, \p{M}, \p{P}, \p{S}, \s.
namespace char_class {
inline constexpr std::uint8_t kLetter = 1;       // Lu Ll Lt Lm Lo
inline constexpr std::uint8_t kNumber = 2;       // Nd Nl No
inline constexpr std::uint8_t kMark = 4;         // Mn Mc Me
inline constexpr std::uint8_t kPunctuation = 8;  // Pc Pd Ps Pe Pi Pf Po
inline constexpr std::uint8_t kSymbol = 16;      // Sm Sc Sk So
inline constexpr std::uint8_t kSpace = 32;       // White_Space
}  // namespace char_class

namespace internal {
std::uint8_t class_from_icu(char32_t c);

constexpr std::uint8_t ascii_class(unsigned c) {
  using namespace char_class;
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return kLetter;
  if (c >= '0' && c <= '9') return kNumber;
  if (c == ' ' || (c >= '\t' && c <= '\r')) return kSpace;
  if (c < ' ' || c == 0x7F) return 0;
  constexpr std::string_view kSymbols = "$+<=>^`|~";
  return kSymbols.find(static_cast<char>(c)) == std::string_view::npos ? kPunctuation : kSymbol;
}

constexpr std::array<std::uint8_t, 128> make_ascii_classes() {
  std::array<std::uint8_t, 128> out{};
  for (unsigned c = 0; c < 128; ++c) out[c] = ascii_class(c);
  return out;
}
inline constexpr std::array<std::uint8_t, 128> kAsciiClasses = make_ascii_classes();
}  // namespace internal

inline std::uint8_t char_class_of(char32_t c) {
  return c < 128 ? internal::kAsciiClasses[c] : internal::class_from_icu(c);
}

inline bool is_white_space(char32_t c) { return (char_class_of(c) & char_class::kSpace) != 0; }

// What \w means in regular expressions over Unicode (UTS 18, annex C): alphabetic characters, marks, decimal
// digits, connector punctuation and join controls.
bool is_word_character(char32_t c);

enum class Normalization : std::uint8_t { nfc = 1, nfd = 2, nfkc = 3, nfkd = 4 };

// Time is linear in the text. A part of more than 1 GiB without an invalid byte is normalised in pieces of
// that size.
std::string normalize(std::string_view text, Normalization form);

enum class LetterCase : std::uint8_t { lower = 1, upper = 2, title = 3 };

// The text in another letter case, in no language's own way (Unicode's full mappings, as Python's str.lower).
// `title` changes the first letter of the text only and the others not at all. Invalid bytes stay as they
// are.
std::string change_case(std::string_view text, LetterCase to);

// A letter's script as a small number (ICU's UScriptCode); -1 for what belongs to all scripts. Kana and bopomofo
// count as Han, with which they are written.
int script_of(char32_t c);
std::string script_name(int script);         // "Latin", "Han"
int script_named(std::string_view name);     // by name or by four letters, "Latin", "Latn"; -1: there is none

}  // namespace assay
