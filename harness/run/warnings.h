// What a user should know of a run's models before it begins. Internal to harness/run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/run/workload.h"

namespace assay {

// One line each: a model that its provider has switched off or will within 30 days; a parameter that the
// model takes and does nothing with; a model whose provider is known and whose price is not.
std::vector<std::string> warnings_of(const Workload&, std::int64_t unix_micros);

}  // namespace assay
