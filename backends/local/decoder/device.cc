#include "backends/local/decoder/device.h"

#include <ATen/ATen.h>
#include <c10/core/DeviceGuard.h>
#include <dlfcn.h>
#include <torch/csrc/api/include/torch/cuda.h>

#include <charconv>
#include <limits>

#include "backends/local/decoder/memory.h"
#include "harness/base/format.h"

namespace assay::local {
namespace {

// Looked up in the CUDA runtime that LibTorch brought along, so that building needs no CUDA headers.
std::uint64_t cuda_memory(const std::string& device) {
  using MemGetInfo = int (*)(std::size_t * free, std::size_t * total);
  const auto get = reinterpret_cast<MemGetInfo>(dlsym(RTLD_DEFAULT, "cudaMemGetInfo"));
  const c10::DeviceGuard guard{at::Device(device)};
  std::size_t free = 0, total = 0;
  if (get == nullptr || get(&free, &total) != 0) return std::numeric_limits<std::uint64_t>::max();
  return free;
}

}  // namespace

Result<std::string> find_device(const std::string& name) {
  const int count = torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
  if (name == "cpu") return name;
  if (name == "auto") return std::string(count > 0 ? "cuda:0" : "cpu");
  int number = name == "cuda" ? 0 : -1;
  if (name.compare(0, 5, "cuda:") == 0) {
    const char* end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + 5, end, number);
    if (error != std::errc() || stop != end) number = -1;
  }
  if (number < 0) return invalid(format("device '{}': expected auto, cpu or cuda:N", name));
  if (count == 0) return invalid(format("device {}: LibTorch sees no CUDA device here", name));
  if (number >= count)
    return invalid(format("device {}: there are {} CUDA devices, from cuda:0 on", name, count));
  return format("cuda:{}", number);
}

std::uint64_t device_memory(const std::string& device) {
  return device == "cpu" ? available_memory() : cuda_memory(device);
}

}  // namespace assay::local
