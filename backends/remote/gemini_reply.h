// How a GenerateContentResponse, whole or streamed as events (alt=sse), becomes Responses
// (ai.google.dev/api/generate-content).
//
// Parts marked `thought` are the reasoning, a summary. A prompt that was blocked is a response without text
// whose finish is content_filter, for every choice. A stream has no end mark: it is whole once every
// candidate has its finishReason.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "backends/remote/dialect.h"

namespace assay {

std::unique_ptr<ReplyReader> gemini_reader(std::uint32_t choices);

// promptTokenCount contains cachedContentTokenCount and not toolUsePromptTokenCount; candidatesTokenCount
// does not contain thoughtsTokenCount. A count of zero is left out of the object, and then follows from
// totalTokenCount.
Usage gemini_usage(const Json& usage);

// A 429 behind which the day's quota is used up comes back for hours: it is not repeated.
std::optional<Code> gemini_error_code(int status, std::string_view body);

// RetryInfo.retryDelay of an error's details, in seconds.
std::optional<double> gemini_retry_delay(std::string_view body);

}  // namespace assay
