// Comma-separated values as RFC 4180 has them: fields in double quotes may hold commas, line breaks
// and doubled quotes. The first record names the fields.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay {

// Calls `row` with an object of texts and the line it starts on, until that returns false.
// Error: Code::invalid, "file:line: ...", for an open quote, text after a closing quote, a record
// with another number of fields than the first, and a field name that is empty or given twice.
Result<void> read_csv(std::string_view text, const std::filesystem::path& path,
                      const std::function<bool(const Json& row, std::uint64_t line)>& row);

}  // namespace assay
