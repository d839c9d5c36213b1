// The one door to Catch2, version 2 or 3.
#pragma once

#include <string>

#ifdef ASSAY_CATCH3
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif

namespace assay::test {

// CHECK_THAT(text, has("part") && has("another")): the two versions name this matcher differently.
inline auto has(const std::string& part) {
#ifdef ASSAY_CATCH3
  return Catch::Matchers::ContainsSubstring(part);
#else
  return Catch::Matchers::Contains(part);
#endif
}

}  // namespace assay::test
