// State verifiers: where a reasoning trace about a puzzle first says something false.
//
// A verifier knows what the task means (harness/puzzle): it replays the puzzle beside the trace and compares
// every state that the trace states. It never sees the gold answer. Use:
//   if (Verifier v = verifier_for(task)) StateVerdict out = verify(task, input);
//
// Order: steps are read from first to last; a step may state several things, read from left to right.
// Threads: pure functions. Ownership: the input's views need to live only for the call.
// Bounds: linear in the trace (an ordering puzzle: times the permutations of at most kMaxPlaces things).
// Errors: what a verifier cannot read is Verdict::unparsed with the reason, never "clean".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/api/finding.h"
#include "harness/base/json.h"

namespace assay::verify {

struct Step {
  std::string_view text;
  std::size_t begin = 0;  // where it starts in the trace, so that findings point at the trace's bytes
};

struct Input {
  std::string_view prompt;         // the question as it was asked
  std::span<const Step> steps;     // numbered from 0
  std::string_view answer;         // the final answer, when it stands apart from the steps; may be empty
  const Json* metadata = nullptr;  // the sample's own structure; optional
};

enum class Outcome : std::uint8_t {
  none = 1,  // what the trace states is true, as far as it was read
  mistake = 2,
  unparsed = 3,  // the question or the trace could not be read; `reason` says what
};

struct StateVerdict {
  Outcome outcome = Outcome::unparsed;
  std::optional<std::uint32_t> first_mistake;  // step, from 0; set exactly for Outcome::mistake
  std::string reason;                          // for unparsed, one line
  // In order of the trace: the mistakes (severity error; at most kMaxFindings) and, as "self_corrected" with
  // severity info, the false steps that the trace withdraws itself.
  std::vector<Finding> findings;
  std::size_t claims = 0;  // how many statements were checked
};

inline constexpr std::size_t kMaxFindings = 64;

using Verifier = StateVerdict (*)(const Input&);

// The verifier of a task, by the name it has in BIG-Bench, in BIG-Bench Hard or here ("dyck_languages",
// "tracking_shuffled_objects_five_objects", "logic/zebra"); nullptr when there is none.
Verifier verifier_for(std::string_view task);

StateVerdict verify_dyck(const Input& input);
StateVerdict verify_tracking(const Input& input);
StateVerdict verify_arithmetic(const Input& input);
StateVerdict verify_word_sorting(const Input& input);
StateVerdict verify_ordering(const Input& input);
StateVerdict verify_knights(const Input& input);
StateVerdict verify_zebra(const Input& input);
StateVerdict verify_countdown(const Input& input);

}  // namespace assay::verify
