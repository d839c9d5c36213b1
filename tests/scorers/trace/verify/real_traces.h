// The labelled traces that are not in the repository: under $ASSAY_DATA, else ../shared/data beside the
// source tree.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "scorers/trace/verify/verifier.h"

namespace assay::test {

struct LabelledTrace {
  std::string prompt;
  std::vector<std::string> steps;
  std::optional<std::uint32_t> mistake;
};

// BIG-Bench-Mistake's traces of a task; empty, with a warning, when they are not there.
std::vector<LabelledTrace> labelled_traces(const std::string& task);

struct Confusion {
  std::size_t all = 0;
  std::size_t exact = 0;
  std::size_t flagged_clean = 0;
  std::size_t missed = 0;
  std::size_t other_step = 0;
  std::size_t unparsed = 0;
  std::string text(const std::string& name) const;
};

verify::StateVerdict verdict_of(const std::string& task, const std::string& prompt,
                                const std::vector<std::string>& steps);
Confusion compare(const std::string& task, const std::vector<LabelledTrace>& traces);

}  // namespace assay::test
