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

Sample colours() {
  Sample s = test::with_targets({"(B)"});
  s.choices = {"red", "dark blue", "blue", "a green car"};
  return s;
}

struct Row {
  std::string answer;
  std::string extracted_class;  // "B", or empty for text and for nothing
  Outcome outcome;              // against the target (B)
};

const std::vector<Row> kRows = {
    {"B", "B", kYes},
    {"(B)", "B", kYes},
    {"b", "B", kYes},
    {"(b)", "B", kYes},
    {"B.", "B", kYes},
    {"B)", "B", kYes},
    {"[B]", "B", kYes},
    {"**B**", "B", kYes},
    {"**(B)**", "B", kYes},
    {"`B`", "B", kYes},
    {"\"B\"", "B", kYes},
    {"$B$", "B", kYes},
    {"\\boxed{B}", "B", kYes},
    {"\\boxed{(B)}", "B", kYes},
    {"\\boxed{\\text{B}}", "B", kYes},
    {"$\\boxed{\\textbf{(B)}}$", "B", kYes},
    {"Option B", "B", kYes},
    {"option (B)", "B", kYes},
    {"Choice B.", "B", kYes},
    {"Answer: B", "B", kYes},
    {"B. dark blue", "B", kYes},
    {"(B) dark blue", "B", kYes},
    {"B: Dark Blue.", "B", kYes},
    {"B dark blue", "B", kYes},
    {"dark blue", "B", kYes},
    {"Dark  blue.", "B", kYes},
    {"A", "A", kNo},
    {"(C)", "C", kNo},
    {"blue", "C", kNo},
    {"a green car", "D", kNo},
    {"A green car", "D", kNo},
    {"A car", "", kNo},
    {"E", "", kNo},
    {"(Z)", "", kNo},
    {"B or C", "", kNo},
    {"(B) and (C)", "", kNo},
    {"A, B", "", kNo},
    {"B/C", "", kNo},
    {"Both (A) and (B)", "", kNo},
    {"Because", "", kNo},
    {"B because of this", "", kNo},
    {"none", "", kNo},
    {"(B) blue", "", kNo},  // the letter and the text contradict each other
    {"", "", kNone},
    {"No\nidea at all", "", kNone},
    {"So.\nThe answer is (B)", "B", kYes},
    {"So.\nThe answer is (B).", "B", kYes},
    {"So.\nThe answer is **B**.", "B", kYes},
    {"So.\nThe answer is B, since it is dark.", "B", kYes},
    {"So.\nThe answer is (B) because it is dark.", "B", kYes},
    {"So.\nThe answer is option B.", "B", kYes},
    {"So.\nThe correct answer is dark blue.", "B", kYes},
    {"So.\nThe answer is dark blue, not blue.", "B", kYes},
    {"So.\n**Answer: B**", "B", kYes},
    {"So.\n**Answer:** (B) dark blue", "B", kYes},
    {"So.\nFinal answer:\n\n**B**", "B", kYes},
    {"So (A) is wrong.\n#### B", "B", kYes},
    {"So (A).\n\\boxed{B}", "B", kYes},
    {"So.\n<answer>B</answer>", "B", kYes},
    {"{\"answer\": \"B\"}", "B", kYes},
    {"A is wrong.\nC is wrong.\n(B)", "B", kYes},
    {"B\n\nIt is dark.", "B", kYes},
    {"B. dark blue\n\nIt is dark.", "B", kYes},
    {"So.\nThe answer is A.\nThe answer is B.", "B", kYes},
    {"So.\nThe answer is I think B", "", kNo},
    {"So.\nThe answer is not B.", "", kNo},
    {"So.\nThe answer is B or C.", "", kNo},
    {"So.\n\\boxed{dark}", "", kNo},
};

TEST_CASE("letters and texts of options", "[scorers][choice]") {
  const auto scorer = make_scorer("choice");
  const Sample sample = colours();
  for (const Row& row : kRows) {
    CAPTURE(row.answer);
    const Score s = score(*scorer, sample, test::answering(row.answer));
    CAPTURE(s.explanation);
    CHECK(name(s.outcome) == name(row.outcome));
    const bool letter = s.answer_class.size() == 1;
    CHECK((letter ? s.answer_class : "") == row.extracted_class);
  }
}

struct Ordering {
  std::string answer;
  Outcome outcome;  // against the target (B)
};

// Options (A) The falcon is first (B) The crow is first (C) Ambiguous.
const std::vector<Ordering> kOrderings = {
    {"(B) The falcon is first", kNo},
    {"(B) Ambiguous", kNo},
    {"B: The falcon is first", kNo},
    {"B. Ambiguous.", kNo},
    {"B, Ambiguous", kNo},
    {"(B) - Ambiguous", kNo},
    {"(B), that is, the falcon is first", kNo},
    {"(B) is wrong", kNo},
    {"(B) is incorrect.", kNo},
    {"(B) is not right", kNo},
    {"(B) isn't it", kNo},
    {"(B)? No: (A)", kNo},
    {"(B)?", kNo},
    {"(B). No, (A).", kNo},
    {"(B). Wait, it is (A).", kNo},
    {"(B). The answer is (A).", kNo},
    {"(B), because of the crow. Actually (A).", kNo},
    {"(B) -> (A)", kNo},
    {"B -> A", kNo},
    {"(B) vs (C)", kNo},
    {"B vs. C", kNo},
    {"(B) but also (A)", kNo},
    {"(B)(C)", kNo},
    {"(B) [C]", kNo},
    {"B-flat", kNo},
    {"The crow is first, or (A)", kNo},
    {"The crow is first (A)", kNo},
    {"The crow is first: wrong", kNo},
    {"(B)", kYes},
    {"B", kYes},
    {"(B) The crow is first", kYes},
    {"(B) The crow is first.", kYes},
    {"(B) - The crow is first", kYes},
    {"(B), that is, the crow is first", kYes},
    {"B: The crow is first, since the falcon is second", kYes},
    {"(B) because (A) is wrong", kYes},
    {"(B), because the falcon is first is not said", kYes},
    {"(B), not (A)", kYes},
    {"(B) rather than (A).", kYes},
    {"(B), not the falcon is first", kYes},
    {"(B). (A) is wrong and so is (C).", kYes},
    {"(B) is correct", kYes},
    {"The crow is first, not (A)", kYes},
    {"The crow is first because (A) is wrong", kYes},
    {"The crow is first (B)", kYes},
};

TEST_CASE("an option that the answer takes back is none", "[scorers][choice]") {
  Sample sample = test::with_targets({"(B)"});
  sample.question = "Which?\nOptions:\n(A) The falcon is first\n(B) The crow is first\n(C) Ambiguous";
  for (const std::string id : {"choice", "option_text"}) {
    const auto scorer = make_scorer(id);
    for (const Ordering& row : kOrderings) {
      for (const std::string lead : {"Answer: ", "So.\nThe answer is ", "\\boxed{"}) {
        // A box is no sentence.
        const bool box = lead.back() == '{';
        if (box && row.outcome == kYes) continue;
        CAPTURE(id, lead, row.answer);
        const Score s = score(*scorer, sample, test::answering(lead + row.answer + (box ? "}" : "")));
        CAPTURE(s.explanation);
        CHECK(name(s.outcome) == name(row.outcome));
      }
      CAPTURE(id, row.answer);
      if (row.outcome == kNo) CHECK(score(*scorer, sample, test::answering(row.answer)).outcome == kNo);
    }
  }
  Sample unknown = test::with_targets({"(B)"});
  const auto scorer = make_scorer("choice");
  CHECK(score(*scorer, unknown, test::answering("(B) something not red")).outcome == kYes);
  CHECK(score(*scorer, unknown, test::answering("(B) is wrong")).outcome == kNo);
  CHECK(score(*scorer, unknown, test::answering("(B)? No: (A)")).outcome == kNo);
  const Sample first = test::with_targets({"(A)"});  // whose place is also the number of known options
  CHECK(score(*scorer, first, test::answering("(A) something not red")).outcome == kYes);
  CHECK(score(*scorer, first, test::answering("(A) is wrong")).outcome == kNo);
}

TEST_CASE("a target that was split at its commas", "[scorers][choice]") {
  struct Split {
    std::vector<std::string> choices;
    std::string target;
    std::vector<std::string> right;
    std::vector<std::string> wrong;
  };
  const std::vector<Split> rows = {
      {{"Monsters", "Inc", "Children of the Night"},
       "Monsters, Inc",
       {"Monsters, Inc", "Answer: Monsters, Inc.", "(A)", "So.\nThe answer is (B).", "Answer: (A) Monsters, Inc"},
       {"(C)", "Children of the Night", "Answer: (C) Monsters, Inc", "Inc, Children of the Night"}},
      {{"rita", "sue and bob too", "rita", "sue and bob poo", "rita", "sue and box too", "rita,y sue and bob too"},
       "rita, sue and bob poo",
       {"rita, sue and bob poo", "Answer: rita, sue and bob poo", "(C)", "(D)"},
       {"(A)", "(B)", "(E)", "Answer: rita, sue and bob too", "rita, sue and box too"}},
  };
  for (const std::string id : {"choice", "option_text"}) {
    const auto scorer = make_scorer(id);
    for (const Split& row : rows) {
      Sample sample = test::with_targets({row.target});
      sample.choices = row.choices;
      for (const std::string& answer : row.right) {
        CAPTURE(id, answer);
        CHECK(score(*scorer, sample, test::answering(answer)).outcome == kYes);
      }
      for (const std::string& answer : row.wrong) {
        CAPTURE(id, answer);
        CHECK(score(*scorer, sample, test::answering(answer)).outcome == kNo);
      }
    }
  }
}

TEST_CASE("options may stand in the question", "[scorers][choice]") {
  const auto scorer = make_scorer("choice");
  Sample lettered = test::with_targets({"B"});
  lettered.question = "Which?\nOptions:\n(A) 12/11/1937\n(B) 12/25/1937\n(C) 01/04/1938";
  CHECK(score(*scorer, lettered, test::answering("12/25/1937")).answer_class == "B");
  CHECK(score(*scorer, lettered, test::answering("(D)")).outcome == kNo);
  Sample dashed = test::with_targets({"No"});
  dashed.question = "Is it?\nOptions:\n- Yes\n- No";
  const auto by_text = make_scorer("option_text");
  CHECK(score(*by_text, dashed, test::answering("So.\nThe answer is No.")).outcome == kYes);
  CHECK(score(*by_text, dashed, test::answering("no")).outcome == kYes);
  CHECK(score(*by_text, dashed, test::answering("Yes")).outcome == kNo);
  CHECK(score(*by_text, dashed, test::answering("maybe")).outcome == kNo);
  Sample unknown = test::with_targets({"(B)"});
  CHECK(score(*scorer, unknown, test::answering("B")).outcome == kYes);
  CHECK(score(*scorer, unknown, test::answering("(C)")).outcome == kNo);
  CHECK(score(*scorer, unknown, test::answering("B. something")).outcome == kNo);
}

TEST_CASE("targets may be letters or texts", "[scorers][choice]") {
  const auto scorer = make_scorer("choice");
  Sample sample = colours();
  for (const std::string target : {"B", "(B)", "b", "dark blue", "Dark Blue"}) {
    CAPTURE(target);
    sample.targets = {target};
    CHECK(score(*scorer, sample, test::answering("(B)")).outcome == kYes);
    CHECK(score(*scorer, sample, test::answering("(C)")).outcome == kNo);
  }
  sample.targets = {"purple"};
  CHECK(score(*scorer, sample, test::answering("(B)")).outcome == Outcome::unscored);
  sample.targets = {};
  CHECK(score(*scorer, sample, test::answering("(B)")).outcome == Outcome::unscored);
}

TEST_CASE("options that are letters or equal", "[scorers][choice]") {
  Sample sample = test::with_targets({"B"});
  sample.choices = {"B", "A"};
  CHECK(score(*make_scorer("choice"), sample, test::answering("B")).answer_class == "B");
  CHECK(score(*make_scorer("option_text"), sample, test::answering("B")).answer_class == "A");
  sample.choices = {"same", "same"};
  CHECK(score(*make_scorer("choice"), sample, test::answering("same")).outcome == kNo);
}

TEST_CASE("option_text without options compares the text", "[scorers][choice]") {
  const auto scorer = make_scorer("option_text");
  CHECK(score(*scorer, "Alice", "So.\nThe answer is alice.").outcome == kYes);
  CHECK(score(*scorer, "Alice", "So.\nThe answer is Bob.").outcome == kNo);
}

}  // namespace
}  // namespace assay
