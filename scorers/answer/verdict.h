// Puts a Score together, the same way for every answer scorer.
//
// Pure; threads: any.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/api/scorer.h"
#include "scorers/answer/find_answer.h"

namespace assay::answer {

using Verdict = std::variant<Score, std::vector<Work>>;

// An answer as a scorer understood it.
struct Reading {
  Candidate found;
  std::string answer_class;  // never empty
};

// "extracted '18' (boxed); target '18': equal"
Score compared(const Reading& reading, std::string_view target, bool equal);
Score no_answer(std::string_view why);
Score unscored(std::string_view why);

// Text within quotes for an explanation: printable, and cut where it is long.
std::string shown(std::string_view text);

// The first target that `equal` accepts decides; else the first target is the one explained.
template <typename Equal>
Score against_targets(const Sample& sample, const Reading& reading, Equal equal) {
  if (sample.targets.empty()) return unscored("the sample has no target");
  for (const std::string& target : sample.targets) {
    if (equal(target)) return compared(reading, target, true);
  }
  return compared(reading, sample.targets.front(), false);
}

}  // namespace assay::answer
