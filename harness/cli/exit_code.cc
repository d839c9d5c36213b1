#include "harness/cli/exit_code.h"

#include <cstdio>

#include "harness/base/utf8.h"

namespace assay {

int fail(const Error& error) {
  std::fprintf(stderr, "assay: %s\n", printable(error.message).c_str());
  if (error.code == Code::cancelled) return kExitInterrupted;
  return error.code == Code::internal ? kExitIncomplete : kExitInvalid;
}

}  // namespace assay
