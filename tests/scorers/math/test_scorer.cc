// The scorer: outcomes, options, votes.
#include "tests/scorers/scoring.h"

#include "harness/api/grader.h"
#include "scorers/math/c_api.h"

using namespace assay;
using namespace assay::test;

TEST_CASE("math: outcomes", "[math]") {
  const auto math = make_scorer("math");
  CHECK(score(*math, "\\frac{1}{2}", "It is \\boxed{0.5}").outcome == kYes);
  CHECK(score(*math, "\\frac{1}{2}", "It is \\boxed{0.6}").outcome == kNo);
  CHECK(score(*math, "5", "").outcome == kNone);
  CHECK(score(*math, "5", " \n ").outcome == kNone);
  // Over a limit: the prediction's fault is incorrect, anything else is not scored.
  CHECK(score(*math, "5", "\\boxed{9^{9^{9^{9}}}}").outcome == kNo);
  CHECK(score(*math, "9^{9^{9^{9}}}", "\\boxed{5}").outcome == Outcome::unscored);
}

TEST_CASE("math: several targets", "[math]") {
  const auto math = make_scorer("math");
  CHECK(score(*math, with_targets({"1", "2"}), answering("\\boxed{2}")).outcome == kYes);
  CHECK(score(*math, with_targets({"1", "2"}), answering("\\boxed{3}")).outcome == kNo);
}

TEST_CASE("math: options are policies", "[math]") {
  struct Row {
    const char* options;
    const char* gold;
    const char* pred;
    bool equal;
  };
  const Row rows[] = {
      {R"({})", "20", "20\\%", true},
      {R"({"percent": "fraction"})", "20", "20\\%", false},
      {R"({"percent": "same"})", "0.2", "20\\%", false},
      {R"({"units": "strict"})", "8", "8 cm", false},
      {R"({"units": "ignore"})", "8 m", "8 cm", true},
      {R"({})", "8 m", "800 cm", true},
      {R"({"ordered_lists": true})", "1,2", "2,1", false},
      {R"({"digits": 0})", "1/3", "0.33333", false},
      {R"({"precision": 2})", "1/3", "0.33", true},
      {R"({"irrational_digits": 3})", "\\pi", "3.14159", true},
      {R"({})", "\\pi", "3.14159", false},
      {R"({"names_optional": false})", "x=5", "5", false},
      {R"({"inequality_is_interval": false})", "x>3", "(3,\\infty)", false},
      {R"({"log": "natural"})", "\\log(e)", "1", true},
      {R"({"base_optional": true})", "52_8", "52", true},
      {R"({})", "52_8", "52", false},
      {R"({"degrees": "convert"})", "30^\\circ", "\\frac{\\pi}{6}", true},
      {R"({"decimal_comma": "thousands"})", "1000.99", "1000,99", false},
      {R"({})", "1000.99", "1000,99", true},
      {R"({"boxes": "last"})", "1,2", "\\boxed{1}, \\boxed{2}", false},
      {R"({})", "1,2", "\\boxed{1}, \\boxed{2}", true},
  };
  for (const Row& row : rows) {
    INFO(row.options << " " << row.gold << " | " << row.pred);
    const auto options = parse_json(row.options);
    REQUIRE(options.ok());
    const auto math = make_scorer("math", *options);
    CHECK((score(*math, row.gold, row.pred).outcome == kYes) == row.equal);
  }
}

TEST_CASE("math: wrong options are named", "[math]") {
  for (const char* text : {R"({"percents": "both"})", R"({"percent": 3})", R"({"percent": "all"})", R"({"digits": -1})",
                           R"({"digits": "4"})", R"({"log": "two"})", R"([1])"}) {
    auto made = make_grader(*parse_json(text));
    INFO(text);
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().code == Code::invalid);
    CHECK_THAT(made.error().message, has("scorer math"));
  }
}

TEST_CASE("math: votes count spellings of one answer together, and equality is transitive", "[math]") {
  const auto math = make_scorer("math");
  const Sample sample = with_targets({"1/2"});
  const char* const answers[] = {"1/2", "0.5", "\\frac12", "x = \\frac{2}{4}", "50\\%", "0.500", "1/3", "0.3333", "\\frac{1}{2} cm", "7",
                                 "\\sqrt{2}/2", "1/\\sqrt{2}", "0.70710678", "y = 7", "x=7", "7 m"};
  std::vector<Score> scores;
  for (const char* a : answers) scores.push_back(score(*math, sample, answering(a)));
  for (const Score& a : scores) {
    for (const Score& b : scores) {
      CHECK(math->same_answer(sample, a, b) == math->same_answer(sample, b, a));
      for (const Score& c : scores) {
        INFO(a.extracted << " | " << b.extracted << " | " << c.extracted);
        if (math->same_answer(sample, a, b) && math->same_answer(sample, b, c)) CHECK(math->same_answer(sample, a, c));
      }
    }
  }
  CHECK(math->same_answer(sample, scores[0], scores[3]));
}

TEST_CASE("math: the C function says the same", "[math]") {
  const auto call = [](const std::string& gold, const std::string& pred, const char* options, std::string& reason) {
    char text[64];
    const int v = assay_math_grade(gold.data(), gold.size(), pred.data(), pred.size(), options, text, sizeof text);
    reason = text;
    return v;
  };
  std::string reason;
  CHECK(call("\\frac{1}{2}", "so \\boxed{0.5}", nullptr, reason) == ASSAY_TRUE);
  CHECK(reason == "proven equal: plain numbers");
  CHECK(call("\\frac{1}{2}", "so \\boxed{0.6}", nullptr, reason) == ASSAY_FALSE);
  CHECK(call("0.2", "20\\%", "{\"percent\": \"same\"}", reason) == ASSAY_FALSE);
  CHECK(call("1", "9^{9^{9^{9}}}", nullptr, reason) == ASSAY_UNDECIDED_AT_FAULT);
  CHECK(call("9^{9^{9^{9}}}", "1", nullptr, reason) == ASSAY_UNDECIDED);
  CHECK(call("1", "1", "{\"percents\": 1}", reason) == ASSAY_BAD_OPTIONS);
  CHECK_THAT(reason, has("percents"));
  CHECK(call("1", "1", "{", reason) == ASSAY_BAD_OPTIONS);
  CHECK(assay_math_grade("1", 1, "2", 1, nullptr, nullptr, 0) == ASSAY_FALSE);
}
