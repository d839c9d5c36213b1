#include "harness/run/import/question_index.h"

#include <chrono>

#include "tests/support/catch.h"

using namespace assay;

namespace {

class Questions final : public SampleSet {
 public:
  explicit Questions(std::vector<std::string> questions) : questions_(std::move(questions)) {}
  std::uint64_t size() const override { return questions_.size(); }
  Result<Sample> at(std::uint64_t i) const override {
    Sample sample;
    sample.key = "q-" + std::to_string(i);
    sample.question = questions_[i];
    return sample;
  }
  const TaskFactors& factors() const override { return factors_; }

 private:
  std::vector<std::string> questions_;
  TaskFactors factors_;
};

}  // namespace

TEST_CASE("white space is collapsed") {
  CHECK(collapse_space("  a \n\t b\r\n") == "a b");
  CHECK(collapse_space(" \n") == "");
  CHECK(collapse_space("a\xc3\xa9") == "a\xc3\xa9");
}

TEST_CASE("a question is found within a prompt, the longest first, white space aside") {
  const Questions set({
      "How many apples does Ann have?",
      "How many apples does Ann have? And how many pears?",
      "What is 2?",
      "How many  apples\ndoes Ann have?",
      "",
      "How many apples does Ann eat?",
  });
  const auto index = QuestionIndex::build(set);
  REQUIRE(index.ok());
  struct Row {
    std::string question;
    std::string prompt;
    std::vector<std::uint64_t> found;
  };
  const std::vector<Row> rows = {
      {"How many apples does Ann have?", "", {0, 3}},
      {"x", "Please:  How many apples does Ann have?\nThink.", {0, 3}},
      {"x", "Please: How many apples does Ann have? And how many\npears? Think.", {1}},
      {"x", "How many apples does Ann eat?", {5}},
      {"x", "How many apples does Ann", {}},
      {"What is 2?", "What is 2?", {2}},
      {"x", "Tell me: What is 2?", {}},
      {"", "", {}},
      {"x", "", {}},
  };
  for (const Row& row : rows) {
    INFO(row.question << " / " << row.prompt);
    CHECK(index->by_question(row.question, row.prompt) == row.found);
  }
  CHECK(index->by_key("q-2") == 2);
  CHECK_FALSE(index->by_key("q-9"));
  CHECK(index->agrees(*set.at(0), "so: How many apples\n\ndoes Ann have?"));
  CHECK_FALSE(index->agrees(*set.at(0), "What is 2?"));
  CHECK(index->agrees(*set.at(4), "What is 2?"));
}

TEST_CASE("many questions that begin alike are told apart without reading them all") {
  std::vector<std::string> questions;
  for (int i = 0; i < 20000; ++i) {
    questions.push_back("On a table there are coloured objects, and one asks about number " + std::to_string(i) + ".");
  }
  const Questions set(questions);
  const auto index = QuestionIndex::build(set);
  REQUIRE(index.ok());
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < questions.size(); i += 20) {
    REQUIRE(index->by_question("x", "Now. " + questions[i] + " Answer.") == std::vector<std::uint64_t>{i});
  }
  CHECK(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() < 5);
}
