// Readers of ModelConfig from each format, and what they have in common.
//
// Threads: any; pure. Errors: Code::invalid, "<where>: <key> ...".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "backends/local/config/model_config.h"
#include "backends/local/weights/gguf.h"
#include "backends/local/weights/llama2c.h"
#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay::local {

// config.json, as transformers 4 and 5 write it. `where` names the file in messages.
Result<ModelConfig> config_from_json(std::string_view where, const Json& config);
Result<ModelConfig> config_from_gguf(const GgufFile& file);
Result<ModelConfig> config_from_llama2c(std::string_view where, const Llama2cHeader& header);

// Whether a decoder can be built of it: positive, within bounds that keep every product of sizes far below
// 2^63, heads divisible by kv_heads, an even head_dim, a rotary scaling that makes sense. Every reader ends
// with it.
Result<void> check_config(std::string_view where, const ModelConfig& config);

// An architecture that is not read: what it needs that is not supported, or the list of those that are known.
Error refuse_architecture(std::string_view where, std::string_view name,
                          const std::vector<std::string_view>& known);

}  // namespace assay::local
