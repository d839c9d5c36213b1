// Where the answer stands in a response.
#include "scorers/math/extract.h"
#include "tests/support/catch.h"

using namespace assay::math;

namespace {

struct Row {
  const char* response;
  const char* answer;
  const char* rule;
};

const Row kRows[] = {
    {"so it is \\boxed{42}.", "42", "box"},
    {"\\boxed{1}, no: \\boxed{2}", "2", "box"},
    {"\\boxed{(1, 2)} and \\boxed{(2, 1)}", "(1, 2) , (2, 1)", "boxes"},
    {"\\boxed{7}\n\\boxed{7}", "7", "box"},
    {"\\boxed{\\frac{1}{2}} done", "\\frac{1}{2}", "box"},
    {"\\fbox{3}", "3", "box"},
    {"\\boxed 42 then", "42", "box"},
    {"<|begin_of_box|>B<|end_of_box|>", "B", "box"},
    {"<think>\\boxed{1}</think> \\boxed{2}", "2", "box"},
    {"\\boxed{1} first. The answer is 5.", "1", "box"},
    {"The answer is 5.", "5", "marker"},
    {"Answer: $x = 5$ because $y = 2$", "x = 5", "marker"},
    {"The final answer is $12$ and $13$.", "$12$ and $13$", "marker"},
    {"... \n#### 72", "72", "marker"},
    {"First we add.\nA: 1042.75", "1042.75", "marker"},
    {"{\"reasoning\": \"...\", \"answer\": \"-5\"}", "-5", "marker"},
    {"**answer**: \"-5\"\n},", "-5", "marker"},
    {"We find that the area of it is $12$ and thus $A = 12\\pi$ holds", "A = 12\\pi", "span"},
    {"Therefore the perimeter of the whole is 4 * 13 = 52 units.", "4 * 13 = 52", "run"},
    {"There are 30 of them, so it takes more steps to do 12.", "12", "run"},
    {"they need **17** more of them to win", "17", "bold"},
};

}  // namespace

TEST_CASE("the answer's span and the rule that found it", "[math]") {
  for (const Row& row : kRows) {
    INFO(row.response);
    const Found f = extract(row.response, PredictionKind::response, {}, false);
    CHECK(std::string(f.rule) == row.rule);
    REQUIRE_FALSE(f.spellings.empty());
    CHECK(f.spellings.back() == row.answer);
    CHECK(f.begin <= f.end);
    CHECK(f.end <= std::string(row.response).size());
  }
}

TEST_CASE("a number is never picked out of a box that does not parse", "[math]") {
  CHECK(grade("6", "\\boxed{6 apples or 7 )(}", {}).equal != Equal::yes);
  CHECK(grade("6", "\\boxed{6\\sqrt{2}}", {}).equal == Equal::no);
  CHECK(grade("1", "\\boxed{x + 1}", {}).equal == Equal::no);
  CHECK(grade("60", "it is greater than 60 for sure, always", {}).equal == Equal::no);
  CHECK(grade("6", "6 or less", {}).equal == Equal::no);
}
