// What filters and methods of strings share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/text/jinja/library.h"

namespace assay::jinja {

// At most `count` replacements from the left; all when it is negative. As str.replace.
Value replace_text(Machine&, std::string_view text, std::string_view from, std::string_view to,
                   std::int64_t count);
std::vector<std::string_view> lines(std::string_view text, bool keep_ends);        // str.splitlines()
Value split_text(Machine&, std::string_view text, const Bound&, bool from_right);  // sep, maxsplit
std::string_view strip_text(Machine&, std::string_view text, const Bound&, bool left, bool right);  // chars
Value join_text(Machine&, std::string_view separator, const Value& items, bool strings_only);

}  // namespace assay::jinja
