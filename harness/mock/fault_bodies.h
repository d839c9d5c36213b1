// What faults do to a planned answer.
#pragma once

#include <string>

#include "harness/mock/answer.h"
#include "harness/mock/faults.h"
#include "harness/mock/options.h"

namespace assay::mock {

// All pieces of a body in one text. Waits between them are summed into `wait_s`.
std::string drained(Body& body, double& wait_s);

// An answer that replaces the planned one: an error status, a redirect, nothing at all. Nullopt for a fault that
// only changes it. `path` is the request's.
std::optional<Answer> instead_of_answer(const Fault& fault, const MockOptions& options, const std::string& path);

// Changes the planned answer. `takes_gzip`: the client said so; without it the fault `gzip` does nothing.
void spoil(Answer& answer, const Fault& fault, const MockOptions& options, bool takes_gzip);

}  // namespace assay::mock
