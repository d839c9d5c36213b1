// How an Anthropic message, whole or streamed, becomes a Response (platform.claude.com/docs/en/api/messages,
// .../build-with-claude/streaming, .../build-with-claude/handling-stop-reasons, .../api/errors).
//
// Thinking blocks are the reasoning, joined by an empty line; signatures are read past. Where their text is
// left out or redacted, the reasoning is `encrypted` and without text.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "backends/remote/dialect.h"

namespace assay {

// `blank` is unsent_blank() of the request's prefix, which the text is spared if it begins with it.
std::unique_ptr<ReplyReader> anthropic_reader(TraceKind trace, std::string blank);

// input_tokens are without cache reads and writes; output_tokens contain
// output_tokens_details.thinking_tokens; cache_creation.ephemeral_1h_input_tokens are a part of
// cache_creation_input_tokens.
Usage anthropic_usage(const Json& usage);

// The error with status 400 that is the output filter's word, also told by the reader in a stream and in a batch.
bool anthropic_filtered(int status, std::string_view body);

// The error's kind, where the status does not tell: rate_limit_error because a spend limit is reached.
std::optional<Code> anthropic_error_code(std::string_view body);

}  // namespace assay
