// The parts of a tokenizer.json that treat text: normalizer, pre_tokenizer, decoder, post_processor.
//
// Threads: any. Errors: Code::invalid naming the part that is unknown or that this tokenizer does not do.
#pragma once

#include <optional>
#include <string>

#include "harness/base/json.h"
#include "harness/base/result.h"
#include "harness/text/tokenizer/bpe_tokenizer.h"

namespace assay {

// Each reads one member of the file (null and absent ones too) and fills what of `parts` comes from it.
Result<void> read_normalizer(const Json* normalizer, TokenizerParts& parts);
// Sets byte_level where a ByteLevel step is found.
Result<void> read_pre_tokenizer(const Json* pre_tokenizer, TokenizerParts& parts);
// REQUIRES: the two above were read.
Result<void> read_decoder(const Json* decoder, TokenizerParts& parts);
// The text of the special token that the post-processor puts in front of a text.
std::optional<std::string> leading_token(const Json* post_processor);

}  // namespace assay
