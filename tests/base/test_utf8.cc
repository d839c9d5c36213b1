#include "harness/base/utf8.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace assay {
namespace {

using namespace std::string_literals;

struct RepairRow {
  std::string text;
  std::string repaired;
};

const std::vector<RepairRow> kRepair = {
    {"", ""},
    {"plain", "plain"},
    {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"},
    {"a\x80z", "a\uFFFDz"},                            // a stray continuation byte
    {"\xC0\xAF", "\uFFFD\uFFFD"},                      // overlong
    {"\xE0\x80\x80", "\uFFFD\uFFFD\uFFFD"},            // overlong
    {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},            // a surrogate
    {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},  // above U+10FFFF
    {"\xE2\x82", "\uFFFD"},                            // cut short: one maximal part
    {"\xE2\x82z", "\uFFFDz"},
    {"\xF0\x9F\x98", "\uFFFD"},
    {"\xFF\xFE", "\uFFFD\uFFFD"},
    {"a\0b"s, "a\0b"s},  // NUL is a character
    // Unicode 15, table 3-8.
    {"\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64", "\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd"},
};

TEST_CASE("invalid UTF-8 is found and repaired", "[base][utf8]") {
  for (const RepairRow& row : kRepair) {
    CAPTURE(row.text);
    CHECK(repair_utf8(row.text) == row.repaired);
    CHECK(is_valid_utf8(row.text) == (row.text == row.repaired));
    CHECK(is_valid_utf8(repair_utf8(row.text)));
  }
}

TEST_CASE("every code point survives a round trip", "[base][utf8]") {
  std::size_t wrong = 0;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    std::string text;
    append_utf8(text, c);
    const CodePoint p = decode_utf8(text, 0);
    const bool surrogate = c >= 0xD800 && c <= 0xDFFF;
    const char32_t expected = surrogate ? kReplacementCharacter : c;
    if (!p.valid || p.value != expected || p.size != text.size()) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("a text is cut between code points", "[base][utf8]") {
  const std::string text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";  // 1, 2, 3 and 4 bytes
  const std::vector<std::size_t> expected = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
  for (std::size_t n = 0; n < expected.size(); ++n) {
    CAPTURE(n);
    CHECK(truncate_utf8(text, n).size() == expected[n]);
  }
  CHECK(truncate_utf8("\x80\x80\x80\x80\x80\x80", 5).size() == 5);
  CHECK(truncate_utf8("ab\xE2\x82zz", 4).size() <= 4);
}

struct ShowRow {
  std::string text;
  std::string shown;
};

const std::vector<ShowRow> kShow = {
    {"plain \\boxed{1}", "plain \\boxed{1}"},
    {"two\nlines\r\tx", "two\\nlines\\r\\tx"},
    {"\x1b[31mred", "\\x1b[31mred"},
    {"\x7f", "\\x7f"},
    {"\xC2\x9B"
     "31m",
     "\\x9b31m"},               // the one-byte CSI of C1
    {"a\u202Eb", "a\\u202eb"},  // right-to-left override
    {"a\u2066b\u2069", "a\\u2066b\\u2069"},
    {"zero\u200Bwidth", "zero\\u200bwidth"},
    {"\U000E0041", "\\U000e0041"},  // an invisible tag character
    {"bad \xFF\xE2\x82", "bad \\xff\\xe2\\x82"},
    {"a\0b"s, "a\\x00b"},
    {"\u2028", "\\u2028"},
    {"caf\u00E9 \u4E2D", "caf\u00E9 \u4E2D"},
};

TEST_CASE("untrusted text is shown on one line without terminal escapes", "[base][utf8]") {
  for (const ShowRow& row : kShow) {
    CAPTURE(row.shown);
    CHECK(printable(row.text) == row.shown);
    CHECK(printable(printable(row.text)) == printable(row.text));
  }
}

TEST_CASE("columns are counted and kept to", "[base][utf8]") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("\u4E2D\u6587") == 4);
  CHECK(display_width("e\u0301") == 1);
  CHECK(display_width("\U0001F600") == 2);
  CHECK(fit_columns("abcdef", 6) == "abcdef");
  CHECK(fit_columns("abcdefg", 6) == "abcde\u2026");
  CHECK(fit_columns("\u4E2D\u6587\u4E2D", 5) == "\u4E2D\u6587\u2026");
  CHECK(fit_columns("\u4E2D\u6587\u4E2D", 4) == "\u4E2D\u2026");
  CHECK(fit_columns("abc", 0).empty());
  CHECK(fit_columns("abc", 1) == "\u2026");
}

}  // namespace
}  // namespace assay
