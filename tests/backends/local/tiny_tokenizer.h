// A byte-level vocabulary for models made in tests: the 256 bytes, a few merges, three control tokens.
#pragma once

#include <string>

#include "harness/base/json.h"
#include "harness/text/tokenizer.h"

namespace assay::test {

inline constexpr TokenId kTinyEndOfText = 0;  // <|endoftext|>
inline constexpr TokenId kTinyStart = 1;      // <|im_start|>
inline constexpr TokenId kTinyEnd = 2;        // <|im_end|>; ends an answer
inline constexpr int kTinyVocabulary = 267;   // a model needs at least as many rows

Vocabulary tiny_vocabulary();
Json tiny_tokenizer_json();  // the same as tokenizer.json
std::string tiny_chat_template();

}  // namespace assay::test
