// `gemini`: Gemini's generateContent and streamGenerateContent. Options: docs/backends.md.
#pragma once

#include <memory>

#include "backends/remote/dialect.h"
#include "backends/remote/gemini_request.h"

namespace assay {

std::unique_ptr<Dialect> make_gemini_dialect(GeminiForm form);

// Errors: as of remote_settings().
Result<std::unique_ptr<Backend>> make_gemini(const BackendOptions& options);

}  // namespace assay
