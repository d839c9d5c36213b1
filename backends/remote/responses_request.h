// How a Request becomes the body of OpenAI's Responses API (platform.openai.com/docs/api-reference/responses/create).
//
// Pure. What the API cannot be told is an error that says so: it has no stop texts, no seed and no penalties.
#pragma once

#include <string>

#include "harness/api/backend.h"

namespace assay {

struct ResponsesForm {
  std::string model;
  bool stream = true;
  std::string system_role = "system";  // or "developer"
  std::string summary;                 // of the reasoning: "auto", "concise", "detailed"; empty: not asked for
  bool encrypted = false;              // ask for the reasoning in encrypted form, for the record
};

// Canonical JSON. Error: Code::invalid.
Result<std::string> responses_body(const ResponsesForm& form, const Request& request);

}  // namespace assay
