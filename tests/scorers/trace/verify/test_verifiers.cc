// Small traces for each rule of the state verifiers: data rows.
#include <chrono>

#include "harness/base/format.h"
#include "tests/scorers/trace/verify/real_traces.h"
#include "tests/support/catch.h"

namespace assay::test {
namespace {

constexpr int kNone = -1;
constexpr int kUnparsed = -2;

struct Row {
  std::string name;
  std::string task;
  std::string prompt;
  std::vector<std::string> steps;
  int mistake = kNone;
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const auto verdict = verdict_of(row.task, row.prompt, row.steps);
    const int got = verdict.outcome == verify::Outcome::unparsed ? kUnparsed
                    : verdict.first_mistake                      ? static_cast<int>(*verdict.first_mistake)
                                                                 : kNone;
    INFO(
        row.name << (verdict.findings.empty() ? std::string() : format(" ({})", verdict.findings[0].detail)));
    CHECK(got == row.mistake);
    CHECK((got != kUnparsed || !verdict.reason.empty()));
  }
}

TEST_CASE("Bracket traces", "[verify]") {
  const std::string p = "Close the brackets. Input: ( [ { }";
  check({
      {"all right",
       "dyck_languages",
       p,
       {"0: empty stack", "1: ( ; stack: (", "2: [ ; stack: ( [", "3: { ; stack: ( [ {", "4: } ; stack: ( [",
        "Now, we have reached the end. The final stack is \"( [\".",
        "We will need to pop out \"[\", \"(\" one by one in that order.",
        "So, we need \"]\", \")\". So the answer is ] )."}},
      {"a wrong stack", "dyck_languages", p, {"( ; stack: (", "[ ; stack: [ (", "{ ; stack: ( [ {"}, 1},
      {"a wrong symbol", "dyck_languages", p, {"( ; stack: (", "{ ; stack: ( {"}, 1},
      {"several symbols at once",
       "dyck_languages",
       p,
       {"( [ ; stack: ( [", "{ } ; stack: ( [", "So the answer is ] )"}},
      {"the end comes early",
       "dyck_languages",
       p,
       {"( ; stack: (", "[ ; stack: ( [", "Now, we have reached the end. The final stack is \"( [\"."},
       2},
      {"popped in the wrong order",
       "dyck_languages",
       p,
       {"( ; stack: (", "[ ; stack: ( [", "{ ; stack: ( [ {", "} ; stack: ( [",
        "We have reached the end. We pop out \"(\", \"[\"."},
       4},
      {"twice",
       "dyck_languages",
       "[ [",
       {"[ ; stack: [", "[ ; stack: [ [", "We have reached the end. We will need to pop out \"[\" twice.",
        "So the answer is ] ]"}},
      {"a wrong answer",
       "dyck_languages",
       "[ [",
       {"[ ; stack: [", "[ ; stack: [ [", "So the answer is ]"},
       2},
      {"taken back",
       "dyck_languages",
       "[ (",
       {"[ ; stack: (. Wait, that's wrong: stack: [", "( ; stack: [ (", "So the answer is ) ]"}},
      {"no stack", "dyck_languages", "[ (", {"I think I know it.", "So the answer is ) ]"}, kUnparsed},
      {"no brackets asked", "dyck_languages", "Hello.", {"[ ; stack: ["}, kUnparsed},
  });
}

TEST_CASE("Traces of shuffled objects", "[verify]") {
  const std::string p =
      "Ann, Ben, and Cy are playing a game. At the start, they each hold a ball: Ann has a red ball, Ben has "
      "a blue ball, and Cy has a green ball. As the game goes on, they trade. First, Ann and Ben swap balls. "
      "Then, Cy and Ann swap balls. At the end of the game, Ann has the\nOptions:\n(A) red ball.\n(B) blue "
      "ball.\n(C) green ball.";
  const std::string t = "tracking_shuffled_objects_three_objects";
  check({
      {"all right",
       t,
       p,
       {"(0) At the start: Ann: red, Ben: blue, Cy: green.",
        "(1) Ann and Ben swap balls: Ann: blue, Ben: red, Cy: green.",
        "(2) Cy and Ann swap balls: Ann: green, Ben: red, Cy: blue.",
        "At the end of the game, Ann has the green ball. So the answer is (C)."}},
      {"a wrong holding",
       t,
       p,
       {"Ann and Ben swap balls: Ann: blue, Ben: red.", "Cy and Ann swap balls: Ann: blue, Cy: green."},
       1},
      {"another swap", t, p, {"Ann and Ben swap balls: Ann: blue.", "Cy and Ben swap balls: Cy: red."}, 1},
      {"lines of holdings alone",
       t,
       p,
       {"A: red, B: blue, C: green", "A: blue, B: red, C: green", "A: green, B: red, C: blue",
        "So the answer is (C)"}},
      {"a line of holdings is late",
       t,
       p,
       {"A: red, B: blue, C: green", "A: blue, B: red, C: green", "A: blue, B: red, C: green"},
       2},
      {"a swap is left out",
       t,
       p,
       {"Ann and Ben swap balls: Ann: blue, Ben: red.", "So the answer is (B)"},
       1},
      {"gone over again",
       t,
       p,
       {"Ann and Ben swap balls: Ann: blue.", "Cy and Ann swap balls: Ann: green.",
        "To check: after step 1: Ann: blue, Ben: red. After step 2: Ann: green.",
        "Again: Ann and Ben swap, so Ann has blue; Cy and Ann swap, so Ann has green.",
        "So the answer is (C)"}},
      {"the wrong letter",
       t,
       p,
       {"Ann and Ben swap balls: Ann: blue.", "Cy and Ann swap balls: Ann: green.", "So the answer is (B)"},
       2},
      {"nothing said", t, p, {"Let me think.", "So the answer is (C)"}, kUnparsed},
  });
}

TEST_CASE("Traces of arithmetic", "[verify]") {
  const std::string p = "((2 + 3) * (4 - -1)) =";
  const std::string t = "multistep_arithmetic_two";
  check({
      {"all right",
       t,
       p,
       {"This equation can be written as \"A * B\", where A = (2 + 3) and B = (4 - -1).",
        "Let's calculate A = (2 + 3) = 5.", "Let's calculate B = (4 - -1) = (4 + 1) = 5.",
        "Then, the final equation is A * B = 5 * 5 = 25. So the answer is 25."}},
      {"a false member",
       t,
       p,
       {"A = (2 + 3) = 5.", "B = (4 - -1) = (4 - 1) = 3.", "So the answer is 15."},
       1},
      {"another formula", t, p, {"This is \"A + B\", where A = (2 + 3) and B = (4 - -1)."}, 0},
      {"a wrong answer", t, p, {"(2 + 3) = 5", "So the answer is 24"}, 1},
      {"signs of the other sort", t, p, {"(2 + 3) × (4 − −1) = 5 × 5 = 25"}},
      {"no equation", t, p, {"So the answer is 25"}, kUnparsed},
  });
}

TEST_CASE("Traces of sorting words", "[verify]") {
  const std::string p = "Sort the following words alphabetically: List: oven costume counterpart";
  const std::string t = "word_sorting";
  const std::string letters =
      "The first letter: \"oven\": \"o\" (15). \"costume\": \"c\" (3). \"counterpart\": \"c\" (3).";
  check({
      {"all right, in one go",
       t,
       p,
       {letters, "We now have: (3) [\"costume\" ? \"counterpart\"] < (15) \"oven\".",
        "Now let's sort this subpart [\"costume\" ? \"counterpart\"] by looking at their second letters. The "
        "second letter: \"costume\": \"o\" (15). \"counterpart\": \"o\" (15). We now have: (15) [\"costume\" "
        "? \"counterpart\"].",
        "The third letter: \"costume\": \"s\" (19). \"counterpart\": \"u\" (21). We now have: (19) "
        "\"costume\" < (21) \"counterpart\".",
        "Hence, we have [\"costume\" < \"counterpart\"] < \"oven\".",
        "So the answer is costume counterpart oven."}},
      {"a wrong letter", t, p, {letters, "The second letter: \"costume\": \"a\" (1)."}, 1},
      {"a wrong number", t, p, {"The first letter: \"oven\": \"o\" (14)."}, 0},
      {"a word left out", t, p, {letters, "We now have: (3) \"costume\" < (15) \"oven\"."}, 1},
      {"in the wrong order",
       t,
       p,
       {letters, "We now have: (15) \"oven\" < (3) [\"costume\" ? \"counterpart\"]."},
       1},
      {"not established",
       t,
       p,
       {letters, "We now have: (3) [\"costume\" ? \"counterpart\"] < (15) \"oven\".",
        "Hence, we have \"costume\" < \"counterpart\" < \"oven\"."},
       2},
      {"the answer is not sorted", t, p, {letters, "So the answer is counterpart costume oven"}, 1},
      {"a slip in copying", t, p, {"The first letter: \"ovenn\": \"o\" (15)."}},
      {"nothing compared", t, p, {"So the answer is costume counterpart oven"}, kUnparsed},
  });
}

TEST_CASE("Traces of logical deduction", "[verify]") {
  const std::string p =
      "The following paragraph describes four objects in a fixed order.\n- On a branch, there are four "
      "birds: an owl, a blue jay, a hawk, and a quail.\n- The owl is the leftmost.\n- The blue jay is to the "
      "left of the hawk.\n- The hawk is to the left of the quail.\nOptions:\n(A) The owl is the "
      "rightmost.\n(B) The quail is the rightmost.";
  const std::string t = "logical_deduction_five_objects";
  check({
      {"all right",
       t,
       p,
       {"The owl is the leftmost. So from left to right: first is the owl, then second, third, and fourth "
        "can be any bird.",
        "The blue jay is to the left of the hawk, so the hawk cannot be the leftmost.",
        "The hawk is to the left of the quail. So from left to right: first is the owl, then second is the "
        "blue jay, then third is the hawk, then fourth is the quail.",
        "So the answer is (B)"}},
      {"guessed before it follows",
       t,
       p,
       {"The owl is the leftmost. So from left to right: first is the owl, then second is the blue jay."},
       0},
      {"from the other side",
       t,
       p,
       {"The owl is the leftmost. So from right to left: first, second and third can be any bird, then "
        "fourth is the owl."}},
      {"a place past the end",
       t,
       p,
       {"The owl is the leftmost.", "So from left to right: first is the owl, then fifth is the hawk."},
       1},
      {"any, where one is known",
       t,
       p,
       {"The owl is the leftmost. So from left to right: first can be any bird."},
       0},
      {"an exclusion that does not follow",
       t,
       p,
       {"The blue jay is to the left of the hawk, so the blue jay cannot be the leftmost."},
       0},
      {"a clue turned round", t, p, {"The hawk is to the left of the blue jay."}, 0},
      {"either of two",
       t,
       p,
       {"The owl is the leftmost. The blue jay is to the left of the hawk. So from left to right: second or "
        "third is the blue jay."}},
      {"patterns",
       t,
       p,
       {"(1) The blue jay is to the left of the hawk: \"(left) ? blue jay ? hawk ? (right)\".",
        "(2) The hawk is to the left of the quail: \"(left) ? quail ? hawk ? (right)\"."},
       1},
      {"the wrong option", t, p, {"The owl is the leftmost.", "So the answer is (A)"}, 1},
      {"nothing said", t, p, {"Hard to say."}, kUnparsed},
  });
}

TEST_CASE("Traces about a line of people, supposing and concluding", "[verify]") {
  const std::string p =
      "3 people stand in a line: Ann, Ben, Cy.\n\nAnn is not first in the line.\nBen stands directly ahead "
      "of Cy.\nAnn and Ben do not stand next to each other.\n\nIn which order do they stand? List all names "
      "from the front of the line to its end, separated by commas.";
  check({
      {"all right",
       "logic/ordering",
       p,
       {"Suppose Ann is second. Then Ben is first, and Cy is third, which contradicts clue 2.",
        "So Ann is last, Ben is first and Cy is second.", "Answer: Ben, Cy, Ann"}},
      {"a true supposition called impossible",
       "logic/ordering",
       p,
       {"Suppose Ann is third. That is a contradiction."},
       0},
      {"a false place", "logic/ordering", p, {"Ben is first.", "So Cy must be third."}, 1},
      {"withdrawn", "logic/ordering", p, {"So Cy must be third. Wait, that can't be.", "Cy is second."}},
      {"a question", "logic/ordering", p, {"Is Cy third?", "Ben is ahead of Ann."}},
      {"the answer", "logic/ordering", p, {"Ben is first.", "Answer: Ben, Ann, Cy"}, 1},
  });
}

TEST_CASE("Traces of knights and knaves", "[verify]") {
  const std::string p =
      "Everyone here is either a knight, who says only what is true, or a knave, who says only what is "
      "false. You meet Ann, Ben and Cy.\n\nAnn says: \"Ben is a knave.\"\nBen says: \"Ann and Cy are of the "
      "same kind.\"\nCy says: \"Ann is a knight and Ben is a knave.\"\n\nWho is what? Give everyone's role.";
  const std::string t = "logic/knights-knaves";
  check({
      {"more than one way to read it",
       t,
       "You meet Ann and Ben.\nAnn says: \"Ben is a knight.\"\nBen says: \"Ann is a knight.\"",
       {"Ann is a knight."},
       kUnparsed},
      {"a statement of no known form",
       t,
       "You meet Ann and Ben.\nAnn says: \"It rains.\"",
       {"Ann is a knight."},
       kUnparsed},
      {"all right",
       t,
       p,
       {"Ann says \"Ben is a knave\".",
        "Suppose Ann is a knight. Then Ben is a knave, and so Cy is a knave. But what Cy says would be true, "
        "a contradiction.",
        "So Ann is a knave and Ben is a knight. Cy is a knave too.",
        "Answer: Ann: knave, Ben: knight, Cy: knave"}},
      {"a false role", t, p, {"So Ben is a knight.", "Hence Ann is not a knave."}, 1},
      {"several at once", t, p, {"Ann and Cy are both knaves.", "Neither Ann nor Cy is a knave."}, 1},
      {"of the same kind", t, p, {"Ann and Cy are of the same kind.", "Ben and Cy are of the same kind."}, 1},
      {"what is said is not stated", t, p, {"Ann says that Ben is a knave, but Ann is lying."}},
      {"a wrong contradiction",
       t,
       p,
       {"Assume Ben is a knight. This leads to a contradiction.", "So Ben is a knave."},
       0},
  });
}

TEST_CASE("Traces of zebra grids", "[verify]") {
  const std::string p =
      "3 houses stand in a row, numbered 1 to 3 from left to right. In each lives one person: Ann, Ben, Cy. "
      "Each has a different drink: tea, milk, juice.\n\n1. Ann lives in house 2.\n2. Ben lives directly to "
      "the left of Ann.\n3. Cy is the person who drinks tea.\n4. Ben is not the person who drinks "
      "milk.\n\nWhat is Ann's drink? Answer with one word.";
  const std::string t = "logic/zebra";
  check({
      {"all right",
       t,
       p,
       {"Ann lives in house 2, so Ben is in house 1.", "House 3: Cy, tea.", "| House 1 | Ben | juice |",
        "Ann drinks milk.", "Answer: milk"}},
      {"a false house", t, p, {"Ann lives in house 2.", "So Ben is in house 3."}, 1},
      {"what does not belong together", t, p, {"Cy drinks tea.", "Therefore Ben's drink is milk."}, 1},
      {"a false exclusion", t, p, {"Tea cannot be in house 3."}, 0},
      {"supposed",
       t,
       p,
       {"Suppose Ben is in house 3. Then Ann is in house 1. That is impossible.", "Ben is in house 1."}},
      {"possible only", t, p, {"Tea could be in house 1 or house 3.", "Ann lives in house 2."}},
      {"neighbours", t, p, {"Cy lives next to Ann.", "Cy lives next to Ben."}, 1},
      {"nothing placed", t, p, {"Let me see."}, kUnparsed},
  });
}

TEST_CASE("Traces of countdown", "[verify]") {
  const std::string p =
      "Using the numbers 3, 5, 7, 2 and the operations + - * /, write an expression whose value is exactly "
      "24. Each number may be used at most once.";
  const std::string t = "math/countdown";
  check({
      {"all right",
       t,
       p,
       {"5 * 7 = 35, too large.", "3 * 7 = 21 and 5 - 2 = 3 (good), so 21 + 3 = 24.",
        "Answer: 3 * 7 + 5 - 2"}},
      {"a false value", t, p, {"5 * 7 = 35.", "35 - 12 = 24."}, 1},
      {"a question", t, p, {"5 * 7 = 24? No.", "3 * 7 = 21"}},
      {"misses the target", t, p, {"3 * 7 = 21", "Answer: 3 * 7 + 5"}, 1},
      {"a number twice", t, p, {"3 * 7 = 21", "Answer: 3 * 7 + 3"}, 1},
      {"no equation", t, p, {"I give up."}, kUnparsed},
  });
}

TEST_CASE("What a trace withdraws is kept as self_corrected", "[verify]") {
  const auto verdict = verdict_of(
      "math/countdown",
      "Using the numbers 3, 5 and the operations + - * /, write an expression whose value is exactly 8.",
      {"3 + 5 = 9.", "Wait, 3 + 5 = 8.", "Answer: 3 + 5"});
  CHECK(verdict.outcome == verify::Outcome::none);
  REQUIRE(verdict.findings.size() == 1);
  CHECK(verdict.findings[0].kind == "self_corrected");
  CHECK(verdict.findings[0].severity == Severity::info);
  CHECK(verdict.findings[0].step == 0U);
  CHECK(verdict.findings[0].span == Span{0, 9});
}

TEST_CASE("Long and hostile traces end soon", "[verify]") {
  struct Task {
    std::string name;
    std::string prompt;
    std::string line;
  };
  const Task tasks[] = {
      {"dyck_languages", "( [ {", "( ; stack: ( "},
      {"tracking_shuffled_objects", "Ann has a red ball, and Ben has a blue ball. Ann and Ben swap balls.",
       "Ann and Ben swap: Ann: blue. "},
      {"multistep_arithmetic", "(1 + 2) * 3 =", "A = (1 + 2) = 3 = ((( "},
      {"word_sorting", "ant bee cow", "\"ant\": \"a\" (1). \"bee\" < \"cow\" [ ? "},
      {"logical_deduction",
       "There are three birds: an owl, a hawk, and a quail.\nThe owl is the leftmost.\nOptions:\n(A) The owl "
       "is the leftmost.",
       "The owl is the leftmost, the hawk or the quail: from left to right: first "},
      {"logic/knights-knaves",
       "You meet Ann and Ben.\nAnn says: \"Ben is a knave.\"\nBen says: \"Ann and I are of different "
       "kinds.\"",
       "Suppose Ann is a knight. \" "},
      {"logic/zebra",
       "In each lives one person: Ann, Ben. Each has a different drink: tea, milk.\n1. Ann lives in house "
       "1.\n2. Ann is the person who drinks tea.",
       "House 1: Ann, tea or house 2 "},
      {"math/countdown", "Using the numbers 3, 5, write an expression whose value is exactly 8.",
       "3 + 5 = 8 = (((((( - - - "}};
  for (const Task& task : tasks) {
    for (const std::string& line :
         {task.line, std::string("((((((((("), std::string("\" \" [ "), std::string("          "),
          std::string("aaaaaaaaaa"), std::string("- - - - ")}) {
      std::string text;
      while (text.size() < (1U << 20)) text += line;
      const auto start = std::chrono::steady_clock::now();
      verdict_of(task.name, task.prompt, {text});
      const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      INFO(task.name << " on 1 MiB of: " << line << ": " << seconds << " s");
      CHECK(seconds < 2);  // what grows with the square takes minutes
    }
  }
}

}  // namespace
}  // namespace assay::test
