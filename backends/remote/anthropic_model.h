// What a Claude model takes and gives, from its name: "claude-3-7-sonnet-20250219", "claude-opus-4-6",
// "anthropic/claude-4.5-sonnet". Other names, of other servers that speak this API, take everything.
//
// Sources: platform.claude.com/docs, extended thinking (thinking text is raw in 3.7 and a summary since 4;
// budgets from 3.7 to 4.6), adaptive thinking and effort (since 4.6; effort alone in Opus 4.5), what's new
// in 4.6 (no assistant prefill) and in 4.7 (no temperature, top_p and top_k; thinking text is left out unless
// asked for). Pure.
#pragma once

#include <string_view>

#include "harness/api/outcome.h"

namespace assay {

struct ClaudeTraits {
  bool budget = true;       // thinking: {type: enabled, budget_tokens}
  bool adaptive = true;     // thinking: {type: adaptive}
  bool effort = true;       // output_config: {effort}
  bool sampling = true;     // temperature, top_p and top_k other than their defaults
  bool prefill = true;      // a last message of the assistant is gone on from
  bool hides_text = false;  // thinking text comes only where `display` asks for it
  TraceKind trace = TraceKind::raw;
};

ClaudeTraits claude_traits(std::string_view model);

}  // namespace assay
