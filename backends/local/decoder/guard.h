// guarded: LibTorch throws; nothing throws out of this folder.
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace assay::local {

// c10::Error's text ends in a stack trace; what happened is its first line.
inline Error thrown(std::string_view what) {
  return {Code::internal, "LibTorch: " + std::string(what.substr(0, what.find('\n')))};
}

// Runs `body`, which returns a Result, and turns what it throws into Code::internal.
template <typename Body>
auto guarded(const Body& body) -> decltype(body()) {
  try {
    return body();
  } catch (const std::exception& error) {
    return thrown(error.what());
  }
}

}  // namespace assay::local
