#include "backends/local/decoder/load.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/api/include/torch/cuda.h>
#include <torch/csrc/api/include/torch/version.h>

#include "backends/local/decoder/decode_graph.h"
#include "backends/local/decoder/decoder.h"
#include "backends/local/decoder/device.h"
#include "backends/local/decoder/guard.h"
#include "backends/local/decoder/load_weights.h"
#include "backends/local/decoder/memory.h"
#include "backends/local/decoder/ops.h"
#include "harness/base/format.h"

namespace assay::local {
namespace {

Result<Precision> precision_of(const std::string& dtype) {
  if (dtype == "bf16") return Precision::bf16;
  if (dtype == "fp32") return Precision::f32;
  return invalid(format("dtype '{}': expected bf16 or fp32", dtype));
}

Result<KvType> kv_type_of(const std::string& kv_cache) {
  if (kv_cache == "auto") return KvType::same;
  if (kv_cache == "int8") return KvType::int8;
  return invalid(format("kv_cache '{}': expected auto or int8", kv_cache));
}

Result<std::unique_ptr<Ops>> make_ops(const ModelConfig& config, const LoadOptions& options,
                                      Precision precision, const std::string& device) {
  if (options.kernels != "auto" && options.kernels != "torch") {
    return invalid(format("kernels '{}': expected auto or torch", options.kernels));
  }
  const auto kv = kv_type_of(options.kv_cache);
  if (!kv) return kv.error();
  if (options.threads < 0) return invalid(format("threads {}: expected 0 or more", options.threads));
  const int threads = options.threads > 0 ? options.threads : usable_cores();
  at::set_num_threads(threads);
  if (device == "cpu" && options.kernels == "auto") {
    if (auto ops = make_cpu_ops(config, precision, *kv, threads)) return ops;
  }
  const bool graphs = options.cuda_graphs && device != "cpu" && DecodeGraph::possible();
  return make_torch_ops(config, {precision, *kv, device, 0, graphs});
}

Result<void> check_memory(const ModelConfig& config, const LoadOptions& options, const Ops& ops,
                          std::uint64_t available) {
  const std::uint64_t weights = weight_bytes(config, ops);
  const auto blocks = static_cast<std::uint64_t>((options.cache_tokens + kBlockTokens - 1) / kBlockTokens);
  const std::uint64_t cache = blocks * ops.block_bytes();
  if (weights + cache <= available) return {};
  return invalid(format("model {} needs {} ({} weights, {} cache), {} are available", options.name,
                        size_text(weights + cache), size_text(weights), size_text(cache),
                        size_text(available)));
}

Result<std::unique_ptr<Model>> load(const ModelFiles& files, const LoadOptions& options) {
  const auto precision = precision_of(options.dtype);
  if (!precision) return precision.error();
  const auto device = find_device(options.device);
  if (!device) return device.error();
  if (auto checked = check_tensors(files.config, *files.weights); !checked) {
    return Error{checked.error().code, format("model {}: {}", options.name, checked.error().message)};
  }
  const c10::InferenceMode inference;
  auto ops = make_ops(files.config, options, *precision, *device);
  if (!ops) return ops.error();
  if (auto enough = check_memory(files.config, options, **ops, device_memory(*device)); !enough) {
    return enough.error();
  }
  DecoderWeights weights = load_weights(files.config, *files.weights, **ops);
  // What a step works with besides weights and cache is small beside the twentieth that is left.
  const std::uint64_t cache_limit = device_memory(*device) / 20 * 19;
  return make_decoder(files.config, std::move(*ops), std::move(weights), cache_limit, *device != "cpu");
}

}  // namespace

Result<std::unique_ptr<Model>> load_model(const ModelFiles& files, const LoadOptions& options) {
  return guarded([&] { return load(files, options); });
}

std::string torch_version() {
  const int devices = torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
  const std::string cuda =
      devices > 0 ? format("{} CUDA device{}", devices, devices == 1 ? "" : "s") : "no CUDA device";
  return format("LibTorch {}.{}.{}, {}", TORCH_VERSION_MAJOR, TORCH_VERSION_MINOR, TORCH_VERSION_PATCH, cuda);
}

}  // namespace assay::local
