#include "tasks/procedural/list_steps.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "harness/base/format.h"

namespace assay::procedural {
namespace {

using Int = std::int64_t;

// Python's remainder for a positive divisor.
Int modulo(Int a, Int k) { return (a % k + k) % k; }

template <typename Keep>
Numbers filtered(const Numbers& xs, Keep keep) {
  Numbers out;
  std::copy_if(xs.begin(), xs.end(), std::back_inserter(out), keep);
  return out;
}

template <typename Map>
Numbers mapped(const Numbers& xs, Map map) {
  Numbers out;
  std::transform(xs.begin(), xs.end(), std::back_inserter(out), map);
  return out;
}

Numbers deduplicated(const Numbers& xs) {
  Numbers out;
  for (const Int x : xs) {
    if (std::find(out.begin(), out.end(), x) == out.end()) out.push_back(x);
  }
  return out;
}

Numbers part(const Numbers& xs, std::size_t from, std::size_t to) {
  from = std::min(from, xs.size());
  to = std::clamp(to, from, xs.size());
  return Numbers(xs.begin() + static_cast<std::ptrdiff_t>(from), xs.begin() + static_cast<std::ptrdiff_t>(to));
}

template <typename Join>
Numbers neighbours(const Numbers& xs, Join join) {
  Numbers out;
  for (std::size_t i = 1; i < xs.size(); ++i) out.push_back(join(xs[i - 1], xs[i]));
  return out;
}

template <typename Join>
Numbers running(const Numbers& xs, Join join) {
  Numbers out;
  for (const Int x : xs) out.push_back(out.empty() ? x : join(out.back(), x));
  return out;
}

Numbers sorted(Numbers xs, bool (*less)(Int, Int)) {
  std::stable_sort(xs.begin(), xs.end(), less);
  return xs;
}

Numbers pairs_swapped(Numbers xs) {
  for (std::size_t i = 0; i + 1 < xs.size(); i += 2) std::swap(xs[i], xs[i + 1]);
  return xs;
}

Numbers rotated(Numbers xs, Int k) {
  if (!xs.empty()) std::rotate(xs.begin(), xs.begin() + k % static_cast<Int>(xs.size()), xs.end());
  return xs;
}

Numbers repeated(const Numbers& xs) {
  Numbers out;
  for (const Int x : xs) out.insert(out.end(), 2, x);
  return out;
}

Numbers weighted(const Numbers& xs) {
  Numbers out;
  for (const Int x : xs) out.push_back(x * static_cast<Int>(out.size()));
  return out;
}

// k: what a step is about, 2..5; n: a bound, -5..10.
using Maker = ListStep (*)(Int k, Int n);
const Maker kMakers[] = {
    [](Int, Int) -> ListStep {
      return {"Keep only the even numbers.", "xs = [x for x in xs if x % 2 == 0]",
              [](const Numbers& xs) { return filtered(xs, [](Int x) { return x % 2 == 0; }); }};
    },
    [](Int, Int) -> ListStep {
      return {"Keep only the odd numbers.", "xs = [x for x in xs if x % 2 != 0]",
              [](const Numbers& xs) { return filtered(xs, [](Int x) { return x % 2 != 0; }); }};
    },
    [](Int, Int n) -> ListStep {
      return {format("Keep only the numbers greater than {}.", n), format("xs = [x for x in xs if x > {}]", n),
              [n](const Numbers& xs) { return filtered(xs, [n](Int x) { return x > n; }); }};
    },
    [](Int, Int n) -> ListStep {
      return {format("Remove every number that is equal to or greater than {}.", n),
              format("xs = [x for x in xs if x < {}]", n),
              [n](const Numbers& xs) { return filtered(xs, [n](Int x) { return x < n; }); }};
    },
    [](Int k, Int) -> ListStep {
      return {format("Remove every multiple of {} (0 is one).", k), format("xs = [x for x in xs if x % {} != 0]", k),
              [k](const Numbers& xs) { return filtered(xs, [k](Int x) { return x % k != 0; }); }};
    },
    [](Int k, Int) -> ListStep {
      return {format("Multiply every number by {}.", k), format("xs = [x * {} for x in xs]", k),
              [k](const Numbers& xs) { return mapped(xs, [k](Int x) { return x * k; }); }};
    },
    [](Int k, Int n) -> ListStep {
      const Int by = n > 0 ? n : k;
      return {format("Add {} to every number.", by), format("xs = [x + {} for x in xs]", by),
              [by](const Numbers& xs) { return mapped(xs, [by](Int x) { return x + by; }); }};
    },
    [](Int, Int n) -> ListStep {
      return {format("Subtract every number from {}.", n), format("xs = [{} - x for x in xs]", n),
              [n](const Numbers& xs) { return mapped(xs, [n](Int x) { return n - x; }); }};
    },
    [](Int, Int) -> ListStep {
      return {"Replace every number by its absolute value.", "xs = [abs(x) for x in xs]",
              [](const Numbers& xs) { return mapped(xs, [](Int x) { return x < 0 ? -x : x; }); }};
    },
    [](Int k, Int) -> ListStep {
      return {format("Replace every number by its remainder when divided by {}, from 0 to {}.", k + 2, k + 1),
              format("xs = [x % {} for x in xs]", k + 2),
              [k](const Numbers& xs) { return mapped(xs, [k](Int x) { return modulo(x, k + 2); }); }};
    },
    [](Int, Int) -> ListStep {
      return {"Reverse the list.", "xs = xs[::-1]", [](const Numbers& xs) { return Numbers(xs.rbegin(), xs.rend()); }};
    },
    [](Int, Int) -> ListStep {
      return {"Sort the list in ascending order.", "xs = sorted(xs)",
              [](const Numbers& xs) { return sorted(xs, [](Int a, Int b) { return a < b; }); }};
    },
    [](Int, Int) -> ListStep {
      return {"Sort the list in descending order.", "xs = sorted(xs, reverse=True)",
              [](const Numbers& xs) { return sorted(xs, [](Int a, Int b) { return a > b; }); }};
    },
    [](Int, Int) -> ListStep {
      return {"Sort the list by absolute value, smallest first; equal absolute values keep their order.",
              "xs = sorted(xs, key=abs)",
              [](const Numbers& xs) { return sorted(xs, [](Int a, Int b) { return std::abs(a) < std::abs(b); }); }};
    },
    [](Int, Int) -> ListStep {
      return {"Remove repeated numbers: only the first of equal numbers stays, in its place.",
              "xs = list(dict.fromkeys(xs))", deduplicated};
    },
    [](Int k, Int) -> ListStep {
      return {format("Keep only the first {} elements (all of them where there are fewer).", k + 1),
              format("xs = xs[:{}]", k + 1),
              [k](const Numbers& xs) { return part(xs, 0, static_cast<std::size_t>(k + 1)); }};
    },
    [](Int k, Int) -> ListStep {
      return {format("Remove the first {} elements (all of them where there are fewer).", k),
              format("xs = xs[{}:]", k),
              [k](const Numbers& xs) { return part(xs, static_cast<std::size_t>(k), xs.size()); }};
    },
    [](Int k, Int) -> ListStep {
      return {format("Keep only the last {} elements (all of them where there are fewer).", k + 1),
              format("xs = xs[-{}:]", k + 1), [k](const Numbers& xs) {
                const auto keep = static_cast<std::size_t>(k + 1);
                return part(xs, xs.size() > keep ? xs.size() - keep : 0, xs.size());
              }};
    },
    [](Int k, Int) -> ListStep {
      return {format("Keep only the elements whose index (from 0) is a multiple of {}.", k), format("xs = xs[::{}]", k),
              [k](const Numbers& xs) {
                Numbers out;
                for (std::size_t i = 0; i < xs.size(); i += static_cast<std::size_t>(k)) out.push_back(xs[i]);
                return out;
              }};
    },
    [](Int, Int) -> ListStep {
      return {"Replace every element by the sum of all elements up to and including it.",
              "xs = [sum(xs[:i + 1]) for i in range(len(xs))]",
              [](const Numbers& xs) { return running(xs, [](Int a, Int b) { return a + b; }); }};
    },
    [](Int, Int) -> ListStep {
      return {"Replace every element by the largest of the elements up to and including it.",
              "xs = [max(xs[:i + 1]) for i in range(len(xs))]",
              [](const Numbers& xs) { return running(xs, [](Int a, Int b) { return std::max(a, b); }); }};
    },
    [](Int, Int) -> ListStep {
      return {"Replace the list by the differences of neighbours: each element but the first, minus the one before it.",
              "xs = [b - a for a, b in zip(xs, xs[1:])]",
              [](const Numbers& xs) { return neighbours(xs, [](Int a, Int b) { return b - a; }); }};
    },
    [](Int, Int) -> ListStep {
      return {"Replace the list by the sums of neighbours: each element but the first, plus the one before it.",
              "xs = [a + b for a, b in zip(xs, xs[1:])]",
              [](const Numbers& xs) { return neighbours(xs, [](Int a, Int b) { return a + b; }); }};
    },
    [](Int k, Int) -> ListStep {
      return {format("Rotate the list to the left by {}: {} times, the first element moves to the end.", k, k),
              format("xs = xs[{0} % len(xs):] + xs[:{0} % len(xs)] if xs else []", k),
              [k](const Numbers& xs) { return rotated(xs, k); }};
    },
    [](Int, Int) -> ListStep {
      return {"Swap the first element with the second, the third with the fourth, and so on; a last one without a "
              "partner stays.",
              "for i in range(0, len(xs) - 1, 2): xs[i], xs[i + 1] = xs[i + 1], xs[i]", pairs_swapped};
    },
    [](Int, Int) -> ListStep {
      return {"Put a copy of every element right after it.", "xs = [y for x in xs for y in (x, x)]", repeated};
    },
    [](Int, Int) -> ListStep {
      return {"Multiply every element by its index (from 0).", "xs = [i * x for i, x in enumerate(xs)]", weighted};
    },
    [](Int, Int) -> ListStep {
      return {"Replace every element by the number of times its value occurs in the list.",
              "xs = [xs.count(x) for x in xs]", [](const Numbers& xs) {
                return mapped(xs, [&](Int x) { return static_cast<Int>(std::count(xs.begin(), xs.end(), x)); });
              }};
    },
};

}  // namespace

ListStep draw_list_step(Rng& rng) {
  const std::size_t kind = static_cast<std::size_t>(rng.uniform(0, static_cast<Int>(std::size(kMakers)) - 1));
  const Int k = rng.uniform(2, 5);
  const Int n = rng.uniform(-5, 10);
  ListStep step = kMakers[kind](k, n);
  step.kind = kind;
  return step;
}

}  // namespace assay::procedural
