// How a response of OpenAI's Responses API, whole or streamed, becomes a Response
// (platform.openai.com/docs/api-reference/responses, .../responses-streaming).
//
// Reasoning items: what their `content` says is raw (open models), else their `summary` is a summary, else
// `encrypted_content` is encrypted, else a token count is hidden. The last event of a stream repeats the whole
// answer; where it says less than the events before it, what they said counts.
#pragma once

#include <memory>

#include "backends/remote/dialect.h"

namespace assay {

std::unique_ptr<ReplyReader> responses_reader();

// input_tokens contain input_tokens_details.cached_tokens and .cache_write_tokens; output_tokens contain
// output_tokens_details.reasoning_tokens.
Usage responses_usage(const Json& usage);

}  // namespace assay
