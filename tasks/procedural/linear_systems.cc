// math/linear-systems: a square system with exactly one solution, and one number asked about it, so
// that any unknown that is wrong shows and the answer has one form.
//
// level  unknowns  coefficients  solution
//   1       2         1..5       whole numbers 1..10
//   2       2        -9..9       whole numbers -10..10
//   3       3        -6..6       whole numbers -10..10
//   4       3        -5..5       fractions, common denominator up to 12
//   5       4        -4..4       fractions, common denominator up to 12
#include <array>

#include "harness/base/format.h"
#include "harness/puzzle/rational.h"
#include "tasks/procedural/family.h"

namespace assay::procedural {
namespace {

using puzzle::Rational;

struct Level {
  std::size_t unknowns;
  std::int64_t low, high;                    // coefficients
  std::int64_t solution_low, solution_high;  // whole solutions; right-hand sides where fractions
  bool fractions;
};
constexpr Level kLevels[] = {
    {2, 1, 5, 1, 10, false},   {2, -9, 9, -10, 10, false}, {3, -6, 6, -10, 10, false},
    {3, -5, 5, -20, 20, true}, {4, -4, 4, -20, 20, true},
};
constexpr std::int64_t kLargestDenominator = 12;
constexpr std::array<std::string_view, 4> kNames = {"x", "y", "z", "w"};

using Row = std::vector<std::int64_t>;

struct System {
  std::vector<Row> coefficients;
  Row right;
};

// Gauss-Jordan over the rationals. nullopt: no unique solution (or a value beyond 64 bits, which
// these small coefficients cannot reach).
std::optional<std::vector<Rational>> solve(const System& system) {
  const std::size_t n = system.right.size();
  std::vector<std::vector<Rational>> m(n);
  for (std::size_t r = 0; r < n; ++r) {
    for (const std::int64_t c : system.coefficients[r]) m[r].push_back(Rational(c));
    m[r].push_back(Rational(system.right[r]));
  }
  for (std::size_t c = 0; c < n; ++c) {
    std::size_t pivot = c;
    while (pivot < n && m[pivot][c].is_zero()) ++pivot;
    if (pivot == n) return std::nullopt;
    std::swap(m[c], m[pivot]);
    for (std::size_t r = 0; r < n; ++r) {
      const auto factor = Rational::divide(m[r][c], m[c][c]);
      if (!factor) return std::nullopt;
      if (r == c || factor->is_zero()) continue;
      for (std::size_t k = c; k <= n; ++k) {
        const auto product = Rational::multiply(*factor, m[c][k]);
        const auto rest = product ? Rational::subtract(m[r][k], *product) : std::nullopt;
        if (!rest) return std::nullopt;
        m[r][k] = *rest;
      }
    }
  }
  std::vector<Rational> solution;
  for (std::size_t r = 0; r < n; ++r) {
    const auto value = Rational::divide(m[r][n], m[r][r]);
    if (!value) return std::nullopt;
    solution.push_back(*value);
  }
  return solution;
}

// "2x - y + 3z"
std::string linear_text(const Row& coefficients) {
  std::string out;
  for (std::size_t i = 0; i < coefficients.size(); ++i) {
    const std::int64_t c = coefficients[i];
    if (c == 0) continue;
    const std::int64_t size = c < 0 ? -c : c;
    out += out.empty() ? (c < 0 ? "-" : "") : (c < 0 ? " - " : " + ");
    if (size != 1) out += std::to_string(size);
    out += kNames[i];
  }
  return out;
}

std::optional<Rational> weighted(const Row& weights, const std::vector<Rational>& values) {
  Rational sum;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto product = Rational::multiply(Rational(weights[i]), values[i]);
    const auto next = product ? Rational::add(sum, *product) : std::nullopt;
    if (!next) return std::nullopt;
    sum = *next;
  }
  return sum;
}

Row draw_row(Rng& rng, std::size_t n, std::int64_t low, std::int64_t high) {
  Row row;
  for (std::size_t i = 0; i < n; ++i) row.push_back(rng.uniform(low, high));
  return row;
}

System draw_system(Rng& rng, const Level& l) {
  System system;
  for (std::size_t r = 0; r < l.unknowns; ++r) {
    Row row = draw_row(rng, l.unknowns, l.low, l.high);
    system.coefficients.push_back(std::move(row));
  }
  const Row drawn = draw_row(rng, l.unknowns, l.solution_low, l.solution_high);
  if (l.fractions) {
    system.right = drawn;
    return system;
  }
  for (const Row& row : system.coefficients) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < row.size(); ++i) sum += row[i] * drawn[i];
    system.right.push_back(sum);
  }
  return system;
}

bool has_two_terms(const System& system) {
  for (const Row& row : system.coefficients) {
    std::size_t terms = 0;
    for (const std::int64_t c : row) terms += c != 0 ? 1 : 0;
    if (terms < 2) return false;
  }
  return true;
}

// Does the solution have the form that the level promises?
bool fits(const std::vector<Rational>& solution, bool fractions) {
  bool whole = true;
  for (const Rational& value : solution) {
    if (value.denominator() > kLargestDenominator) return false;
    whole = whole && value.is_integer();
  }
  return whole != fractions;
}

Item make(Rng& rng, int level) {
  const Level& l = kLevels[level_index(level)];
  System system;
  Row weights;
  const Rational answer = redraw([&]() -> std::optional<Rational> {
    system = draw_system(rng, l);
    if (!has_two_terms(system)) return std::nullopt;
    const auto solution = solve(system);
    if (!solution || !fits(*solution, l.fractions)) return std::nullopt;
    for (std::int64_t& weight : weights = draw_row(rng, l.unknowns, 1, 3)) {
      if (rng.chance(0.5)) weight = -weight;
    }
    return weighted(weights, *solution);
  });
  Item item;
  item.question = "This system of equations has exactly one solution.\n\n";
  for (std::size_t r = 0; r < l.unknowns; ++r) {
    item.question += format("{} = {}\n", linear_text(system.coefficients[r]), system.right[r]);
  }
  item.question += format("\nWhat is the value of {}?", linear_text(weights));
  if (l.fractions) item.question += " If it is not a whole number, give it as a fraction a/b in lowest terms.";
  item.targets = {answer.text()};
  item.metadata["coefficients"] = system.coefficients;
  item.metadata["right"] = system.right;
  item.metadata["asked"] = weights;
  return item;
}

}  // namespace

const Family& linear_systems() {
  static const Family family{.id = "math/linear-systems",
                             .version = 1,
                             .summary = "Linear equations with one solution; asks for a combination of the unknowns",
                             .scorers = {{"numeric", Json::object()}},
                             .ending = "End with a line of the form \"Answer: <number>\".",
                             .make = make};
  return family;
}

}  // namespace assay::procedural
