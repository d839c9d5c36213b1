// What a model's files say beside weights and shape: where generation ends, recommended sampling, the chat
// template.
//
// Threads: any; pure. `where` names the file in messages. A JSON null stands for a file that is not there.
// Errors: Code::invalid naming file and key.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "backends/local/model_files.h"
#include "backends/local/weights/gguf.h"
#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay::local {

// eos_token_id, one or a list, of generation_config.json, and only if that says none of config.json.
Result<std::vector<TokenId>> end_tokens_from_json(std::string_view generation_where, const Json& generation,
                                                  std::string_view config_where, const Json& config);

// The ids in tokenizer.ggml.{eos,eot,eom}_token_id, and the control tokens that end a turn in the file's own
// chat template (<|im_end|>, <|eot_id|>, <|end_of_text|>), since converters often keep but one id.
Result<std::vector<TokenId>> end_tokens_from_gguf(const GgufFile& file, const Vocabulary& vocabulary);

Result<GenerationDefaults> generation_from_json(std::string_view where, const Json& generation);

// chat_template of tokenizer_config.json: a text, or a list of {name, template} of which "default" is taken.
Result<std::string> template_from_json(std::string_view where, const Json& tokenizer_config);

}  // namespace assay::local
