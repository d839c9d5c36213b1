// Traces that the tests write themselves: puzzles with their worked solutions in several phrasings, valid or
// with one planted error. Written from what the puzzles mean, not from what the verifiers read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/rng.h"

namespace assay::test {

struct WrittenTrace {
  std::string prompt;
  std::vector<std::string> steps;
  std::optional<std::uint32_t> planted;  // step of the error; nullopt in a valid trace
};

using Writer = WrittenTrace (*)(Rng& rng, bool plant);

WrittenTrace write_dyck(Rng& rng, bool plant);
WrittenTrace write_tracking(Rng& rng, bool plant);
WrittenTrace write_ordering(Rng& rng, bool plant);
WrittenTrace write_knights(Rng& rng, bool plant);
WrittenTrace write_zebra(Rng& rng, bool plant);
WrittenTrace write_countdown(Rng& rng, bool plant);

// One of `ways`, with {0}, {1} and {2} replaced.
std::string phrase(Rng& rng, std::vector<std::string> ways, const std::vector<std::string>& with);
std::vector<std::string> some_names(Rng& rng, std::size_t count);
std::string joined(const std::vector<std::string>& words, const std::string& joint);

}  // namespace assay::test
