// The one door to nlohmann_json.
//
// Untrusted text goes through parse_json, which bounds nesting and never throws. dump_json is
// canonical: keys sorted, no white space, invalid UTF-8 replaced by U+FFFD, so that equal values
// have equal bytes and can be digested.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace assay {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;  // keeps the order of keys, for what is shown to a model

inline constexpr std::size_t kMaxJsonDepth = 256;

// Error: Code::invalid, with the byte offset and what was expected.
Result<Json> parse_json(std::string_view text, std::size_t max_depth = kMaxJsonDepth);
Result<OrderedJson> parse_ordered_json(std::string_view text, std::size_t max_depth = kMaxJsonDepth);
// Likewise, and an object that has the same key twice is refused by name: parse_json keeps the last of them, so two
// readers of one file could disagree about what it says.
Result<Json> parse_json_unique(std::string_view text, std::size_t max_depth = kMaxJsonDepth);
std::string dump_json(const Json& value);
std::string dump_json_pretty(const Json& value);  // two spaces, for people and reports

// Typed look-ups on an object that never throw: nullopt when `object` is not an object, the key
// is absent or null, or the type differs. Integers are not read from floats or strings.
std::optional<std::string> json_string(const Json& object, std::string_view key);
std::optional<std::int64_t> json_int(const Json& object, std::string_view key);
std::optional<double> json_number(const Json& object, std::string_view key);  // finite only
std::optional<bool> json_bool(const Json& object, std::string_view key);
const Json* json_find(const Json& object, std::string_view key);  // nullptr when absent

}  // namespace assay
