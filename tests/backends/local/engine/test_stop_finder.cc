#include "backends/local/engine/stop_finder.h"

#include "tests/support/catch.h"

namespace assay::local {
namespace {

TEST_CASE("A stop string is found wherever the pieces are cut", "[local][stop]") {
  const std::string whole = "12 Eé\nEND rest EN";
  const StopFinder stops({"\nEND", "é\nEND!", "rest"});
  for (std::size_t a = 0; a <= whole.size(); ++a) {
    for (std::size_t b = a; b <= whole.size(); ++b) {
      std::string text;
      bool stopped = false;
      for (const std::string& piece : {whole.substr(0, a), whole.substr(a, b - a), whole.substr(b)}) {
        if (!stopped) stopped = stops.append(text, piece);
      }
      INFO("cut at " << a << " and " << b);
      CHECK(stopped);
      CHECK(text == "12 Eé");
    }
  }
}

TEST_CASE("The first stop string in the text counts, and no text is kept from it on", "[local][stop]") {
  const StopFinder stops({"b", "ab"});
  std::string text;
  CHECK(stops.append(text, "xxab"));
  CHECK(text == "xx");
  const StopFinder none({});
  CHECK_FALSE(none.append(text, "b"));
  CHECK(text == "xxb");
  CHECK(stops.is_stop("ab"));
  CHECK_FALSE(stops.is_stop("xab"));
}

TEST_CASE("A text does not end within a character", "[local][stop]") {
  struct Row {
    const char* text;
    const char* whole;
  };
  const Row rows[] = {{"", ""},
                      {"a", "a"},
                      {"a\xC3", "a"},
                      {"a\xC3\xA9", "a\xC3\xA9"},
                      {"\xE2\x82", ""},
                      {"\xF0\x9F\x98", ""},
                      {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
                      {"\x80\x80\x80\x80", "\x80\x80\x80\x80"}};
  for (const Row& row : rows) CHECK(whole_characters(row.text) == row.whole);
}

}  // namespace
}  // namespace assay::local
