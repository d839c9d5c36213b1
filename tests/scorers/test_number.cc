// Reading one number: its many spellings, what is none, and which numbers are the same answer.
#include <string>
#include <vector>

#include "scorers/answer/number.h"
#include "tests/scorers/scoring.h"

namespace assay {
namespace {

using answer::parse_number;
using test::make_scorer;
using test::score;

struct NumberRow {
  std::string text;
  std::string value;  // canonical; empty: no number
};

const std::vector<NumberRow> kNumbers = {
    {"18", "18"},
    {" 18 ", "18"},
    {"18.", "18"},
    {"18.00", "18"},
    {"018", "18"},
    {"+18", "18"},
    {"-5", "-5"},
    {"\u22125", "-5"},
    {"\u20135", "-5"},
    {"- 5", "-5"},
    {"-0", "0"},
    {"-0.0", "0"},
    {".5", "0.5"},
    {"0.50", "0.5"},
    {"-.5", "-0.5"},
    // Thousands.
    {"1,234", "1234"},
    {"1,234.50", "1234.5"},
    {"1,234,567", "1234567"},
    {"12,34,567", "1234567"},
    {"1 234", "1234"},
    {"1\u00A0234\u00A0567", "1234567"},
    {"1\u202F234", "1234"},
    {"1'234", "1234"},
    {"1_000", "1000"},
    {"1{,}234", "1234"},
    {"1\\,234", "1234"},
    {"57,500", "57500"},
    {"1,23", ""},
    {"12,345,67", ""},
    {"1,2345", ""},
    {"1.234,50", ""},
    {"0 123", ""},
    {"1234 567", ""},
    {"123,45,678", ""},
    {"6, 7", ""},
    {"86, 42", ""},
    {"1,234,", "1234"},
    // Currencies and units.
    {"$18", "18"},
    {"$1,234.50", "1234.5"},
    {"-$5", "-5"},
    {"$-5", "-5"},
    {"$ 18", "18"},
    {"\u20AC18", "18"},
    {"18\u20AC", "18"},
    {"\u00A318.50", "18.5"},
    {"USD 18", "18"},
    {"18 USD", "18"},
    {"Rs. 18", "18"},
    {"18\u00A2", "18"},
    {"1,234 dollars", "1234"},
    {"18 dollars per day", "18"},
    {"605 meters per second", "605"},
    {"5km", "5"},
    {"20 km/h", "20"},
    {"$18/hour", "18"},
    {"14 boxes", "14"},
    {"12 square-feet", "12"},
    {"12 m^2", "12"},
    {"12 cm\u00B2", "12"},
    {"30\u00B0", "30"},
    {"30^\\circ", "30"},
    {"18 dollars.", "18"},
    {"3 of them", "3"},
    {"12%", "12"},
    {"12\\%", "12"},
    {"12 percent", "12"},
    {"5 million", "5000000"},
    {"$1.5 million", "1500000"},
    {"3 hundred", "300"},
    {"2:00 pm", "2"},
    {"2:00", "2"},
    {"2:30", ""},
    {"18 (dollars)", "18"},
    {"3rd", "3"},
    // Markdown and LaTeX.
    {"**18**", "18"},
    {"*18*", "18"},
    {"__18__", "18"},
    {"`18`", "18"},
    {"\"18\"", "18"},
    {"(18)", "18"},
    {"[18]", "18"},
    {"# 18", "18"},
    {"#### 18", "18"},
    {"$18$", "18"},
    {"\\(18\\)", "18"},
    {"\\[ 18 \\]", "18"},
    {"$$18$$", "18"},
    {"\\boxed{18}", "18"},
    {"$\\boxed{18}$", "18"},
    {"\\text{18 dollars}", "18"},
    {"18\\text{ dollars}", "18"},
    {"\\$18", "18"},
    {"\\mathbf{18}", "18"},
    {"**$18**", "18"},
    // Exponents.
    {"1.5e3", "1500"},
    {"1E-2", "0.01"},
    {"1.5 \\times 10^3", "1500"},
    {"1.5\u00D710^{3}", "1500"},
    {"2 x 10^-2", "0.02"},
    {"1e400", "1e400"},
    {"10e399", "1e400"},
    {"1.50e400", "1.5e400"},
    {"1e9999999999", ""},
    {"18 e", ""},
    // Fractions.
    {"3/4", "0.75"},
    {"6/8", "0.75"},
    {"1/3", "1/3"},
    {"2/6", "1/3"},
    {"-1/3", "-1/3"},
    {"\\frac{1}{2}", "0.5"},
    {"\\dfrac{1}{3}", "1/3"},
    {"-\\frac{2}{6}", "-1/3"},
    {"\\frac12", "0.5"},
    {"\\frac{-1}{3}", "-1/3"},
    {"1 1/2", "1.5"},
    {"-1 1/2", "-1.5"},
    {"1\\frac{1}{2}", "1.5"},
    {"3\u00BD", "3.5"},
    {"\u00BD", "0.5"},
    {"0.5/0.25", "2"},
    {"20/7", "20/7"},
    {"3/4 cup", "0.75"},
    {"1/0", ""},
    {"0/5", "0"},
    {"1/2/3", ""},
    {"1/3 1/3", ""},
    {"1 / 3", "1/3"},
    {"18 / day", "18"},
    {"123456789012345678901234567890/3", "123456789012345678901234567890/3"},
    {"123456789012345678901234567890", "123456789012345678901234567890"},
    {"0.1000000000000000000000000000000000001", "0.1000000000000000000000000000000000001"},
    // Not a number, or more than one.
    {"", ""},
    {" ", ""},
    {"$", ""},
    {"-", ""},
    {"eighteen", ""},
    {"None", ""},
    {"x", ""},
    {"x = 18", ""},
    {"5x", ""},
    {"32 + 0.8x", ""},
    {"4 blue and 6 red", ""},
    {"18 or 20", ""},
    {"2 dozen", ""},
    {"12k", ""},
    {"3\\pi", ""},
    {"3\u03C0", ""},
    {"2\\sqrt{3}", ""},
    {"2^{10}", ""},
    {"2^10", ""},
    {"2**3", ""},
    {"2 * 3", ""},
    {"5 - 3", ""},
    {"5-3", ""},
    {"18 = 18", ""},
    {"18 <= x", ""},
    {"\u221A2", ""},
    {"5\u221A2", ""},
    {"5 \u00B1 1", ""},
    {"5!", ""},
    {"\uFF11\uFF18", "18"},
    {"18\u2026", "18"},
    {"approximately 3.14", "3.14"},
    {"\u2248 3.14", "3.14"},
    {"negative 5", "-5"},
    {"minus 5", "-5"},
    {"\u2010 5", "-5"},
    {"\\textbf{18}", "18"},
    {"5a", ""},
    {"5n", ""},
    {"5ab", ""},
    {"5xy", ""},
    {"18M", ""},
    {"$18M", ""},
    {"18 M", ""},
    {"18 bn", ""},
    {"18 mln", ""},
    {"18 lakh", ""},
    {"18 crore", ""},
    {"18 millions", ""},
    {"18 thirds", ""},
    {"18 pi", ""},
    {"18 squared", ""},
    {"30C", "30"},
    {"9am", "9"},
    {"18 is wrong", ""},
    {"1..2", ""},
    {"1.2.3", ""},
    {"2024-05-01", ""},
    {"192.168.0.1", ""},
    {"27 selfies and 18 portraits", ""},
    {"18 and a half", ""},
    {"18 plus tax", ""},
    {"about 18", ""},
    {"Not possible", ""},
    {"\\frac{1}", ""},
    {"\\frac{x}{2}", ""},
    {"\\frac", ""},
    {"1e", ""},
    {"\\", ""},
    {"\xFF", ""},
    {"18\xFF", "18"},
};

TEST_CASE("numbers in their many spellings", "[scorers][numeric]") {
  for (const NumberRow& row : kNumbers) {
    CAPTURE(row.text);
    CHECK(parse_number(row.text).value_or("") == row.value);
  }
}

TEST_CASE("a canonical number reads as itself", "[scorers][numeric]") {
  for (const NumberRow& row : kNumbers) {
    if (row.value.empty()) continue;
    CAPTURE(row.text);
    CHECK(parse_number(row.value).value_or("") == row.value);
  }
}

TEST_CASE("equal numbers have one class, and others another", "[scorers][numeric]") {
  const auto scorer = make_scorer("numeric");
  const Sample sample = test::with_targets({"0"});
  std::vector<Score> scores;
  std::vector<std::string> values;
  for (const NumberRow& row : kNumbers) {
    if (row.value.empty()) continue;
    scores.push_back(score(*scorer, sample, test::answering(row.text)));
    values.push_back(row.value);
  }
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    for (std::size_t j = 0; j < scores.size(); ++j) {
      const bool same = scorer->same_answer(sample, scores[i], scores[j]);
      if (same != (values[i] == values[j]) || same != scorer->same_answer(sample, scores[j], scores[i]))
        ++wrong;
    }
  }
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace assay
