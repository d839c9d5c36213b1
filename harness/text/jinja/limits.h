// What a template may use. A real one needs a hundredth of it; a hostile one ends with an error.
#pragma once

#include <cstddef>
#include <cstdint>

namespace assay::jinja {

inline constexpr std::size_t kMaxSourceBytes = std::size_t{1} << 20;
inline constexpr std::uint32_t kMaxNesting = 150;          // of expressions, of statements
inline constexpr std::uint32_t kMaxCallDepth = 40;         // macros within macros
inline constexpr std::uint32_t kMaxEvaluationDepth = 800;  // of both together: bounds the native stack
inline constexpr std::uint32_t kMaxValueDepth = 100;       // lists within lists
inline constexpr std::uint64_t kMaxSteps = 4'000'000;      // expressions, statements and list items
inline constexpr std::size_t kMaxTextBytes = std::size_t{16} << 20;       // one string, and the output
inline constexpr std::uint64_t kMaxMadeBytes = std::uint64_t{512} << 20;  // all strings made in one rendering
inline constexpr std::int64_t kMaxRange = 100'000;                        // as Jinja's sandbox

}  // namespace assay::jinja
