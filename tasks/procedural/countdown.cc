// math/countdown: reach a target from given numbers, each used at most once. Solvable because the
// target is the value of an expression over some of the numbers; any other solution counts too.
//
// level  numbers given  used  largest number  target
//   1         3          2-3        10          10-50
//   2         4          3-4        20          10-99
//   3         5          4-5        25          50-300
//   4         6          5-6        50         100-999
//   5         6           6        100         100-999
#include <algorithm>

#include "harness/base/format.h"
#include "tasks/procedural/family.h"
#include "tasks/procedural/terms.h"

namespace assay::procedural {
namespace {

struct Level {
  int given, fewest_used;
  std::int64_t largest, low, high;
};
constexpr Level kLevels[] = {
    {3, 2, 10, 10, 50}, {4, 3, 20, 10, 99}, {5, 4, 25, 50, 300}, {6, 5, 50, 100, 999}, {6, 6, 100, 100, 999},
};

// Joins two random terms until one is left. Partial results are positive whole numbers, as in the
// game, and no step is idle (times or divided by 1).
std::optional<Term> combine(Rng& rng, std::vector<Term> terms) {
  while (terms.size() > 1) {
    rng.shuffle(terms);
    const Term right = terms.back();
    terms.pop_back();
    const Term left = terms.back();
    terms.pop_back();
    constexpr std::string_view kOperators = "++--**/";
    const char op = rng.pick(kOperators);
    const puzzle::Rational one(1);
    const bool idle = (op == '*' || op == '/') && (left.value == one || right.value == one);
    auto joined = join(left, op, right);
    if (idle || !joined || !joined->value.is_integer() || joined->value <= puzzle::Rational(0)) {
      return std::nullopt;
    }
    terms.push_back(*std::move(joined));
  }
  return terms.front();
}

std::string listed(const std::vector<std::int64_t>& numbers) {
  std::string out;
  for (const std::int64_t n : numbers) out += format("{}{}", out.empty() ? "" : ", ", n);
  return out;
}

Item make(Rng& rng, int level) {
  const Level& l = kLevels[level_index(level)];
  std::vector<std::int64_t> numbers;
  const Term solution = redraw([&]() -> std::optional<Term> {
    numbers.clear();
    for (int i = 0; i < l.given; ++i) numbers.push_back(rng.uniform(1, l.largest));
    const auto used = static_cast<std::size_t>(rng.uniform(l.fewest_used, l.given));
    std::vector<Term> terms;
    for (std::size_t i = 0; i < used; ++i) terms.push_back(number_term(numbers[i]));
    auto term = combine(rng, std::move(terms));
    if (!term || term->value < puzzle::Rational(l.low) || term->value > puzzle::Rational(l.high)) {
      return std::nullopt;
    }
    const std::int64_t target = term->value.numerator();
    if (std::find(numbers.begin(), numbers.end(), target) != numbers.end()) return std::nullopt;
    return term;
  });
  rng.shuffle(numbers);  // or those that are used would stand first
  const std::int64_t target = solution.value.numerator();
  Item item;
  item.question = format(
      "Using the numbers {} and the operations + - * /, write an expression whose value is exactly {}. "
      "Each number may be used at most as often as it is listed; not all have to be used. "
      "Brackets are allowed; joining digits is not.",
      listed(numbers), target);
  item.targets = {solution.text};
  item.metadata["numbers"] = numbers;
  item.metadata["target"] = target;
  return item;
}

}  // namespace

const Family& countdown() {
  static const Family family{.id = "math/countdown",
                             .version = 1,
                             .summary = "Reach a target from given numbers; any right expression counts",
                             .scorers = {{"countdown", Json::object()}},
                             .ending = "End with a line of the form \"Answer: <expression>\", without an equals sign.",
                             .make = make};
  return family;
}

}  // namespace assay::procedural
