// Seeded random numbers that are the same on every platform and for every thread count.
//
// std::mt19937_64's output is fixed by the C++ standard; std's distributions are not, so the
// bounded draws here are ours. A stream is keyed by what it is for, never by who runs it:
//   Rng rng(Rng::seed_for(run_seed, {"math/arithmetic", "17"}));
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string_view>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/digest.h"

namespace assay {

class Rng {
 public:
  explicit Rng(std::uint64_t seed) : engine_(seed) {}

  static std::uint64_t seed_for(std::uint64_t seed, std::initializer_list<std::string_view> names) {
    DigestBuilder builder;
    builder.add("seed", std::to_string(seed));
    for (const std::string_view n : names) builder.add("name", n);
    const Digest digest = builder.finish();
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < 8; ++i) out |= static_cast<std::uint64_t>(digest.bytes[i]) << (8 * i);
    return out;
  }

  std::uint64_t next() { return engine_(); }

  // Uniform in [low, high], both ends included. REQUIRES: low <= high. Rejection, so unbiased.
  std::int64_t uniform(std::int64_t low, std::int64_t high) {
    CHECK_THAT_HOLDS(low <= high, "a range has its ends in order");
    const std::uint64_t range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    if (range == UINT64_MAX) return static_cast<std::int64_t>(next());
    const std::uint64_t n = range + 1;
    const std::uint64_t limit = UINT64_MAX - (UINT64_MAX % n + 1) % n;
    std::uint64_t x = next();
    while (x > limit) x = next();
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + x % n);
  }

  // Uniform in [0, 1) with 53 bits.
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  bool chance(double p) { return unit() < p; }

  // Uniform in [0, 1): draw `index` of the stream `key`, found without the draws before it. The mixing function
  // is that of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
  static double unit_at(std::uint64_t key, std::uint64_t index) {
    return static_cast<double>(mixed(key + mixed(index + 1)) >> 11) * 0x1.0p-53;
  }

  template <typename Container>
  auto& pick(Container& items) {
    CHECK_THAT_HOLDS(!items.empty(), "there is something to pick from");
    return items[static_cast<std::size_t>(uniform(0, static_cast<std::int64_t>(items.size()) - 1))];
  }

  // Fisher-Yates.
  template <typename Container>
  void shuffle(Container& items) {
    for (std::size_t i = items.size(); i > 1; --i) {
      std::swap(items[i - 1], items[static_cast<std::size_t>(uniform(0, static_cast<std::int64_t>(i) - 1))]);
    }
  }

 private:
  static std::uint64_t mixed(std::uint64_t x) {
    x += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31);
  }

  std::mt19937_64 engine_;
};

}  // namespace assay
