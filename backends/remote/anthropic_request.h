// How a Request becomes the body of an Anthropic message (platform.claude.com/docs/en/api/messages).
//
// Pure. What the API cannot be told, or would refuse, is an error that says what to change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "backends/remote/anthropic_model.h"
#include "harness/api/backend.h"

namespace assay {

enum class Thinking : std::uint8_t {
  as_asked,  // by the suite's thinking_budget or reasoning_effort; else nothing is said
  adaptive,  // always on, the model decides how much
  disabled,
};

struct AnthropicForm {
  std::string model;
  bool stream = true;
  ClaudeTraits traits;
  Thinking thinking = Thinking::as_asked;
  std::string display;  // of thinking: "summarized" or "omitted"; empty: the model's default
  std::string cache;    // "5m" or "1h": the prompt is written to the cache for so long; empty: it is not
  std::optional<std::int64_t> output_limit;  // max_tokens where the suite sets none: the API wants one
};

// Canonical JSON. Error: Code::invalid.
Result<std::string> anthropic_body(const AnthropicForm& form, const Request& request);

// The white space at the end of Request::prefix, which the API refuses there: it is not sent, and an answer
// that begins with it begins behind it.
std::string_view unsent_blank(std::string_view prefix);

}  // namespace assay
