// check_trace: what the trace scorers say about one trace, outside of a run: for `assay trace` and other
// programs.
//
// Order: any. Threads: pure, called concurrently. Bounds: linear in the trace.
// Errors: none; a trace that cannot be read is `unparsed` with the reason, which is an outcome of its own and
// never "no mistake".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/api/finding.h"

namespace assay {

struct TraceCase {
  std::string task;  // "word_sorting", "math/gsm8k"; a task with a state verifier is checked by it
  std::string prompt;
  std::string trace;               // may hold think tags and the answer behind them
  std::vector<std::string> steps;  // instead of `trace`; then steps of findings are their indices, and spans
                                   // are of the steps joined by blank lines
  std::string answer;
  std::optional<std::string> gold;  // for figures about the answer alone; never to find a mistake
  std::string language;        // script of the target language, "Latin"; empty: that of most of the trace
  bool cut_by_length = false;  // the server said that it stopped for length
  bool opens_think = false;    // the prompt ended in an opening think tag
};

struct TraceCheck {
  std::optional<std::uint32_t> first_mistake;  // step, from 0
  bool unparsed = false;
  std::string reason;   // for unparsed, one line
  std::string checker;  // "state", or "claims" where the task has no verifier
  std::vector<Finding> findings;
  std::vector<Metric> metrics;
};

// scorers/catalog.cc defines it.
TraceCheck check_trace(const TraceCase& input);

}  // namespace assay
