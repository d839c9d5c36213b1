// The dialect of raw completions (platform.openai.com/docs/api-reference/completions): a prompt's text in, the text
// behind it out. The prompt is rendered here, with a model's chat template or as the contents of the messages with an
// empty line between them, so that what the model read is known and stored, and going on from a prefix is
// plain appending.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "backends/remote/dialect.h"
#include "backends/remote/openai_request.h"
#include "harness/text/chat_template.h"

namespace assay {

struct PromptForm {
  std::optional<ChatTemplate> chat_template;
  OrderedJson variables = OrderedJson::object();  // for the template
  std::string bos_token;
  std::string eos_token;
};

// What a request's model reads, without Request::prefix. Error: Code::invalid of the template.
Result<std::string> render_prompt(const PromptForm& form, const Request& request);

std::unique_ptr<Dialect> make_completions_dialect(OpenAiForm form, PromptForm prompt, std::string path,
                                                  std::string key_header);

}  // namespace assay
