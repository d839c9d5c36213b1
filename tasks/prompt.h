// Prompt templates: text with {field} placeholders.
//
// {name} is a placeholder when `name` is an identifier (a letter or "_", then letters, digits,
// "_", "." or "-"); {{ and }} are literal braces; any other brace stands for itself, so that
// \boxed{} needs no escape. Values are put in as they are and never read again as templates.
// Threads: pure function.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

namespace assay {

// The value of a field; nullopt when there is no such field.
using FieldLookup = std::function<std::optional<std::string>(std::string_view name)>;

// Error: Code::invalid with the byte offset and the name of a field that `lookup` does not know.
Result<std::string> render(std::string_view text, const FieldLookup& lookup);

// The names of the template's placeholders, each once, in order.
std::vector<std::string> placeholders(std::string_view text);

}  // namespace assay
