// The splits by the names that files give them: a regular expression in tokenizer.json, a word in GGUF.
//
// Threads: any.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/text/tokenizer/splitter.h"

namespace assay {

// The split of a tokenizer.json's regular expression, compared as a whole. nullopt: not known.
std::optional<Split> split_of_regex(std::string_view regex);

// The splits of a GGUF file's tokenizer.ggml.pre. Error: Code::invalid with the known names.
Result<std::vector<Split>> splits_of_gguf_name(std::string_view name);

// The ranges that a split's expression is about, as they stand between its brackets; empty for the others.
std::string_view ranges_of(Split split);

}  // namespace assay
