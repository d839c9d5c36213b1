// Exit codes, documented in README.md and docs/design.md section 5.
#pragma once

#include "harness/base/result.h"

namespace assay {

enum ExitCode : int {
  kExitOk = 0,
  kExitGateFailed = 1,
  kExitGateInconclusive = 2,
  kExitInvalid = 3,         // the user's input is wrong
  kExitIncomplete = 4,      // too many infrastructure errors for a headline, or a bug of ours
  kExitInterrupted = 130,
};

// Prints "assay: message" as one printable line on stderr and gives the exit code of its class.
int fail(const Error& error);

}  // namespace assay
