// Arithmetic claims: rows, and what the checker says on labelled solutions.
#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "harness/base/format.h"
#include "scorers/trace/claims/claims.h"
#include "tests/scorers/trace/trace_data.h"
#include "tests/support/catch.h"

namespace assay::trace {
namespace {

// One letter a claim: r right, ~ rounded, u unit, s sign, w wrong, x wrong but withdrawn.
std::string verdicts(std::string_view text) {
  std::string out;
  for (const Claim& c : check_claims(text)) {
    if (c.verdict == ClaimVerdict::wrong) {
      out += c.refuted || c.self_corrected ? 'x' : 'w';
    } else {
      out += "?r~us"[static_cast<int>(c.verdict)];
    }
  }
  return out;
}

struct Row {
  const char* text;
  const char* verdicts;
};

constexpr Row kRows[] = {
    {"3 + 4 = 7", "r"},
    {"So 3 + 4 = 8.", "w"},
    {"3 * 4 = 12 = 2 * 6", "rr"},
    {"x = 3 * 4 = 12", "r"},
    {"$5 * 3 = $15", "r"},
    {"80,000 * 1.5 = 120,000", "r"},
    {"80,000*1.5=<<80000*1.5=120000>>120,000", "r"},
    {"5 apples + 3 apples = 8 apples", "r"},
    {"She has 5 apples and 3 + 4 = 7 pears.", "r"},
    {"3 × 4 = 12, 12 ÷ 5 = 2.4", "rr"},
    {"3 x 4 = 13", "w"},
    {"\\(\\frac{3}{4} \\times 8 = 6\\)", "r"},
    {"$\\frac12 + \\frac13 = \\frac56$", "r"},
    {"\\[ \\binom{5}{2} = 10 \\]", "r"},
    {"\\sqrt{144} + 2^3 = 20", "r"},
    {"\\sqrt[3]{27} = 4", "w"},
    {"5! = 5 \\times 24 = 120", "rr"},
    {"10 / 3 = 3.33", "~"},
    {"10 / 3 = 3", "~"},
    {"10 / 4 = 3.5", "w"},
    {"33.33 * 3 = 100", "~"},
    {"100/3 ≈ 33", "~"},
    {"20% of 50 = 10", "r"},
    {"1/3 of 18 = 6", "r"},
    {"20/50 = 40%", "r"},
    {"20/50 * 100 = 40%", "r"},
    {"2 * 60 minutes = 2 hours", "u"},
    {"1.5 * 60 = 90 minutes", "r"},
    {"5 - 8 = 3", "s"},
    {"17 / 5 = 3 remainder 2", "r"},
    {"17 / 5 = 3 remainder 1", "w"},
    {"17 \\equiv 2 \\pmod{5}", "r"},
    {"17 \\equiv 3 \\pmod{5}", "w"},
    {"2^{10} \\mod 7 = 2", "r"},
    {"5 * 3 = 15 + 2 = 17", "r"},
    {"Total cost: 2 * $3.50 = $7.00", "r"},
    {"1. 5 + 3 = 8\n2. 5 + 4 = 9", "rr"},
    {"- 5 + 3 = 8", "r"},
    {"= 12 - 4\n= 8", "r"},
    {"\\begin{align*} x &= 3 + 4 \\\\ &= 8 \\end{align*}", "w"},
    {"12 pounds (3 * 4 = 12) in all", "r"},
    {"3 plus 4 = 7 and 12 divided by 4 = 3", "rr"},
    {"70 miles / 2 hours = 35 miles/hour", "r"},
    {"1 1/2 * 4 = 6", "r"},
    // Not claims: variables, names, scales, other arithmetic, tuples.
    {"3x + 4 = 10", ""},
    {"f(2) + 3 = 9", ""},
    {"twice 5 + 4 = 14", ""},
    {"Number of rows of 5 stars = 40 / 4", ""},
    {"1/2 inch = 20 miles", ""},
    {"(3, 4) + (1, 2) = (4, 6)", ""},
    {"In base 8, 7 + 1 = 10", ""},
    {"12_5 + 3_5 = 20_5", ""},
    {"11:30 + 45 = 12:15", ""},
    {"1 + 2 + ... + 10 = 55", ""},
    {"\\log_2 8 + 1 = 5", ""},
    // Withdrawn by the text itself.
    {"That would give 1 + 1 = 3, a contradiction.", "x"},
    {"So 12 * 12 = 154. Wait, that is 144.", "x"},
    {"We check whether 3 + 4 = 8.", "x"},
};

TEST_CASE("arithmetic claims get the verdict of exact arithmetic", "[trace]") {
  for (const Row& row : kRows) {
    CAPTURE(row.text);
    CHECK(verdicts(row.text) == row.verdicts);
  }
}

TEST_CASE("a claim points at its own bytes", "[trace]") {
  const std::string text = "First.\n\nSo we have 3 + 4 = 8 apples.";
  const auto claims = check_claims(text);
  REQUIRE(claims.size() == 1);
  CHECK(text.substr(claims[0].span.begin, claims[0].span.end - claims[0].span.begin) == "3 + 4 = 8");
  CHECK(claims[0].detail == "3 + 4 is 7, not 8");
}

TEST_CASE("no text makes the reader of claims fail", "[trace]") {
  std::string deep(20000, '(');
  check_claims(deep + "1 = 2");
  check_claims("1 = " + std::string(5000, '-') + "1");
  check_claims("\\frac{\\frac{\\begin{ \\text{ \\\xFF = \xE2\x88 1^1^1^1 = %%% = !! =");
  std::string powers = "9";
  for (int i = 0; i < 3000; ++i) powers += "^9";
  check_claims(powers + " = 1");
  CHECK(verdicts("99999999999999999999 * 99999999999999999999 = 1") == "w");
  CHECK(verdicts("1 / 0 = 5").empty());
}

// What the first claim that counts as false says about a solution whose first wrong step is known.
struct Tally {
  int clean = 0, clean_flagged = 0, wrong = 0, flagged = 0, exact = 0, before = 0;

  void add(const std::vector<std::string>& steps, int label) {
    std::string text;
    std::vector<std::size_t> ends;
    for (const std::string& step : steps) {
      text += step + "\n\n";
      ends.push_back(text.size());
    }
    int first = -1;
    for (const Claim& c : check_claims(text)) {
      if (c.verdict != ClaimVerdict::wrong || c.refuted || c.self_corrected) continue;
      first = static_cast<int>(std::upper_bound(ends.begin(), ends.end(), c.span.begin) - ends.begin());
      break;
    }
    if (label < 0) {
      ++clean;
      clean_flagged += first >= 0;
      return;
    }
    ++wrong;
    if (first < 0) return;
    ++flagged;
    exact += first == label;
    before += first < label;
  }
};

std::vector<std::string> strings(const Json& array) {
  std::vector<std::string> out;
  for (const Json& s : array) out.push_back(s.get<std::string>());
  return out;
}

Tally process_bench(const char* file) {
  Tally tally;
  for (const Json& row : test::data_rows(file)) tally.add(strings(row["steps"]), row["label"].get<int>());
  return tally;
}

TEST_CASE("false claims in labelled solutions stand at the first wrong step", "[trace]") {
  const Tally gsm = process_bench("trace/processbench/gsm8k.jsonl.gz");
  const Tally math = process_bench("trace/processbench/math.jsonl.gz");
  if (gsm.clean == 0) {
    WARN("no data");
    return;
  }
  for (const Tally& t : {gsm, math}) {
    WARN(format("clean flagged {} of {}, wrong flagged {} of {}, exact {}, before {}", t.clean_flagged,
                t.clean, t.flagged, t.wrong, t.exact, t.before));
    CHECK(t.clean_flagged * 100 <= t.clean);
    CHECK(t.exact * 100 >= t.flagged * 52);
  }
  CHECK((gsm.exact + math.exact) * 100 >= (gsm.flagged + math.flagged) * 60);

  Tally mr;
  for (const Json& row : test::data_rows("trace/mr-gsm8k/wrong_solutions.jsonl.gz")) {
    if (row["question_type"] == "POT") continue;  // programs
    const Json& first = row["model_output_solution_first_error_step"];
    mr.add(strings(row["model_output_steps"]),
           first.is_number() ? first.get<int>() - 1 : std::stoi(first.get<std::string>()) - 1);
  }
  WARN(format("wrong flagged {} of {}, exact {}, before {}", mr.flagged, mr.wrong, mr.exact, mr.before));
  CHECK(mr.flagged * 100 >= mr.wrong * 20);
  CHECK(mr.exact * 100 >= mr.flagged * 80);
  CHECK(mr.before * 100 <= mr.flagged * 2);

  Tally gold;
  for (const Json& row : test::data_rows("gsm8k/test.jsonl"))
    gold.add({row["answer"].get<std::string>()}, -1);
  WARN(format("gold solutions flagged {} of {}", gold.clean_flagged, gold.clean));
  CHECK(gold.clean_flagged <= 4);
}

}  // namespace
}  // namespace assay::trace
