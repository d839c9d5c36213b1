// Model data that is not part of this repository: where it lies, if it is there at all.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace assay::test {

// ASSAY_DATA, or shared/data beside the sources; nullopt when the file is in neither.
inline std::optional<std::string> local_data(const std::string& name) {
  const char* given = std::getenv("ASSAY_DATA");
  const std::filesystem::path root =
      given != nullptr ? std::filesystem::path(given)
                       : std::filesystem::path(ASSAY_SOURCE_DIR).parent_path() / "shared" / "data";
  const std::filesystem::path path = root / "local" / name;
  if (!std::filesystem::exists(path)) return std::nullopt;
  return path.string();
}

}  // namespace assay::test
