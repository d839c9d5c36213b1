// LoadOptions: how a model's weights are put on a device. ModelLoader: the function that does it, so that
// what drives a model needs no LibTorch.
//
// Errors of a loader: invalid, for an option that is not known, a device that is not there, a tensor that is
//   missing or has the wrong shape (by name), and for too little memory (before anything is loaded, with the
//   figures); internal, for what the tensor library throws.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "backends/local/engine/model.h"
#include "backends/local/model_files.h"
#include "harness/base/result.h"

namespace assay::local {

struct LoadOptions {
  std::string device = "auto";     // "auto" (cuda:0 where there is one, else cpu), "cpu", "cuda:N"
  std::string dtype = "bf16";      // of weights and cache: "bf16", "fp32"
  std::string kv_cache = "auto";   // "auto": as dtype; "int8": in 8 bits (kernels/attention.h)
  int threads = 0;                 // 0: as many as this process has cores
  std::string kernels = "auto";    // "auto"; "torch": LibTorch's own operations everywhere
  bool cuda_graphs = true;         // decoding steps on CUDA are recorded and played back
  std::int64_t cache_tokens = 0;   // positions the cache will be asked to hold, for the check of memory
  std::string name = "model";      // what an error calls the model
};

using ModelLoader = std::function<Result<std::unique_ptr<Model>>(const ModelFiles&, const LoadOptions&)>;

}  // namespace assay::local
