// What a trace scorer says about a reasoning trace beside its verdict: findings that point at text, and metrics.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/api/response.h"

namespace assay {

enum class Severity : std::uint8_t {
  info = 1,     // worth seeing: a switch of thought, a false step that the trace withdraws itself
  warning = 2,  // a defect of form: cut, looping, another language
  error = 3,    // a false step
};

struct Finding {
  std::string kind;                   // "false_claim", "tail_loop", "state_mismatch"; stable, lower case
  std::optional<std::uint32_t> step;  // 0-based, as the trace was split into steps
  Span span;                          // bytes of the trace
  std::string detail;                 // one line; may quote the trace, so untrusted
  Severity severity = Severity::info;
};

// One figure of one trace. nullopt: not applicable or not decidable here, never 0.
struct Metric {
  std::string name;  // "repetition_3gram"
  std::optional<double> value;
};

}  // namespace assay
