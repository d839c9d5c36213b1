// math/number-theory: one number asked, exact.
//
// level  kinds of question                                     size
//   1    gcd, lcm, remainder                                   up to 200
//   2    + divisor count, modular power                        up to 3,000; exponents to 20
//   3    gcd of three, lcm, divisor count, power, inverse      up to 5,000; exponents to 200
//   4    + totient, two congruences                            up to 50,000; exponents to 10,000
//   5    + three congruences                                   up to 1,000,000; exponents to 10^9
#include <algorithm>
#include <array>
#include <numeric>

#include "harness/base/format.h"
#include "tasks/procedural/family.h"

namespace assay::procedural {
namespace {

using Int = std::int64_t;

enum class Kind { gcd, gcd3, lcm, remainder, power, divisors, inverse, totient, congruences2, congruences3 };

struct Level {
  std::vector<Kind> kinds;
  Int size;           // of the numbers in gcd, lcm, divisor count and totient
  Int lcm_size;
  Int exponent;
  Int modulus;        // of powers and inverses
  Int congruence;     // of each congruence
};

const Level& level_of(int level) {
  static const std::array<Level, 5> levels = {{
      {{Kind::gcd, Kind::lcm, Kind::remainder}, 200, 60, 0, 30, 0},
      {{Kind::gcd, Kind::lcm, Kind::remainder, Kind::divisors, Kind::power}, 3000, 150, 20, 60, 0},
      {{Kind::gcd3, Kind::lcm, Kind::divisors, Kind::power, Kind::inverse}, 5000, 400, 200, 100, 0},
      {{Kind::gcd3, Kind::lcm, Kind::divisors, Kind::power, Kind::inverse, Kind::totient, Kind::congruences2},
       50000, 2000, 10000, 1000, 40},
      {{Kind::gcd3, Kind::divisors, Kind::power, Kind::inverse, Kind::totient, Kind::congruences3}, 1000000,
       20000, 1000000000, 10000, 60},
  }};
  return levels[level_index(level)];
}

// modulus <= 10^4, so that products stay under 10^8.
Int power_mod(Int base, Int exponent, Int modulus) {
  Int result = 1 % modulus;
  for (Int square = base % modulus; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) result = result * square % modulus;
    square = square * square % modulus;
  }
  return result;
}

struct Counts {
  Int divisors = 1;
  Int totient = 1;
};

Counts factor_counts(Int n) {
  Counts out;
  for (Int p = 2; n > 1; ++p) {
    if (p * p > n) p = n;  // what is left is prime
    Int exponent = 0;
    Int part = 1;
    for (; n % p == 0; n /= p, part *= p) ++exponent;
    if (exponent == 0) continue;
    out.divisors *= exponent + 1;
    out.totient *= part / p * (p - 1);
  }
  return out;
}

// A number that is a multiple of `factor`, up to about `size`.
Int multiple(Rng& rng, Int factor, Int size) { return factor * rng.uniform(2, std::max<Int>(size / factor, 3)); }

struct Asked {
  std::string question;
  Int answer = 0;
};

Asked draw_gcd(Rng& rng, Int size, bool three) {
  const Int factor = rng.uniform(2, std::max<Int>(size / 12, 6));
  const Int a = multiple(rng, factor, size);
  const Int b = multiple(rng, factor, size);
  if (!three) return {format("What is the greatest common divisor of {} and {}?", a, b), std::gcd(a, b)};
  const Int c = multiple(rng, factor, size);
  return {format("What is the greatest common divisor of {}, {} and {}?", a, b, c), std::gcd(std::gcd(a, b), c)};
}

Asked draw_lcm(Rng& rng, Int size) {
  const Int factor = rng.uniform(1, std::max<Int>(size / 8, 2));
  const Int a = multiple(rng, factor, size);
  const Int b = multiple(rng, factor, size);
  return {format("What is the least common multiple of {} and {}?", a, b), std::lcm(a, b)};
}

Asked draw_power(Rng& rng, const Level& l) {
  const Int base = rng.uniform(2, l.modulus);
  const Int exponent = rng.uniform(l.exponent / 10 + 2, l.exponent);
  const Int modulus = rng.uniform(l.modulus / 4 + 3, l.modulus);
  return {format("What is the remainder when {}^{} is divided by {}?", base, exponent, modulus),
          power_mod(base, exponent, modulus)};
}

Asked draw_inverse(Rng& rng, Int largest) {
  while (true) {
    const Int modulus = rng.uniform(largest / 4 + 3, largest);
    const Int a = rng.uniform(2, modulus - 1);
    if (std::gcd(a, modulus) != 1) continue;
    // Euler: a^(phi - 1) is the inverse.
    const Int inverse = power_mod(a, factor_counts(modulus).totient - 1, modulus);
    return {format("What is the smallest positive integer x such that {} * x leaves remainder 1 when divided by {}?",
                   a, modulus),
            inverse};
  }
}

// Coprime moduli, so that the answer is unique below their product.
Asked draw_congruences(Rng& rng, std::size_t count, Int largest) {
  std::vector<Int> moduli;
  Int product = 1;
  while (moduli.size() < count) {
    const Int m = rng.uniform(5, largest);
    if (std::gcd(m, product) != 1) continue;
    moduli.push_back(m);
    product *= m;
  }
  const Int answer = rng.uniform(product / 4, product - 1);
  std::string conditions;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view joint = i == 0 ? "" : (i + 1 == count ? " and " : ", ");
    conditions += format("{}remainder {} when divided by {}", joint, answer % moduli[i], moduli[i]);
  }
  return {format("What is the smallest non-negative integer that leaves {}?", conditions), answer};
}

Asked draw(Rng& rng, const Level& l, Kind kind) {
  switch (kind) {
    case Kind::gcd: return draw_gcd(rng, l.size, false);
    case Kind::gcd3: return draw_gcd(rng, l.size, true);
    case Kind::lcm: return draw_lcm(rng, l.lcm_size);
    case Kind::remainder: {
      const Int dividend = rng.uniform(l.size, l.size * 10);
      const Int divisor = rng.uniform(3, l.modulus);
      return {format("What is the remainder when {} is divided by {}?", dividend, divisor), dividend % divisor};
    }
    case Kind::power: return draw_power(rng, l);
    case Kind::divisors: {
      const Int n = multiple(rng, 12, l.size);
      return {format("How many positive divisors does {} have?", n), factor_counts(n).divisors};
    }
    case Kind::inverse: return draw_inverse(rng, l.modulus);
    case Kind::totient: {
      const Int n = rng.uniform(l.size / 10, l.size);
      return {format("How many integers from 1 to {} have no common divisor with {} other than 1?", n, n),
              factor_counts(n).totient};
    }
    case Kind::congruences2: return draw_congruences(rng, 2, l.congruence);
    case Kind::congruences3: return draw_congruences(rng, 3, l.congruence);
  }
  return {};
}

Item make(Rng& rng, int level) {
  const Level& l = level_of(level);
  const Kind kind = rng.pick(l.kinds);
  Asked asked = draw(rng, l, kind);
  Item item;
  item.question = std::move(asked.question);
  item.targets = {std::to_string(asked.answer)};
  return item;
}

}  // namespace

const Family& number_theory() {
  static const Family family{.id = "math/number-theory",
                             .version = 1,
                             .summary = "Divisors, remainders, modular powers and congruences",
                             .scorers = {{"numeric", Json::object()}},
                             .ending = "End with a line of the form \"Answer: <number>\".",
                             .make = make};
  return family;
}

}  // namespace assay::procedural
