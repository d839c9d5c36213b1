// Real tokenizer.json files and the ids that another implementation makes with them: scripts/tokenizer-oracle
// fetches the packages by name and writes the ids. Nothing where node, npm or the packages cannot be had.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "harness/text/tokenizer.h"

namespace assay::test {

// The folder that the script filled; runs it the first time in a process.
std::optional<std::string> oracle_folder();

// From the package of that name: "qwen3", "llama3_1", "deepseek_v3". nullptr where it cannot be had; a file
// that is there but is refused fails the test.
std::unique_ptr<Tokenizer> oracle_tokenizer(const std::string& name);

}  // namespace assay::test
