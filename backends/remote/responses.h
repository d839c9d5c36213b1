// `openai-responses`: OpenAI's Responses API, and every server that speaks the same. Options: docs/backends.md.
#pragma once

#include <memory>
#include <string>

#include "backends/remote/dialect.h"
#include "backends/remote/responses_request.h"

namespace assay {

std::unique_ptr<Dialect> make_responses_dialect(ResponsesForm form, std::string key_header);

// Errors: as of remote_settings().
Result<std::unique_ptr<Backend>> make_responses(const BackendOptions& options);

}  // namespace assay
