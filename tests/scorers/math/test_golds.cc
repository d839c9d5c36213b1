// Every expected answer of the shipped tasks is equal to itself however it is dressed.
#include <iostream>

#include "harness/base/format.h"
#include "scorers/math/grade.h"
#include "tests/scorers/math/labelled.h"
#include "tests/scorers/scoring.h"

using namespace assay;
using namespace assay::math;
using test::rows_of;

namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::vector<std::string> dressed(const std::string& g) {
  std::vector<std::string> out = {g, format("  {} \n", g), format("${}$", g), format("\\boxed{{{}}}", g),
                                  format("Thus the answer is \\boxed{{{}}}.", g), format("\\fbox{{{}}}", g),
                                  format("\\[{}\\]", g), format("So we get\n\n**Final Answer:** ${}$", g),
                                  replaced(replaced(g, "\\dfrac", "\\frac"), "\\frac", "\\dfrac"),
                                  replaced(g, "\\frac", "\\tfrac"), replaced(replaced(g, "\\left", ""), "\\right", "")};
  if (g.find("\\left") == std::string::npos && g.find('[') == std::string::npos && g.find("\\(") == std::string::npos) {
    out.push_back(replaced(replaced(g, "(", "\\left("), ")", "\\right)"));
  }
  for (const char* sign : {"+", "=", "\\cdot"}) out.push_back(replaced(g, sign, format("  {} ", sign)));
  return out;
}

std::vector<std::string> golds(const std::string& task) {
  std::vector<std::string> out;
  for (const Json& row : rows_of(task + "/test.jsonl")) {
    std::string g = row["answer"].is_string() ? row["answer"].get<std::string>() : row["answer"].dump();
    const std::size_t hashes = g.rfind("#### ");
    if (hashes != std::string::npos) g = g.substr(hashes + 5);
    out.push_back(g);
  }
  return out;
}

}  // namespace

TEST_CASE("expected answers are equal to themselves", "[math]") {
  std::size_t pairs = 0;
  for (const char* task : {"math500", "aime24", "amc23", "gsm8k"}) {
    for (const std::string& g : golds(task)) {
      for (const std::string& d : dressed(g)) {
        INFO(task << ": " << g << " | " << d);
        const Verdict v = grade(g, d, {});
        INFO(v.reason << " | " << v.rule << " | " << v.extracted);
        CHECK(v.equal == Equal::yes);
        ++pairs;
      }
    }
  }
  std::cout << "expected answers in every dress: " << pairs << " pairs\n";
}

TEST_CASE("expected answers that differ as text are mostly different answers, in both directions", "[math]") {
  const std::vector<std::string> all = golds("math500");
  std::size_t equal = 0;
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    INFO(all[i] << " | " << all[i + 1]);
    const Equal there = grade(all[i], all[i + 1], {}, PredictionKind::answer).equal;
    CHECK(there == grade(all[i + 1], all[i], {}, PredictionKind::answer).equal);
    equal += there == Equal::yes ? 1 : 0;
  }
  CHECK(equal * 20 <= all.size());
}

// The numeric scorer is gsm8k's cheap first stage: where it finds a number this one must say the same.
TEST_CASE("numeric and math agree on recorded GSM8K answers", "[math]") {
  const auto numeric = test::make_scorer("numeric");
  const auto math = test::make_scorer("math");
  std::size_t compared = 0;
  for (const char* model : {"gpt-4o-mini-2024-07-18", "gemma-2-2b-it"}) {
    for (const Json& row : rows_of(format("recorded/zeroeval/gsm/{}.jsonl.gz", model))) {
      // The answer field of the JSON that was asked for, taken by its last mark.
      const std::string output = row["output"].is_array() ? row["output"][0].get<std::string>() : row["output"].get<std::string>();
      const std::size_t at = output.rfind("\"answer\":");
      if (at == std::string::npos) continue;
      std::string answer = output.substr(at + 9);
      while (!answer.empty() && std::string(" \n\\n\"}`']").find(answer.back()) != std::string::npos) answer.pop_back();
      while (!answer.empty() && (answer.front() == ' ' || answer.front() == '"')) answer.erase(0, 1);
      if (answer.empty() || answer.size() > 60) continue;
      const Sample sample = test::with_targets({replaced(row["answer"].get<std::string>(), "# ", "")});
      const Response response = test::answering(answer);
      const auto a = std::get<Score>(numeric->score(sample, response, {}));
      const auto b = std::get<Score>(math->score(sample, response, {}));
      if (a.outcome != Outcome::correct && a.outcome != Outcome::incorrect) continue;
      INFO(sample.targets[0] << " | " << answer << " | " << b.explanation);
      ++compared;
      if (a.answer_class.rfind("text:", 0) != 0) CHECK(a.outcome == b.outcome);
    }
  }
  std::cout << "numeric and math compared on " << compared << " recorded answers\n";
}
