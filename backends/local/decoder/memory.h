// What memory there is, and how much of it a model would take.
//
// Threads: any. Units: bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace assay::local {

// Memory that this process can still get without swapping: MemAvailable, or what its control group (v2 or v1)
// and the groups above it leave, whichever is less. Pages of files that could be dropped count as free.
// `root` is where /proc and /sys are.
std::uint64_t available_memory(const std::filesystem::path& root = "/");

// Cores that this process may use: its affinity, and no more than its control group's quota (v2 or v1) pays
// for.
int usable_cores(const std::filesystem::path& root = "/");

std::string size_text(std::uint64_t bytes);  // "3.1 GiB", "17 MiB"

}  // namespace assay::local
