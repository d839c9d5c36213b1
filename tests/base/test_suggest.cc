#include "harness/base/suggest.h"

#include <array>

#include "tests/support/catch.h"

using namespace assay;

TEST_CASE("Edit distance counts insertions, deletions, replacements and swaps") {
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("epocsh", "epochs") == 1);
  CHECK(edit_distance("GSM8K", "gsm8k") == 0);
  CHECK(edit_distance(std::string(100000, 'a'), "b") == kMaxSuggestLength);
}

TEST_CASE("The closest name is suggested, and none when nothing is close") {
  const std::array<std::string_view, 5> known = {"math/gsm8k", "math/math500", "logic/bbh/navigate", "math/aime24",
                                                 "coding/cruxeval-o"};
  CHECK(closest_name("math/gsm8", known) == "math/gsm8k");
  CHECK(closest_name("gsm8k", known) == "math/gsm8k");
  CHECK(closest_name("gsmk8", known) == "math/gsm8k");
  CHECK(closest_name("bbh/navigate", known) == "logic/bbh/navigate");
  CHECK(closest_name("aime25", known) == "math/aime24");
  CHECK(closest_name("zzz", known).empty());
  CHECK(closest_name("", known).empty());
  CHECK(did_you_mean("gsm8k", known) == " (did you mean 'math/gsm8k'?)");
  CHECK(did_you_mean("zzz", known).empty());
}
