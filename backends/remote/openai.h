// Backends of the OpenAI family: one dialect each over the same connection handling. Options: docs/backends.md.
//
// `openai`: chat completions of OpenAI and of every server that speaks the same (vLLM, SGLang, llama.cpp,
//   Ollama, LM Studio, ...).
// `deepseek`: the same as api.deepseek.com has them, with its switch for thinking.
// `openrouter`: the same as openrouter.ai has them, with its reasoning object, routing and costs.
// `completions`: raw completions of any such server, over a prompt that is rendered here.
//
// Errors: Code::invalid for an unknown option, a wrong value, a bad base URL, no model, or no key where the backend's
// own address needs one.
#pragma once

#include "harness/api/backend.h"

namespace assay {

Result<std::unique_ptr<Backend>> make_openai(const BackendOptions& options);
Result<std::unique_ptr<Backend>> make_deepseek(const BackendOptions& options);
Result<std::unique_ptr<Backend>> make_openrouter(const BackendOptions& options);
Result<std::unique_ptr<Backend>> make_completions(const BackendOptions& options);

}  // namespace assay
