// Tokens to a tree. Filters, tests and functions that are not known are errors here, with their position.
#pragma once

#include <string_view>

#include "harness/base/result.h"
#include "harness/text/jinja/ast.h"

namespace assay::jinja {

Result<Block> parse(std::string_view source);

}  // namespace assay::jinja
