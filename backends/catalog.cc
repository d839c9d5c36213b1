#include "harness/api/catalog.h"

#include "backends/local_module.h"
#include "backends/remote/anthropic.h"
#include "backends/remote/gemini.h"
#include "backends/remote/openai.h"
#include "backends/remote/responses.h"
#include "backends/replay/replay.h"
#include "backends/scripted/scripted.h"
#include "harness/base/http.h"

namespace assay {
namespace {

std::string nothing() { return {}; }

std::string missing_tls() {
  return http_library().find("no TLS") == std::string::npos
             ? ""
             : "libcurl is built without TLS: only http:// can be reached";
}

}  // namespace

std::span<const BackendEntry> backend_catalog() {
  static const BackendEntry kEntries[] = {
      {"anthropic", "messages of Anthropic and of every server that speaks the same", make_anthropic, missing_tls},
      {"completions", "raw completions of any OpenAI-compatible server, over a prompt rendered here",
       make_completions, missing_tls},
      {"deepseek", "chat completions of DeepSeek, with its switch for thinking", make_deepseek, missing_tls},
      {"gemini", "generateContent of Gemini, with the summaries of its thinking", make_gemini, missing_tls},
      {"local", "a model's weights, run in this process: safetensors, GGUF, llama2.c", make_local,
       local_unavailable, local_libraries},
      {"openai", "chat completions of OpenAI and of every server that speaks the same", make_openai,
       missing_tls},
      {"openai-responses", "the Responses API of OpenAI and of every server that speaks the same", make_responses,
       missing_tls},
      {"openrouter", "chat completions of OpenRouter, with its reasoning, routing and costs", make_openrouter,
       missing_tls},
      {"replay", "answers from a recorded file, several epochs a sample", make_replay, nothing},
      {"scripted", "says what it is told to, from the targets: for tests and demonstrations", make_scripted,
       nothing},
  };
  return kEntries;
}

}  // namespace assay
