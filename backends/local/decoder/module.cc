// The entry point of the module assay-local, looked up by name after dlopen (backends/local_module.h).
#include "backends/local/decoder/guard.h"
#include "backends/local/decoder/load.h"
#include "backends/local/engine/local_backend.h"
#include "backends/local_module.h"

namespace {

assay::Result<std::unique_ptr<assay::Backend>> make(const assay::BackendOptions& options) {
  return assay::local::make_local_backend(options, assay::local::load_model);
}

std::string libraries() {
  try {
    return assay::local::torch_version();
  } catch (const std::exception& error) {
    return assay::local::thrown(error.what()).message;
  }
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const assay::LocalModule* assay_local_module() {
  static const assay::LocalModule module = [] {
    assay::LocalModule described;
    described.make = make;
    described.libraries = libraries;
    return described;
  }();
  return &module;
}
