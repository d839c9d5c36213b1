// The backend `local`: models that run in this process. It lives in a module, libassay-local.so, that is
// loaded when the first such backend is made, so that a program without local models neither needs nor starts
// LibTorch.
//
// The module is looked for at the path in ASSAY_LOCAL_MODULE; without that beside the program, then in
// ../lib/assay from there. It is never unloaded.
//
// Threads: any. Errors: Code::invalid when there is no module, it cannot be loaded, or it belongs to another
//   build of the program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "harness/api/backend.h"

namespace assay {

// C++ objects pass between program and module, so that both must be of one build. What would go wrong
// otherwise is seen in these figures: they are compared before anything else is called.
inline constexpr std::uint32_t kLocalModuleInterface = 2;
inline constexpr std::uint64_t kLocalModuleLayout =
    ((sizeof(BackendOptions) * 4096 + sizeof(BackendInfo)) * 4096 + sizeof(Request)) * 4096 +
    sizeof(Response);

// What the module exports: extern "C" const assay::LocalModule* assay_local_module().
struct LocalModule {
  std::uint32_t interface = kLocalModuleInterface;
  std::uint64_t layout = kLocalModuleLayout;
  const char* compiler = __VERSION__;
  Result<std::unique_ptr<Backend>> (*make)(const BackendOptions&) = nullptr;
  std::string (*libraries)() = nullptr;  // "LibTorch 1.13.1, no CUDA device"
};
inline constexpr char kLocalModuleEntry[] = "assay_local_module";
using LocalModuleEntry = const LocalModule* (*)();

// Loads the module on the first call.
Result<std::unique_ptr<Backend>> make_local(const BackendOptions& options);
// What stands in the way, or empty. Looks for the file only; nothing is loaded.
std::string local_unavailable();
// What the module runs on, or why it cannot be loaded. Loads it.
std::string local_libraries();

}  // namespace assay
