// What one family of generated questions is: a name, its scorers, and a function from a random
// stream and a level to a question with its answer.
//
// Rule for every make(): each random draw stands in a statement of its own (or a braced list),
// because the order in which function arguments are evaluated differs between compilers and the
// same seed must give the same question on all of them. No floating point, no unordered container.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/api/task.h"
#include "harness/base/rng.h"

namespace assay::procedural {

inline constexpr int kMinLevel = 1;
inline constexpr int kMaxLevel = 5;
inline constexpr int kDefaultLevel = 2;

struct Item {
  std::string question;                // everything but how to end the answer
  std::vector<std::string> targets;    // accepted spellings; the first is the canonical one
  Json metadata = Json::object();      // what the scorer needs beside the targets
  std::string worked;                  // answer of a few-shot example; empty: "Answer: " + targets[0]
};

struct Family {
  std::string id;        // "math/arithmetic"
  std::uint32_t version = 1;  // rises whenever any sample changes
  std::string summary;
  std::vector<ScorerSpec> scorers;
  std::string ending;    // {format}: how to end the answer
  // REQUIRES: kMinLevel <= level <= kMaxLevel. Threads: pure. Gives a question that has exactly the
  // answers it says, redrawing from `rng` until it does.
  Item (*make)(Rng& rng, int level) = nullptr;
};

const Family& arithmetic();
const Family& countdown();
const Family& linear_systems();
const Family& number_theory();
const Family& list_transform();
const Family& predict_output();
const Family& dyck();
const Family& knights_knaves();
const Family& ordering();
const Family& tracking();
const Family& zebra();

inline std::size_t level_index(int level) { return static_cast<std::size_t>(level - kMinLevel); }

// Calls `draw` until it returns something. The bound stands for "never": a family whose draws fail
// that often is broken, and stopping beats hanging.
template <typename Draw>
auto redraw(Draw draw) {
  for (int i = 0; i < 1000000; ++i) {
    if (auto drawn = draw()) return *std::move(drawn);
  }
  CHECK_THAT_HOLDS(false, "a family's draws succeed often");
  __builtin_unreachable();
}

}  // namespace assay::procedural
