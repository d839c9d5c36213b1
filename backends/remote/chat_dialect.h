// The dialect of chat completions: OpenAI's own, DeepSeek's, OpenRouter's and that of every compatible server.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "backends/remote/dialect.h"
#include "backends/remote/openai_request.h"

namespace assay {

// The header that a key goes into. Authorization carries it as a bearer token, any other as it is ("api-key").
HttpHeaderList openai_key_headers(const std::string& header, const std::string& key);

// An error that says the prompt was turned away by a content filter (learn.microsoft.com/azure/ai-services/openai/
// concepts/content-filter: status 400, code "content_filter").
bool openai_filtered(int status, std::string_view body);

// `path` is behind the base URL: "/chat/completions".
std::unique_ptr<Dialect> make_chat_dialect(OpenAiForm form, std::string path, std::string key_header);

}  // namespace assay
