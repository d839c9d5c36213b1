// The one door to fmt: assay::format("{}", x). Never with a format string that is not a literal.
#pragma once

#include <fmt/format.h>

#include <string>

namespace assay {

struct Format {
  template <typename... Args>
  std::string operator()(fmt::format_string<Args...> text, Args&&... args) const {
    return fmt::vformat(text, fmt::make_format_args(args...));
  }
};

// An object and not a function: with a std::string among the arguments a standard library that has std::format
// would offer that too, and the call would be ambiguous. A name that is no function is not looked for elsewhere.
inline constexpr Format format{};

}  // namespace assay
