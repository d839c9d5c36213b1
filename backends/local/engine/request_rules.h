// generation_rules: what a request and its prompt mean for one response.
//
// Errors: Code::invalid: a prompt that leaves no room in the context, with the figures; a parameter out of
// range;
//   a key of Sampling::extra that is not known here ("logprobs" is).
#pragma once

#include <cstdint>

#include "backends/local/engine/generation.h"
#include "backends/local/engine/prompt.h"
#include "backends/local/model_files.h"
#include "harness/api/request.h"
#include "harness/base/result.h"

namespace assay::local {

// `context`: positions that prompt and output may take together. The rules are those of choice 0; another
// choice differs in its random stream alone (random_stream()).
Result<GenerationRules> generation_rules(const Request& request, const Prompt& prompt,
                                         const GenerationDefaults& recommended, std::int64_t context,
                                         bool logprobs);

}  // namespace assay::local
