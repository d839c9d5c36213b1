// The entry points of the module assay-local, looked up by name after dlopen (backends/local_module.h).
#include "backends/local/decoder/guard.h"
#include "backends/local/decoder/load.h"
#include "backends/local/engine/local_backend.h"
#include "backends/local_module.h"

#define ASSAY_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

assay::Result<std::unique_ptr<assay::Backend>> make(const assay::BackendOptions& options) {
  return assay::local::make_local_backend(options, assay::local::load_model);
}

}  // namespace

ASSAY_EXPORT const assay::LocalModule* assay_local_module() {
  static const assay::LocalModule module = [] {
    assay::LocalModule described;
    described.make = make;
    return described;
  }();
  return &module;
}

// "LibTorch 1.13.1, no CUDA device". Lives as long as the module.
ASSAY_EXPORT const char* assay_local_versions() {
  static const std::string text = [] {
    try {
      return assay::local::torch_version();
    } catch (const std::exception& error) {
      return assay::local::thrown(error.what()).message;
    }
  }();
  return text.c_str();
}
