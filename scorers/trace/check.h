// All trace scorers over one trace.
//
// Pure; linear. Threads: any.
#pragma once

#include "harness/api/trace_checker.h"

namespace assay::trace {

TraceCheck check(const TraceCase& input);

}  // namespace assay::trace
