// The number of a whole answer: where it stands, what surrounds it, and whether it is the target.
#include <string>
#include <vector>

#include "tests/scorers/scoring.h"

namespace assay {
namespace {

using test::kNo;
using test::kNone;
using test::kYes;
using test::make_scorer;
using test::score;
using test::ScoreRow;

const std::vector<ScoreRow> kScores = {
    {"18", "18", kYes, "whole"},
    {"$18", "# 18", kYes, "whole"},
    {"18.00", "18", kYes, "whole"},
    {"14,000", "14000", kYes, "whole"},
    {"14000", "14,000", kYes, "whole"},
    {"17", "18", kNo, "whole"},
    {"x = 18", "18", kYes, "whole"},
    {"Total cost = $18", "18", kYes, "whole"},
    {"8 - 4 = 4", "4", kNo, "whole"},  // a computation is no answer
    {"Janet makes $18 every day.", "18", kYes, "only_number"},
    {"Janet does not make $18.", "18", kNo, "whole"},
    {"It is at least 18.", "18", kNo, "whole"},
    {"86 glasses and 42 plates", "128", kNo, "whole"},
    {"I think that\nit is 18 I guess", "18", kNone, ""},
    {"", "18", kNone, ""},
    {" \n ", "18", kNone, ""},
    // Marks.
    {"So\n\\boxed{18}", "18", kYes, "boxed"},
    {"\\boxed{17}, no:\n\\boxed{18}", "18", kYes, "boxed"},
    {"So\n\\boxed{x = 18}", "18", kYes, "boxed"},
    {"So\n\\fbox{18}.", "18", kYes, "boxed"},
    {"So\n$\\boxed 18$", "18", kYes, "boxed"},
    {"So\n\\boxed{\\text{none}} of the 18", "18", kNo, "boxed"},
    {"So\n\\boxed{\\frac{1}{2}}", "0.5", kYes, "boxed"},
    {"So\n\\boxed{\\boxed{18}}", "18", kYes, "boxed"},
    {"So \\{ \n\\boxed{18}", "18", kYes, "boxed"},
    {"So 9\n\\boxed{18", "18", kNone, ""},  // cut
    {"9 + 9 = 18\n#### 18", "18", kYes, "hash"},
    {"#### Step 1\n9\n#### 18", "18", kYes, "hash"},
    {"9\nThe answer is 18.", "18", kYes, "answer_is"},
    {"9\nThe answer is $18. Because 9 * 2 = 18.", "18", kYes, "answer_is"},
    {"9\nThe answer is 18, not 20.", "18", kYes, "answer_is"},
    {"9\nThe answer is 18 (9 + 9).", "18", kYes, "answer_is"},
    {"9\nThe answer is 9 * 2 = 18.", "18", kYes, "answer_is"},
    {"9\nThe answer is that Janet makes $18 a day.", "18", kYes, "answer_is"},
    {"9\nThe answer is 18 or 20.", "18", kNo, "answer_is"},
    {"9\nThe answer is 18, 20.", "18", kNo, "answer_is"},
    {"9\nThe answer is not 18.", "18", kNo, "answer_is"},
    {"9\nThe final answer is: $\\boxed{18}$", "18", kYes, "boxed"},
    {"9\nThe final answer is **18**", "18", kYes, "answer_is"},
    {"9\n**Answer:** 18", "18", kYes, "answer_is"},
    {"9\n**Answer**: 18 dollars", "18", kYes, "answer_is"},
    {"9\nAnswer = 18", "18", kYes, "answer_is"},
    {"9\nANSWER: 18", "18", kYes, "answer_is"},
    {"9\nAnswer:\n18", "18", kYes, "answer_is"},
    {"9\n## Final Answer\n\n**18**", "18", kYes, "answer_is"},
    {"9\nFinal answer:\n\\[\n18\n\\]", "18", kYes, "answer_is"},
    {"9\nThe answer to the question is 18", "18", kYes, "answer_is"},
    {"9\nThe answer is 17\nAnswer: 18", "18", kYes, "answer_is"},
    {"The answer is 18\nThe answer is obvious.", "18", kYes, "answer_is"},
    {"The answer is 18\nFinal answer: unknown", "18", kNo, "answer_is"},
    {"9\n<answer> 18 </answer>", "18", kYes, "answer_tag"},
    {"9\n{\"reasoning\": \"9\", \"answer\": \"18\"}", "18", kYes, "json"},
    {"9\n{\"answer\": 18}", "18", kYes, "json"},
    {"9\n{\"answer\": 18,\n \"more\": 1}", "18", kYes, "json"},
    {"```\n18\n```", "18", kYes, "fence"},
    {"These answers are of interest:\n18", "18", kNone, ""},
    // Targets that are no numbers.
    {"None", "none", kYes, "whole"},
    {"the  Cat", "The cat", kYes, "whole"},
};

TEST_CASE("numeric answers at their marks", "[scorers][numeric]") {
  const auto scorer = make_scorer("numeric");
  for (const ScoreRow& row : kScores) {
    CAPTURE(row.answer, row.target);
    const Score s = score(*scorer, row.target, row.answer);
    CAPTURE(s.explanation);
    CHECK(name(s.outcome) == name(row.outcome));
    CHECK(s.rule == row.rule);
    if (s.rule == "boxed") CHECK(row.answer.substr(s.span->begin, s.extracted.size()) == s.extracted);
  }
}

struct ReviewRow {
  std::string answer;
  std::string target;
  bool right;
};

// What a number's surroundings make of it, and which of several marks counts.
const std::vector<ReviewRow> kSurroundings = {
    {"Answer: - 5", "-5", true},
    {"Answer: - 5", "5", false},
    {"The value is - 5", "-5", true},
    {"The value is - 5", "5", false},
    {"The result: \u2212 5", "-5", true},
    {"The result: \u2212 5", "5", false},
    {"The value is negative 5", "-5", true},
    {"The value is negative 5", "5", false},
    {"The value is \u20135", "-5", true},
    {"The value is \u20135", "5", false},
    {"Answer: \u2011 5", "-5", true},
    {"Answer: \u2011 5", "5", false},
    {"Answer: negative 5", "-5", true},
    {"Answer: negative 5", "5", false},
    {"The answer is minus 5.", "-5", true},
    {"The answer is minus 5.", "5", false},
    {"Answer: log(5)", "5", false},
    {"log(5)", "5", false},
    {"The value is sin(5)", "5", false},
    {"f(5)", "5", false},
    {"C(5)", "5", false},
    {"the square of 5", "5", false},
    {"The square root of 5", "5", false},
    {"reciprocal of 5", "5", false},
    {"5 factorial", "5", false},
    {"\\boxed{5!}", "5", false},
    {"\\boxed{5a}", "5", false},
    {"\\boxed{5n}", "5", false},
    {"5! = 120", "5", false},
    {"Answer: 5! = 120", "5", false},
    {"The value \u2014 5", "5", false},
    {"sqrt(18)", "18", false},
    {"Over 18", "18", false},
    {"Under 18", "18", false},
    {"Below 18.", "18", false},
    {"Up to 18", "18", false},
    {"Less then 18", "18", false},
    {"It is 18 squared", "18", false},
    {"It is 18 pi", "18", false},
    {"It is 18 bn", "18", false},
    {"It is 18 mln", "18", false},
    {"It is 18 lakh", "18", false},
    {"It is 18 crore", "18", false},
    {"It is 18 millions", "18", false},
    {"It is 18 thirds", "18", false},
    {"Answer: $18M", "18", false},
    {"Sorry, this question has an error: it says 18.", "18", false},
    {"She adds up to 18 in all", "18", true},
    {"The area is 18 square feet.", "18", true},
    {"The value is (18).", "18", true},
    {"18 is the answer.", "18", true},
    {"Answer: 18!", "18", true},
    {"She has 18 left.", "18", true},
    {"Total: 18", "18", true},
    {"\\boxed{x + y = 6}", "6", false},
    {"Answer: 2x = 6", "6", false},
    {"-x = 6", "6", false},
    {"\\boxed{|x| = 6}", "6", false},
    {"Answer: x = 5, y = 6", "6", false},
    {"f(x) = 6", "6", false},
    {"Answer: x + y = 6", "6", false},
    {"Answer: -x = 6", "6", false},
    {"Answer: sqrt x = 6", "6", false},
    {"Answer: x = 3 * 2 = 6", "6", true},
    {"Answer: 3 eggs * 2 dollars = 6", "6", true},
    {"pre-tax total = 6", "6", true},
    {"Answer: 3 x 2 = 6", "6", true},
    {"Answer: (4 + 2) / 1 = 6", "6", true},
    {"Answer: 18 is incorrect, it should be 20", "18", false},
    {"Answer: 18? No, 20", "18", false},
    {"Answer: 18. Wait, it is 20.", "18", false},
    {"Answer: 18; no, 20", "18", false},
    {"Answer: 18 (or 19)", "18", false},
    {"Answer: 18\nor 19", "18", false},
    {"Answer: 18\nWait, I forgot two. The answer should be 20.", "18", false},
    {"Answer: 18\nFinal answer \u2192 20", "18", false},
    {"Answer: 18\nFinal answer -> 20", "18", false},
    {"Answer: 18\nWait, that misses two of them.", "18", false},
    {"Answer: 18 \u2014 20", "18", false},
    {"18? No, 20", "18", false},
    {"18. Wait, it is 20.", "18", false},
    {"18 (or 19)", "18", false},
    {"Answer: 18; 20", "18", false},
    {"The answer is 18, or rather twenty.", "18", false},
    {"Answer: 18\nWait, I forgot two. The answer should be 20.", "20", true},
    {"Answer: 18\nFinal answer \u2192 20", "20", true},
    {"Answer: 18\nFinal answer -> 20", "20", true},
    {"The answer is 18.\nActually, it is 20.", "18", false},
    {"Answer: 18 e", "18", false},
    {"Answer: \u2265 18", "18", false},
    {"The value is \u2264 18", "18", false},
    {"Answer: max 18", "18", false},
    {"The floor of 18", "18", false},
    {"Total \u2192 18", "18", true},
    {"The length is 18 m.", "18", true},
    {"The answer is 18.\nActually, the answer is 20.", "20", true},
    {"The answer is 18 because no eggs are left.", "18", true},
    {"#### 18\n\nQ: how many?\nA: 7", "18", true},
    {"The answer should be 20.", "20", true},
    {"#### 3. Calculate the total\n18+18 = 36\n\nAnswer: 36", "36", true},
    {"#### Step 3\n18+18 = 36\n\nAnswer: 36", "36", true},
    {"#### Step 3\n18+18 = 36\n\nThe answer is 36.", "36", true},
    {"Work \\boxed{18} per part.\nAnswer: 36", "36", true},
    {"Work.\n#### 36\n", "36", true},
    {"Answer: 35\n#### 36", "36", true},
    {"Answer: 18\n\nThe answer is rounded to 2 decimals.", "18", true},
    {"So\nthe answer is **18**.", "18", true},
    {"Answer:\n```python\n18\n```", "18", true},
    {"Answer:\n```\n18\n```\nDone.", "18", true},
    {"Answer: ```18```", "18", true},
    {"Answer: approximately 18", "18", true},
    {"Answer: 18\u2026", "18", true},
    {"Answer: 18 \u2014 that is the total", "18", true},
    {"18 \u2014 that is the total", "18", true},
    {"\\boxed{\\textbf{18}}", "18", true},
    {"{\"final_answer\": 18, \"confidence\": 0.9}", "18", true},
    {"Work\n{\"answer\": 18, \"n\": 2}", "18", true},
    {"\uFF11\uFF18", "18", true},
    {"Answer: 18<|im_end|>", "18", true},
    {"Answer: 18</s>", "18", true},
    {"18<|im_end|>\n", "18", true},
    {"She has 18.</s>", "18", true},
    {"Final Answer: The final answer is $18$. I hope it is correct.\nThe answer is clear.", "18", true},
};

TEST_CASE("numeric: signs, functions, equations, retractions, order of marks", "[scorers][numeric]") {
  const auto scorer = make_scorer("numeric");
  for (const ReviewRow& row : kSurroundings) {
    CAPTURE(row.answer, row.target);
    const Score s = score(*scorer, row.target, row.answer);
    CAPTURE(s.explanation, s.extracted, s.rule);
    CHECK((s.outcome == kYes) == row.right);
  }
}

struct LastRow {
  std::string answer;
  std::string extracted;
  std::string target;
};

const std::vector<LastRow> kLast = {
    {"We have 9 and 9\nso it is 18 I guess", "18", "18"},
    {"We have\n9 and thus $1,234.50.", "$1,234.50", "1234.5"},
    {"It was\n-5 degrees", "-5", "-5"},
    {"From 10\nto 10-5", "5", "5"},
    {"About\n50% of it", "50", "50"},
    {"Half is\n1/2, yes", "1/2", "0.5"},
    {"86 glasses and 42 plates", "42", "42"},
};

TEST_CASE("the last number counts only when asked for", "[scorers][numeric]") {
  const auto strict = make_scorer("numeric");
  const auto last = make_scorer("numeric", {{"last_number", true}});
  for (const LastRow& row : kLast) {
    CAPTURE(row.answer);
    CHECK(score(*strict, row.target, row.answer).outcome != kYes);
    const Score s = score(*last, row.target, row.answer);
    CAPTURE(s.explanation);
    CHECK(s.outcome == kYes);
    CHECK(s.rule == "last_number");
    CHECK(s.extracted == row.extracted);
  }
  CHECK(score(*last, "18", "none\nat all").outcome == kNone);
  CHECK(score(*last, "18", "9\n\\boxed{18}, or 20").outcome == kYes);
  CHECK(score(*last, "20", "9\n\\boxed{none}, or 20").outcome == kNo);
}

TEST_CASE("numeric: percent, several targets, no target, options", "[scorers][numeric]") {
  const auto divides = make_scorer("numeric", {{"percent_divides", true}});
  CHECK(score(*divides, "0.5", "50%").outcome == kYes);
  CHECK(score(*divides, "50%", "1/2").outcome == kYes);
  CHECK(score(*divides, "1/300", "\\frac{1}{3}%").outcome == kYes);
  CHECK(score(*divides, "50", "50%").outcome == kNo);
  const auto scorer = make_scorer("numeric");
  CHECK(score(*scorer, test::with_targets({"1", "2"}), test::answering("2")).outcome == kYes);
  CHECK(score(*scorer, test::with_targets({}), test::answering("2")).outcome == Outcome::unscored);
}

}  // namespace
}  // namespace assay
