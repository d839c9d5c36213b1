#include "backends/local/decoder/memory.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <thread>
#include <vector>

#include "harness/base/format.h"

namespace assay::local {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

std::optional<std::uint64_t> number_in(const fs::path& file) {
  std::ifstream in(file);
  std::uint64_t value = 0;
  if (in >> value) return value;  // "max" is no number
  return std::nullopt;
}

// The number beside a key: "MemAvailable:  123 kB", "inactive_file 4096".
std::optional<std::uint64_t> keyed_number(const fs::path& file, std::string_view key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.compare(0, key.size(), key) != 0) continue;
    std::istringstream rest(line.substr(key.size()));
    std::uint64_t value = 0;
    if (rest >> value) return value;
  }
  return std::nullopt;
}

// The folders of this process's control group of a controller and of those above it, innermost first. In a
// container the path may be the host's, which is not to be seen there; the mount point itself is then the
// group.
std::vector<fs::path> control_groups(const fs::path& root, const std::string& controller) {
  const fs::path mount = root / "sys/fs/cgroup" / controller;
  std::vector<fs::path> folders;
  std::ifstream in(root / "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {  // "0::/user.slice/x", "4:memory:/docker/y"
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string names = format(",{},", line.substr(first + 1, second - first - 1));
    if (controller.empty() ? names != ",," : names.find(format(",{},", controller)) == std::string::npos)
      continue;
    fs::path path = fs::path(line.substr(second + 1)).lexically_normal().relative_path();
    for (; !path.empty() && *path.begin() != ".."; path = path.parent_path()) folders.push_back(mount / path);
  }
  folders.push_back(mount);
  return folders;
}

std::uint64_t left_of(std::optional<std::uint64_t> limit, std::uint64_t used, std::uint64_t droppable) {
  if (!limit) return kUnlimited;
  used -= std::min(used, droppable);
  return *limit - std::min(*limit, used);
}

}  // namespace

std::uint64_t available_memory(const fs::path& root) {
  std::uint64_t available = kUnlimited;
  if (const auto kib = keyed_number(root / "proc/meminfo", "MemAvailable:")) available = *kib * 1024;
  for (const fs::path& group : control_groups(root, "")) {
    available = std::min(
        available, left_of(number_in(group / "memory.max"), number_in(group / "memory.current").value_or(0),
                           keyed_number(group / "memory.stat", "inactive_file ").value_or(0)));
  }
  for (const fs::path& group : control_groups(root, "memory")) {
    available =
        std::min(available, left_of(number_in(group / "memory.limit_in_bytes"),
                                    number_in(group / "memory.usage_in_bytes").value_or(0),
                                    keyed_number(group / "memory.stat", "total_inactive_file ").value_or(0)));
  }
  return available;
}

int usable_cores(const fs::path& root) {
  double cores = std::max(1U, std::thread::hardware_concurrency());
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) cores = CPU_COUNT(&set);
  for (const fs::path& group : control_groups(root, "")) {
    std::ifstream in(group / "cpu.max");  // "200000 100000" or "max 100000"
    double quota = 0, period = 0;
    if (in >> quota >> period && period > 0) cores = std::min(cores, quota / period);
  }
  for (const fs::path& group : control_groups(root, "cpu")) {
    std::ifstream quota_file(group / "cpu.cfs_quota_us");
    double quota = 0;
    const auto period = number_in(group / "cpu.cfs_period_us");
    if (quota_file >> quota && quota > 0 && period && *period > 0) {
      cores = std::min(cores, quota / static_cast<double>(*period));
    }
  }
  return std::max(1, static_cast<int>(std::ceil(cores - 0.01)));
}

std::string size_text(std::uint64_t bytes) {
  const double mib = static_cast<double>(bytes) / (1024.0 * 1024.0);
  if (mib < 100) return format("{:.1f} MiB", mib);
  return format("{:.1f} GiB", mib / 1024);
}

}  // namespace assay::local
