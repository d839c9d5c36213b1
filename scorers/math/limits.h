// What one verdict may cost, in work and never in seconds, so that a verdict does not depend on the machine.
#pragma once

#include <cstddef>
#include <cstdint>

namespace assay::math {

inline constexpr std::size_t kMaxResponseBytes = 4U << 20;  // beyond it only the end of a response is read
inline constexpr std::size_t kMaxAnswerBytes = 8192;        // of one answer
inline constexpr std::size_t kMaxTokens = 4096;
inline constexpr int kMaxNesting = 64;                      // brackets within brackets
inline constexpr std::size_t kMaxNodes = 8000;              // of the trees of both answers
inline constexpr std::size_t kMaxSteps = 3000;              // of one straight-line program
inline constexpr std::size_t kMaxIntegerBits = 340000;      // of an exact integer: about 100,000 digits
inline constexpr std::uint32_t kMaxWork = 20000;            // comparisons of parts, over one verdict
inline constexpr std::size_t kMaxSumTerms = 400;            // of a sum or product that is written out
inline constexpr std::size_t kMaxElements = 256;            // of a list or set that is matched

}  // namespace assay::math
