// `openai`: chat completions of OpenAI and of every server that speaks the same (vLLM, SGLang,
// llama.cpp, Ollama, DeepSeek, OpenRouter, ...), plain and streamed. Options: docs/backends.md.
#pragma once

#include "harness/api/backend.h"

namespace assay {

// Errors: Code::invalid for an unknown option, a wrong value, a bad base URL, no model, or no key where
// the server is OpenAI's own.
Result<std::unique_ptr<Backend>> make_openai(const BackendOptions& options);

}  // namespace assay
