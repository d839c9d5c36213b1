#include "backends/local_module.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

constexpr char kFileName[] = "libassay-local.so";
constexpr char kPathVariable[] = "ASSAY_LOCAL_MODULE";

// In the order in which they are tried.
std::vector<std::filesystem::path> places() {
  const char* given = std::getenv(kPathVariable);
  if (given != nullptr && *given != '\0') return {given};
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return {};
  const std::filesystem::path folder = program.parent_path();
  return {folder / kFileName, folder.parent_path() / "lib" / "assay" / kFileName};
}

Result<std::filesystem::path> find_module() {
  std::string tried;
  for (const std::filesystem::path& place : places()) {
    std::error_code error;
    if (std::filesystem::is_regular_file(place, error)) return place;
    tried += (tried.empty() ? "" : ", ") + printable(place.string());
  }
  return invalid(
      format("local models need the module {}, which is not there (looked for {}); build it with "
             "LibTorch installed, or set {}",
             kFileName, tried.empty() ? "nothing" : tried, kPathVariable));
}

Result<const LocalModule*> load(const std::filesystem::path& path) {
  const std::string shown = printable(path.string());
  // Local: its symbols, and those of the libraries it brings, are nobody else's business.
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* why = dlerror();
    return invalid(
        format("{} cannot be loaded: {}", shown, printable(why == nullptr ? "unknown reason" : why)));
  }
  const auto entry = reinterpret_cast<LocalModuleEntry>(dlsym(handle, kLocalModuleEntry));
  const LocalModule* module = entry == nullptr ? nullptr : entry();
  if (module == nullptr) {
    dlclose(handle);
    return invalid(format("{} is no module of this program: it has no {}", shown, kLocalModuleEntry));
  }
  if (module->interface != kLocalModuleInterface || module->layout != kLocalModuleLayout ||
      std::string(module->compiler) != __VERSION__ || module->make == nullptr ||
      module->libraries == nullptr) {
    return invalid(
        format("{} belongs to another build of this program (interface {}, this one has {}; compiler "
               "{}, this one {}); install both from one build",
               shown, module->interface, kLocalModuleInterface, printable(module->compiler), __VERSION__));
  }
  return module;
}

Result<const LocalModule*> the_module() {
  static std::mutex mutex;                     // guards `module`
  static const LocalModule* module = nullptr;  // once loaded, for good
  const std::lock_guard lock(mutex);
  if (module == nullptr) {
    auto path = find_module();
    if (!path) return path.error();
    auto loaded = load(*path);
    if (!loaded) return loaded.error();
    module = *loaded;
  }
  return module;
}

}  // namespace

Result<std::unique_ptr<Backend>> make_local(const BackendOptions& options) {
  auto module = the_module();
  return module ? (*module)->make(options) : module.error();
}

std::string local_libraries() {
  auto module = the_module();
  return module ? (*module)->libraries() : module.error().message;
}

std::string local_unavailable() {
  auto path = find_module();
  return path ? "" : path.error().message;
}

}  // namespace assay
