#include "harness/base/regex.h"

#include <chrono>
#include <string>

#include "tests/support/catch.h"

namespace assay {
namespace {

TEST_CASE("groups are found with their places", "[base][regex]") {
  const Regex re = Regex::constant(R"((?P<key>\w+)=(\d+)(;)?)");
  CHECK(re.groups() == 3);
  CHECK(re.group_named("key") == 1u);
  CHECK_FALSE(re.group_named("nothing"));
  const auto match = re.find("  a=1 bc=23;");
  REQUIRE(match);
  CHECK(match->begin() == 2);
  CHECK(match->end() == 5);
  CHECK(match->text() == "a=1");
  CHECK(match->text(1) == "a");
  CHECK_FALSE(match->group(3).matched);
  const auto next = re.find("  a=1 bc=23;", match->end());
  REQUIRE(next);
  CHECK(next->text(1) == "bc");
  CHECK(next->group(2).begin == 9);
  CHECK(next->group(3).matched);
  CHECK_FALSE(re.find("nothing"));
  CHECK_FALSE(re.find("a=1", 99));
  CHECK(re.find_last("a=1 b=2 c=3 ")->text(1) == "c");
  CHECK(re.full_match("a=1"));
  CHECK_FALSE(re.full_match("a=1 "));
}

TEST_CASE("empty matches and empty texts", "[base][regex]") {
  const Regex re = Regex::constant("x*");
  CHECK(re.find("")->text().empty());
  CHECK(re.find(std::string_view())->group(0).matched);
  CHECK(re.find_last("axxb")->begin() == 4);
  CHECK(re.contains(""));
}

TEST_CASE("options change what a pattern means", "[base][regex]") {
  CHECK_FALSE(Regex::constant("ABC").contains("abc"));
  CHECK(Regex::constant("ABC", {.ignore_case = true}).contains("abc"));
  CHECK_FALSE(Regex::constant("^b$").contains("a\nb\nc"));
  CHECK(Regex::constant("^b$", {.multi_line = true}).contains("a\nb\nc"));
  CHECK_FALSE(Regex::constant("a.b").contains("a\nb"));
  CHECK(Regex::constant("a.b", {.dot_all = true}).contains("a\nb"));
}

TEST_CASE("bytes that are no UTF-8 are matched by no character", "[base][regex]") {
  const std::string text =
      "a\xFF\xE2\x82"
      "b";
  CHECK_FALSE(Regex::constant("a.*b").contains(text));
  CHECK(Regex::constant("a").contains(text));
  CHECK(Regex::constant("a.{3}b", {.latin1 = true}).contains(text));
  CHECK(Regex::constant("b\\z").contains(text));
}

TEST_CASE("faulty patterns are the user's error, on one line", "[base][regex]") {
  for (const std::string pattern : {"(", "a{2000}", "\\1", "(?=a)", "[z-a]", "*", "\xFF", "(\n\x1b"}) {
    CAPTURE(pattern);
    const auto made = Regex::compile(pattern);
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().code == Code::invalid);
    CHECK(made.error().message.find_first_of("\n\x1b") == std::string::npos);
  }
  CHECK_FALSE(Regex::compile(std::string(1 << 20, 'a')).ok());
  std::string many;
  for (int i = 0; i < 100; ++i) many += "(a)";
  CHECK_FALSE(Regex::compile(many).ok());
  CHECK_FALSE(Regex::compile("((a{100}){100}){100}").ok());  // more memory than allowed
}

TEST_CASE("what hangs a backtracking engine takes no time here", "[base][regex]") {
  const auto start = std::chrono::steady_clock::now();
  const std::string text(1 << 20, 'a');
  CHECK_FALSE(Regex::constant("(a+)+$b").contains(text));
  CHECK_FALSE(Regex::constant("(a|aa)*c").contains(text));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}

}  // namespace
}  // namespace assay
