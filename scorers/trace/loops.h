// A text that repeats itself.
//
// Repetition (open-r1's reward, after arXiv 2502.03373, appendix C.2): words are lower-case white-space
// words; 1 - distinct n-grams / n-grams. Tail loop: the largest p <= 200 words so that the text ends in k >=
// 3 copies of its last p words and k * p >= 20. A loop anywhere: a period p <= 200 held over at least three
// periods and 15 words.
//
// Pure; linear; hashes are only ever a hint before a comparison. Threads: any.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "harness/api/response.h"
#include "scorers/trace/words.h"

namespace assay::trace {

// nullopt: fewer than n words. REQUIRES: n >= 2.
std::optional<double> repetition(const Words& words, std::size_t n);

struct Loop {
  std::size_t period = 0;   // words
  std::size_t repeats = 0;  // whole ones
  Span span;                // bytes, from where the loop starts
};

// The last word may be cut: "the answer is the answer is the answ".
std::optional<Loop> tail_loop(const Words& words);

// Loops in order, wherever they stand; at most 64.
std::vector<Loop> find_loops(const Words& words);

// All of these at once.
struct Repetitions {
  std::optional<double> of_3;
  std::optional<double> of_20;
  std::optional<Loop> tail;
  std::vector<Loop> loops;
};
Repetitions repetitions_of(const Words& words);

}  // namespace assay::trace
