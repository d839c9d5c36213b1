// Whole responses: found, read and compared.
#include "scorers/math/grade.h"
#include "tests/support/catch.h"

using namespace assay::math;

namespace {

struct Row {
  const char* gold;
  const char* response;
  bool correct;
};

const Row kRows[] = {
    {"42", "The answer is $\\boxed{42}$ because $6 \\times 7 = 42$.", true},
    {"42", "**Final Answer**\n\\[\n\\boxed{42}\n\\]", true},
    {"42", "Therefore the answer is **42**.", true},
    {"42", "Answer: \\(42\\)", true},
    {"42", "### Final Answer\n\n42", true},
    {"42", "ANSWER: 42", true},
    {"42", "The final answer is: $42$.", true},
    {"42", "So, x = 42.", true},
    {"42", "Thus, we have 42 apples.", true},
    {"42", "I think the answer might be 42, but it could be 43.", false},
    {"1/2", "The probability is $\\frac{1}{2}$.", true},
    {"1/2", "the probability is 1/2", true},
    {"1/2", "Hence $P = 0.5$", true},
    {"(3,4)", "The point is $(3, 4)$.", true},
    {"x=3", "We get $x = 3$.", true},
    {"\\sqrt{2}", "The length is $\\sqrt{2}$ units.", true},
    {"10", "<think>it is 11</think>\n\nThe answer is 10.", true},
    {"10", "<think>it is 10</think>\n\nThe answer is 11.", false},
    {"B", "The correct answer is (B).", true},
    {"B", "**B**", true},
    {"B", "Answer: B) 42", true},
    {"B", "The correct option is B", true},
    {"C", "Option C is correct.", true},
    {"C", "\\boxed{C}", true},
    {"C", "\\boxed{\\text{C}}", true},
    {"C", "\\boxed{(C)}", true},
    {"C", "\\boxed{\\textbf{(C)}}", true},
    {"C", "\\boxed{\\textbf{(C) } 42}", true},
    {"C", "\\boxed{C. 42}", true},
    {"204", "\\boxed{204}", true},
    {"033", "\\boxed{33}", true},
    {"-5", "answer: -5", true},
    {"5", "{\"answer\": 5}", true},
    {"5", "```json\n{\"reasoning\": \"...\", \"answer\": \"5\"}\n```", true},
    {"5", "Final Answer: The final answer is $5$. I hope it is correct.", true},
    {"12", "12 \\text{ cm}", true},
    {"12", "The area is \\boxed{12 \\text{ cm}^2}.", true},
    {"12\\pi", "The area is $12\\pi$ square units.", true},
    {"12\\pi", "Area = 12π", true},
    {"3", "The answer is three.", true},
    {"No", "No, it is not.", false},
    {"yes", "\\boxed{\\text{Yes}}", true},
    {"2, 3", "The solutions are $x = 2$ and $x = 3$.", true},
    {"2, 3", "Thus x = 2 or x = 3.", true},
    {"2,3", "\\boxed{x = 2} or \\boxed{x = 3}", true},
    {"[2,5)", "So the domain is $[2, 5)$.", true},
    {"[2,5)", "So the domain is $2 \\le x < 5$.", true},
    {"7", "1. First 3+4\n2. Which gives 7", true},
    {"\\frac{3}{4}", "= \\frac{6}{8} = \\frac{3}{4}", true},
    {"\\frac{3}{4}", "\\[\\frac{6}{8} = \\frac{3}{4}\\]", true},
    {"1.5", "It is $1\\frac{1}{2}$", true},
    {"$2x+1$", "f'(x) = 2x + 1", true},
    {"2x+1", "Therefore, $f'(x) = 2x+1$.", true},
    {"100", "The answer is 100%.", true},
    {"25", "about 25 percent", true},
    {"3:2", "The ratio is 3:2.", true},
    {"8", "There are 8 ways to do so.", true},
    {"6", "The value is 6, not 7.", false},
    {"11", "\\boxed{\\begin{aligned} x &= 11 \\end{aligned}}", true},
    {"\\text{A and B}", "A and B", true},
    {"2^{10}", "2^10", true},
    {"2^{10}", "1024", true},
    {"60", "$$\\text{Total} = 20 + 40 = 60$$", true},
    {"60", "Total = 20 + 40 = 60 dollars", true},
    {"60", "The total cost is $60.", true},
    {"60", "The total cost is \\$60.00.", true},
    {"60", "She pays $20 + $40 = $60", true},
    {"60", "They need 60 minutes (1 hour).", false},
    {"3x+5y=7", "The equation is $3x + 5y = 7$.", true},
    {"14", "2+12=14 ", true},
    {"14", "x=14, y=3 so x is 14", true},
    {"1", "Der Wert ist 1.", true},
    {"5", "La réponse est 5.", true},
    {"5", "答案是5。", true},
    {"5", "答案：5", true},
    {"5", "所以答案是 $5$。", true},
    {"5", "Ответ: 5", true},
    {"5", "Respuesta: 5", true},
    {"5", "Antwort: 5", true},
    {"7", "\\(\\boxed{7}\\)", true},
    {"7", "$\\boxed{\\,7\\,}$", true},
    {"7", "\\boxed{ 7 }", true},
    {"7", "\\boxed 7", true},
    {"7", "$\\fbox{7}$", true},
    {"7", "The answer is \\boxed{7", true},
    {"7", "\\boxed{{7}}", true},
    {"7", "\\boxed{\\mathbf{7}}", true},
    {"7", "\\boxed{\\displaystyle 7}", true},
    {"7", "\\boxed{7}\\boxed{}", true},
    {"\\frac{1}{7}", "\\boxed{\\dfrac{1}{7}}", true},
};

}  // namespace

TEST_CASE("responses as models write them", "[math]") {
  for (const Row& row : kRows) {
    INFO(row.gold << " | " << row.response);
    const Verdict v = grade(row.gold, row.response, {});
    INFO(v.reason << " | " << v.rule << " | " << v.extracted);
    CHECK((v.equal == Equal::yes) == row.correct);
  }
}
