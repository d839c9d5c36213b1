// From a data row to the parts of a sample that do not depend on the prompt's variant.
//
// Threads: const, used concurrently. Errors: Code::invalid without file and line, which the caller adds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/api/sample.h"
#include "tasks/task_file.h"

namespace assay {

// Everything but the messages and the occurrence. `index` is the row's place in its file, from 0.
Result<Sample> read_row(const TaskSpec& spec, const Json& row, std::uint64_t index);

// The digest of (data row, targets), docs/design.md section 6.
Digest row_identity(const Json& row, const std::vector<std::string>& targets);

// "(A) first\n(B) second"
std::string options_text(const std::vector<std::string>& choices);

// The value of a prompt's {name}: question, choices, index, else the row's own field. nullopt when there is none.
std::optional<std::string> prompt_field(const Sample& sample, const Json& row, std::uint64_t index,
                                        std::string_view name);

}  // namespace assay
