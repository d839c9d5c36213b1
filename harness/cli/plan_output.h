// What --dry-run prints.
#pragma once

#include <string>

#include "harness/run/run.h"

namespace assay {

std::string plan_text(const Plan& plan, bool piloted);
std::string plan_json(const Plan& plan);  // one object, ending in a newline; what is not known is null

}  // namespace assay
