#include "harness/puzzle/countdown.h"

#include <string>

#include "tests/support/catch.h"

using namespace assay;
using puzzle::Rational;

TEST_CASE("countdown expressions evaluate exactly") {
  struct Row {
    const char* text;
    const char* value;
    std::vector<std::int64_t> numbers;
  };
  const Row row = GENERATE(values<Row>({
      {"1", "1", {1}},
      {"  (7 - 3) * 6 ", "24", {7, 3, 6}},
      {"2+3*4", "14", {2, 3, 4}},
      {"10-4-3", "3", {10, 4, 3}},
      {"100/10/5", "2", {100, 10, 5}},
      {"8 / (3 - 8/3)", "24", {8, 3, 8, 3}},
      {"1/3 + 1/6", "1/2", {1, 3, 1, 6}},
      {"7 × 6 ÷ 3 − 2 · 5", "4", {7, 6, 3, 2, 5}},
      {"7 \\times 6 \\div 3 \\cdot 1", "14", {7, 6, 3, 1}},
      {"3 ⋅ 2 ∗ 2 – 1", "11", {3, 2, 2, 1}},
      {"-(4 - 9)", "5", {4, 9}},
      {"3 * -2", "-6", {3, 2}},
      {"3 - -2", "5", {3, 2}},
      {"--+3", "3", {3}},
      {"-2 * 3 / 6", "-1", {2, 3, 6}},
      {"[(1+2)*3]-4", "5", {1, 2, 3, 4}},
      {"5\xC2\xA0+\t5\r\n", "10", {5, 5}},
      {"007", "7", {7}},
      {"9223372036854775807 / 9223372036854775807", "1", {INT64_MAX, INT64_MAX}},
      {"3037000500 * 3037000500 / 3037000500", "!", {}},
      {"9223372036854775807 + 1", "!", {}},
      {"9223372036854775808", "!", {}},
      {"-9223372036854775807 - 1", "-9223372036854775808", {INT64_MAX, 1}},
      {"-(-9223372036854775807 - 1)", "!", {}},
      {"1 / (-9223372036854775807 - 1)", "!", {}},
      {"1/0", "!", {}},
      {"1/(2-2)", "!", {}},
      {"", "!", {}},
      {"()", "!", {}},
      {"(1", "!", {}},
      {"1)", "!", {}},
      {"(1]", "!", {}},
      {"1 2", "!", {}},
      {"2(3)", "!", {}},
      {"(2)(3)", "!", {}},
      {"1 +", "!", {}},
      {"* 1", "!", {}},
      {"2 ** 3", "!", {}},
      {"7 // 2", "!", {}},
      {"2 ^ 3", "!", {}},
      {"1.5", "!", {}},
      {"1,000", "!", {}},
      {"6*4 = 24", "!", {}},
      {"\xFF\xC3", "!", {}},
  }));
  CAPTURE(row.text);
  const auto out = puzzle::evaluate(row.text);
  if (std::string(row.value) == "!") {
    REQUIRE_FALSE(out);
    CHECK(out.error().code == Code::invalid);
    CHECK(out.error().message.rfind("expression", 0) == 0);
    CHECK(out.error().message.find("expected") != std::string::npos);
  } else {
    REQUIRE(out);
    CHECK(out->value.text() == row.value);
    CHECK(out->numbers == row.numbers);
  }
}

TEST_CASE("an expression's length and nesting are bounded") {
  const auto nested = [](std::size_t n) { return std::string(n, '(') + "1" + std::string(n, ')'); };
  CHECK(puzzle::evaluate(nested(puzzle::kMaxExpressionDepth)));
  CHECK_FALSE(puzzle::evaluate(nested(puzzle::kMaxExpressionDepth + 1)));
  CHECK(puzzle::evaluate(std::string(puzzle::kMaxExpressionBytes - 1, '-') + "1"));
  CHECK_FALSE(puzzle::evaluate(std::string(puzzle::kMaxExpressionBytes, '-') + "1"));
}

TEST_CASE("numbers used are counted against the numbers given") {
  const std::vector<std::int64_t> given = {3, 3, 7, 25};
  CHECK(puzzle::drawn_from(std::vector<std::int64_t>{}, given));
  CHECK(puzzle::drawn_from(std::vector<std::int64_t>{3, 25, 3}, given));
  CHECK_FALSE(puzzle::drawn_from(std::vector<std::int64_t>{3, 3, 3}, given));
  CHECK_FALSE(puzzle::drawn_from(std::vector<std::int64_t>{8}, given));
}

TEST_CASE("rationals are reduced, ordered by value, and fail only when the result does not fit") {
  CHECK(Rational::make(6, -4)->text() == "-3/2");
  CHECK_FALSE(Rational::make(1, 0));
  CHECK(Rational::make(INT64_MIN, INT64_MIN)->text() == "1");
  CHECK_FALSE(Rational::make(1, INT64_MIN));
  CHECK(*Rational::make(1, 3) < *Rational::make(1, 2));
  CHECK(*Rational::make(-1, 2) < *Rational::make(-1, 3));
  const Rational tiny = *Rational::make(1, INT64_MAX);
  CHECK(Rational::add(tiny, tiny)->text() == "2/9223372036854775807");
  CHECK_FALSE(Rational::multiply(tiny, tiny));
  CHECK(Rational::divide(tiny, tiny)->text() == "1");
  CHECK_FALSE(Rational::divide(tiny, Rational(0)));
  CHECK_FALSE(Rational::add(Rational(INT64_MAX), Rational(1)));
}
