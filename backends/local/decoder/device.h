// Where a model runs: the device that an option names, and the memory there.
#pragma once

#include <cstdint>
#include <string>

#include "harness/base/result.h"

namespace assay::local {

// "auto", "cpu", "cuda" or "cuda:N" to the device as LibTorch names it. invalid for another name, and for a
// CUDA device that is not there.
Result<std::string> find_device(const std::string& name);

// Bytes that can still be allocated on it.
std::uint64_t device_memory(const std::string& device);

}  // namespace assay::local
