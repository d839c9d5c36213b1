#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/scorers/scoring.h"

namespace assay {
namespace {

Json options_for(const std::string& id) {
  return id == "regex" ? Json{{"pattern", "(\\d+)\\D*$"}} : Json::object();
}

Sample any_sample() {
  Sample s = test::with_targets({"18", "'a'"});
  s.choices = {"18", "a"};
  s.metadata = {{"numbers", {9, 2}}, {"target", 18}};
  return s;
}

TEST_CASE("the catalog is sorted, unique and agrees with its scorers", "[scorers][catalog]") {
  std::vector<std::string> ids;
  for (const ScorerEntry& entry : scorer_catalog()) {
    ids.push_back(entry.id);
    const auto scorer = test::make_scorer(entry.id, options_for(entry.id));
    CHECK(scorer->describe().id == entry.id);
    CHECK(scorer->describe().summary == entry.summary);
    CHECK(scorer->describe().version >= 1);
  }
  CHECK(std::is_sorted(ids.begin(), ids.end()));
  CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == ids.size());
}

TEST_CASE("unknown and ill-typed options are the user's error", "[scorers][catalog]") {
  for (const ScorerEntry& entry : scorer_catalog()) {
    CAPTURE(entry.id);
    Json options = options_for(entry.id);
    options["no\nsuch"] = 1;
    const auto made = entry.make(options);
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().code == Code::invalid);
    CHECK(made.error().message.find(entry.id) != std::string::npos);
    CHECK(made.error().message.find('\n') == std::string::npos);
    CHECK_FALSE(entry.make(Json::array()).ok());
  }
  const auto message = [](const char* id, const Json& options) {
    for (const ScorerEntry& entry : scorer_catalog()) {
      if (entry.id == id) return entry.make(options).error().message;
    }
    return std::string();
  };
  CHECK(message("numeric", {{"last_nunber", true}}).find("did you mean 'last_number'") != std::string::npos);
  CHECK(message("numeric", {{"last_number", "yes"}}).find("true or false") != std::string::npos);
  CHECK(message("exact", {{"space", "some"}}).find("collapse, keep, ignore") != std::string::npos);
  CHECK(message("regex", Json::object()).find("pattern") != std::string::npos);
  CHECK(message("regex", {{"pattern", "("}}).find("(") != std::string::npos);
  CHECK(message("program", {{"language", "cobol"}}).find("python, cpp") != std::string::npos);
}

std::vector<std::string> garbage() {
  const std::size_t n = std::size_t{1} << 20;
  const auto repeat = [&](std::string_view piece) {
    std::string out;
    while (out.size() < n) out += piece;
    return out;
  };
  std::vector<std::string> all;
  for (const std::string_view piece : {std::string_view("{"),
                                       std::string_view("\0", 1),
                                       std::string_view("\xFF"),
                                       std::string_view("\xE2\x82"),
                                       std::string_view("["),
                                       std::string_view("("),
                                       std::string_view("\\boxed{"),
                                       std::string_view("\\boxed{}"),
                                       std::string_view("\\boxed "),
                                       std::string_view("\\frac{"),
                                       std::string_view("answer is "),
                                       std::string_view("answer"),
                                       std::string_view("Answer:\n"),
                                       std::string_view("<answer>"),
                                       std::string_view("</answer>"),
                                       std::string_view("\"answer\": \""),
                                       std::string_view("\"answer\": {"),
                                       std::string_view("#### 1\n"),
                                       std::string_view("####"),
                                       std::string_view("9"),
                                       std::string_view("1,234"),
                                       std::string_view("1 "),
                                       std::string_view("-"),
                                       std::string_view("="),
                                       std::string_view("'"),
                                       std::string_view("\"\"\""),
                                       std::string_view("```\n"),
                                       std::string_view("```python\nx\n```\n"),
                                       std::string_view("`"),
                                       std::string_view("(A) "),
                                       std::string_view("A,"),
                                       std::string_view("\\"),
                                       std::string_view("\n"),
                                       std::string_view(" "),
                                       std::string_view("1+("),
                                       std::string_view("\xC2\xBD"),
                                       std::string_view("[[],"),
                                       std::string_view("{1:")}) {
    all.push_back(repeat(piece));
    all.push_back("\\boxed{" + all.back() + "}");
    all.push_back("Answer: " + all.back());
  }
  all.push_back(std::string(10000, '[') + std::string(10000, ']'));
  all.push_back(std::string(10000, '(') + "1" + std::string(10000, ')'));
  return all;
}

TEST_CASE("a megabyte of anything is scored in no time", "[scorers][garbage]") {
  const Sample sample = any_sample();
  const std::vector<std::string> texts = garbage();
  for (const ScorerEntry& entry : scorer_catalog()) {
    const auto scorer = test::make_scorer(entry.id, options_for(entry.id));
    for (const std::string& text : texts) {
      CAPTURE(entry.id, text.substr(0, 40));
      const Response response = test::answering(text);
      const auto start = std::chrono::steady_clock::now();
      const auto verdict = scorer->score(sample, response, {});
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
      CHECK(took.count() < 2);  // milliseconds, but for sanitizers
      if (const Score* s = std::get_if<Score>(&verdict)) CHECK(s->extracted.size() <= kMaxExtracted);
    }
  }
}

TEST_CASE("scorers are const: eight threads get what one gets", "[scorers][threads]") {
  const Sample sample = any_sample();
  const std::vector<std::string> answers = {"18",          "(A)", "'a'", "9 * 2", "So\nAnswer: 18",
                                            "\\boxed{18}", "",    "no"};
  for (const ScorerEntry& entry : scorer_catalog()) {
    const auto scorer = test::make_scorer(entry.id, options_for(entry.id));
    const auto explain = [&](const std::string& answer) {
      const auto verdict = scorer->score(sample, test::answering(answer), {});
      const Score* s = std::get_if<Score>(&verdict);
      return s == nullptr ? std::string("work") : s->explanation + s->answer_class;
    };
    std::vector<std::string> alone;
    for (const std::string& answer : answers) alone.push_back(explain(answer));
    std::vector<int> wrong(8, 0);
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        for (int k = 0; k < 200; ++k) {
          const std::size_t i = static_cast<std::size_t>(k) % answers.size();
          if (explain(answers[i]) != alone[i]) ++wrong[static_cast<std::size_t>(t)];
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == std::vector<int>(8, 0));
  }
}

}  // namespace
}  // namespace assay
