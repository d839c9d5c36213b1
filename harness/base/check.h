// CHECK_THAT_HOLDS(condition, "what must hold"): a broken invariant of ours ends the process with one line.
// Never for input: input gets an Error.
#pragma once

namespace assay::internal {
[[noreturn]] void check_failed(const char* file, int line, const char* condition, const char* message);
}

#define CHECK_THAT_HOLDS(condition, message) \
  do {                                       \
    if (!(condition)) ::assay::internal::check_failed(__FILE__, __LINE__, #condition, message); \
  } while (false)
