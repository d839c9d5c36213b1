// math/arithmetic: the exact value of an expression.
//
// level  numbers  operators   values
//   1      2-3      + -         up to 99
//   2      3-4      + - *       up to 50; at least one product
//   3      4-5      + - * /     up to 30; at least one quotient, all whole
//   4      4-5      + - * /     up to 20; at least one quotient, not always whole
//   5      6-8      + - * /     up to 20; products and quotients
#include <algorithm>
#include <cstdlib>

#include "harness/base/format.h"
#include "tasks/procedural/family.h"
#include "tasks/procedural/terms.h"

namespace assay::procedural {
namespace {

struct Level {
  int fewest, most;         // numbers in the expression
  std::int64_t largest;     // number
  std::string_view operators;
  std::string_view needed;  // operators that come up in every expression
  bool fractions;
};
constexpr Level kLevels[] = {
    {2, 3, 99, "+-", "", false},     {3, 4, 50, "++-*", "*", false},  {4, 5, 30, "+-*/", "/", false},
    {4, 5, 20, "+-*/", "/", true},   {6, 8, 20, "+-*/", "*/", true},
};
constexpr std::int64_t kLargestNumerator = 1000000;
constexpr std::int64_t kLargestDenominator = 1000;

std::optional<Term> draw(Rng& rng, const Level& level, int numbers) {
  if (numbers == 1) return number_term(rng.uniform(1, level.largest));
  const int on_left = static_cast<int>(rng.uniform(1, numbers - 1));
  const char op = rng.pick(level.operators);
  auto left = draw(rng, level, on_left);
  auto right = draw(rng, level, numbers - on_left);
  if (!left || !right) return std::nullopt;
  if (op == '/' && !level.fractions) {
    // A dividend made for its divisor, or whole quotients would hardly ever come up.
    if (on_left == 1 && right->value.is_integer() && right->value > puzzle::Rational(1)) {
      left = number_term(right->value.numerator() * rng.uniform(2, 12));
    }
  }
  auto joined = join(*left, op, *right);
  if (joined && !level.fractions && !joined->value.is_integer()) return std::nullopt;
  return joined;
}

bool has_all(std::string_view text, std::string_view operators) {
  return std::all_of(operators.begin(), operators.end(), [&](char op) { return text.find(op) != text.npos; });
}

Item make(Rng& rng, int level) {
  const Level& l = kLevels[level_index(level)];
  const Term term = redraw([&]() -> std::optional<Term> {
    const int numbers = static_cast<int>(rng.uniform(l.fewest, l.most));
    auto drawn = draw(rng, l, numbers);
    if (!drawn || !has_all(drawn->text, l.needed)) return std::nullopt;
    if (drawn->value.denominator() > kLargestDenominator) return std::nullopt;
    if (std::abs(drawn->value.numerator()) > kLargestNumerator) return std::nullopt;
    return drawn;
  });
  Item item;
  item.question = format("Compute the exact value of this expression.\n\n{}", term.text);
  if (l.fractions) item.question += "\n\nIf it is not a whole number, give it as a fraction a/b in lowest terms.";
  item.targets = {term.value.text()};
  item.metadata["expression"] = term.text;
  return item;
}

}  // namespace

const Family& arithmetic() {
  static const Family family{.id = "math/arithmetic",
                             .version = 1,
                             .summary = "Exact value of an arithmetic expression",
                             .scorers = {{"numeric", Json::object()}},
                             .ending = "End with a line of the form \"Answer: <number>\".",
                             .make = make};
  return family;
}

}  // namespace assay::procedural
