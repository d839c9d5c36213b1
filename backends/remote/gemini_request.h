// How a Request becomes a call of Gemini's generateContent or streamGenerateContent
// (ai.google.dev/api/generate-content, ai.google.dev/gemini-api/docs/thinking).
//
// Pure. What the API cannot be told, or would refuse, is an error that says so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/api/backend.h"

namespace assay {

struct GeminiForm {
  std::string model;  // "gemini-2.5-pro", or a resource name: "models/...", "tunedModels/..."
  bool stream = true;
  bool include_thoughts = false;  // ask for the summaries of the thinking
  std::uint32_t max_choices = 1;
};

// Gemini models think since 2.5, and refuse a thinkingConfig before that.
bool gemini_thinks(std::string_view model);

// "/models/gemini-2.5-pro:streamGenerateContent?alt=sse". Error: a name that cannot stand in a path.
Result<std::string> gemini_path(const GeminiForm& form);

// Canonical JSON. Error: Code::invalid.
Result<std::string> gemini_body(const GeminiForm& form, const Request& request);

}  // namespace assay
