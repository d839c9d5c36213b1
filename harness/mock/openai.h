// OpenAI's Chat Completions and (raw) Completions, streamed and not, with the reasoning where DeepSeek, vLLM and
// others put it.
// Sources: platform.openai.com/docs/api-reference/chat, .../completions; api-docs.deepseek.com/api/create-chat-completion.
#pragma once

#include "harness/mock/endpoint.h"

namespace assay::mock {

Answer answer_chat(const MockRequest& request, Context& context);
Answer answer_completion(const MockRequest& request, Context& context);

}  // namespace assay::mock
