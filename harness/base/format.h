// The one door to fmt: assay::format("{}", x). Never with a format string that is not a literal.
#pragma once

#include <fmt/format.h>

namespace assay {
using fmt::format;
}
