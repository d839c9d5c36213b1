#include "harness/base/unicode.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace assay {
namespace {

using namespace char_class;

struct ClassRow {
  char32_t c;
  std::uint8_t expected;
};

const std::vector<ClassRow> kClasses = {
    {'a', kLetter},
    {'Z', kLetter},
    {'5', kNumber},
    {'!', kPunctuation},
    {'_', kPunctuation},
    {'$', kSymbol},
    {'~', kSymbol},
    {' ', kSpace},
    {'\n', kSpace},
    {'\v', kSpace},
    {0x00, 0},
    {0x7F, 0},
    {0x85, kSpace},
    {0xA0, kSpace},
    {0xAA, kLetter},
    {0xB2, kNumber},
    {0xAD, 0},
    {0x2160, kNumber},
    {0x301, kMark},
    {0x20DD, kMark},
    {0x2003, kSpace},
    {0x2028, kSpace},
    {0x3000, kSpace},
    {0x200B, 0},
    {0xFEFF, 0},
    {0x180E, 0},
    {0x2019, kPunctuation},
    {0x30FB, kPunctuation},
    {0x20AC, kSymbol},
    {0x1F600, kSymbol},
    {0x4E00, kLetter},
    {0x3042, kLetter},
    {0xAC00, kLetter},
    {0x10400, kLetter},
    {0x1D7CE, kNumber},
    {0xFFFD, kSymbol},
    {0xE000, 0},
    {0xD800, 0},
    {0x378, 0},
    {0x10FFFF, 0},
    {0x110000, 0},
    {0xFFFFFFFF, 0},
};

TEST_CASE("characters have the class of their general category", "[base][unicode]") {
  for (const ClassRow& row : kClasses) {
    CAPTURE(static_cast<std::uint32_t>(row.c));
    CHECK(char_class_of(row.c) == row.expected);
    CHECK(is_white_space(row.c) == (row.expected == kSpace));
  }
}

TEST_CASE("the table for ASCII agrees with ICU", "[base][unicode]") {
  for (char32_t c = 0; c < 128; ++c) {
    CAPTURE(static_cast<std::uint32_t>(c));
    CHECK(char_class_of(c) == internal::class_from_icu(c));
  }
}

TEST_CASE("white space is the twenty-five characters of the property", "[base][unicode]") {
  std::size_t count = 0;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) count += is_white_space(c) ? 1 : 0;
  CHECK(count == 25);
}

TEST_CASE("word characters are those of regular expressions", "[base][unicode]") {
  for (const char32_t c : {U'a', U'9', U'_', U'\u00E9', U'\u0301', U'\u4E00', U'\u200D', U'\u2160'}) {
    CAPTURE(static_cast<std::uint32_t>(c));
    CHECK(is_word_character(c));
  }
  for (const char32_t c : {U' ', U'-', U'\u00B2', U'\u2019', U'\U0001F600', U'\uFFFD', char32_t{0x110000}}) {
    CAPTURE(static_cast<std::uint32_t>(c));
    CHECK_FALSE(is_word_character(c));
  }
}

struct FormRow {
  std::string text;
  std::string nfc, nfd, nfkc, nfkd;
};

const std::vector<FormRow> kForms = {
    {"", "", "", "", ""},
    {"plain", "plain", "plain", "plain", "plain"},
    {"e\u0301", "\u00E9", "e\u0301", "\u00E9", "e\u0301"},
    {"\u00E9", "\u00E9", "e\u0301", "\u00E9", "e\u0301"},
    {"\uFB01", "\uFB01", "\uFB01", "fi", "fi"},
    {"\u212B", "\u00C5", "A\u030A", "\u00C5", "A\u030A"},  // the Angstrom sign
    {"\u1112\u1161\u11AB", "\uD55C", "\u1112\u1161\u11AB", "\uD55C", "\u1112\u1161\u11AB"},
    {"\uFF21\u00B2", "\uFF21\u00B2", "\uFF21\u00B2", "A2", "A2"},
    {"a\u0323\u0307", "\u1EA1\u0307", "a\u0323\u0307", "\u1EA1\u0307", "a\u0323\u0307"},
    {"a\u0307\u0323", "\u1EA1\u0307", "a\u0323\u0307", "\u1EA1\u0307",
     "a\u0323\u0307"},  // marks are put in order
    {"e\xFF\u0301", "e\xFF\u0301", "e\xFF\u0301", "e\xFF\u0301",
     "e\xFF\u0301"},  // a byte that is no UTF-8 parts them
    {"\xE2\x82", "\xE2\x82", "\xE2\x82", "\xE2\x82", "\xE2\x82"},
    {"\xC0\xAF"
     "e\u0301",
     "\xC0\xAF\u00E9",
     "\xC0\xAF"
     "e\u0301",
     "\xC0\xAF\u00E9",
     "\xC0\xAF"
     "e\u0301"},
};

TEST_CASE("texts are normalised, invalid bytes stay", "[base][unicode]") {
  for (const FormRow& row : kForms) {
    CAPTURE(row.text);
    CHECK(normalize(row.text, Normalization::nfc) == row.nfc);
    CHECK(normalize(row.text, Normalization::nfd) == row.nfd);
    CHECK(normalize(row.text, Normalization::nfkc) == row.nfkc);
    CHECK(normalize(row.text, Normalization::nfkd) == row.nfkd);
  }
}

}  // namespace
}  // namespace assay
