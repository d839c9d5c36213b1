// How a Request becomes the body of an OpenAI chat completion
// (platform.openai.com/docs/api-reference/chat/create).
//
// Pure; error messages do not name the server. Sampling parameters that are not set are not sent; those that are set are sent under the
// API's name, or, where it has none, under the name that compatible servers share (top_k, min_p,
// repetition_penalty). None is ever left out silently.
#pragma once

#include <string>

#include "harness/api/backend.h"

namespace assay {

// How a server is asked to go on from a text (Request::prefix).
enum class ContinueStyle : std::uint8_t {
  none,
  assistant,  // a last message of role assistant: llama.cpp, OpenRouter
  prefix,     // the same with "prefix": true: DeepSeek, Mistral
  vllm,       // the same with continue_final_message: vLLM, SGLang
};

// How a server is told how much to think.
enum class ReasoningStyle {
  plain,       // reasoning_effort, and the budget in a field that the model entry names
  openrouter,  // reasoning: {effort} or {max_tokens}
};

struct OpenAiForm {
  std::string model;
  bool stream = true;
  bool stream_usage = true;                     // ask for the usage at the end of a stream
  std::string max_tokens_field = "max_tokens";  // or "max_completion_tokens"
  std::string system_role = "system";           // or "developer", or "user" for models without one
  std::string thinking_budget_field;            // empty: the server has no such parameter
  ContinueStyle continue_style = ContinueStyle::none;
  ReasoningStyle reasoning = ReasoningStyle::plain;
  Json always = Json::object();  // goes into every body; a suite's own `extra` wins
  std::uint32_t max_choices = 1;
};

// The parameters of a request that chat and raw completions share, and no prompt.
// Error: Code::invalid for what this form cannot say.
Result<Json> openai_parameters(const OpenAiForm& form, const Request& request);

// Canonical JSON of a chat completion. Error: as above.
Result<std::string> openai_body(const OpenAiForm& form, const Request& request);

}  // namespace assay
