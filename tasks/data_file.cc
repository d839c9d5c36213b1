#include "tasks/data_file.h"

#include <vector>

#include "harness/base/file_digest.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> places(const DataFile& file, const fs::path& folder, std::span<const fs::path> dirs) {
  std::vector<fs::path> out;
  if (fs::path(file.path).is_absolute()) return {fs::path(file.path)};
  if (file.name.empty() && !folder.empty()) out.push_back(folder / file.path);
  for (const fs::path& dir : dirs) out.push_back(dir / file.path);
  return out;
}

Error missing(const DataFile& file, const std::string& task, const fs::path& folder, std::span<const fs::path> dirs) {
  std::string searched;
  const auto add = [&](const fs::path& p) { searched += (searched.empty() ? "" : ", ") + printable(p.string()); };
  if (file.name.empty() && !folder.empty()) add(folder);
  for (const fs::path& dir : dirs) add(dir);
  if (searched.empty()) searched = "any folder, since none was given";
  if (file.name.empty()) {
    return invalid(format("task {}: the data file '{}' is not in {}", task, printable(file.path), searched));
  }
  return invalid(format("task {}: the data set '{}' ({}) is not in {}; get it with `assay data pull {}`, or say where "
                        "it lies with --data-dir or ASSAY_DATA",
                        task, file.name, file.path, searched, file.name));
}

}  // namespace

Result<LocatedFile> locate_data(const DataFile& file, const std::string& task, const fs::path& folder,
                                std::span<const fs::path> dirs) {
  for (const fs::path& path : places(file, folder, dirs)) {
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) continue;
    const auto digest = file_digest(path);
    if (!digest) return digest.error();
    if (file.sha256 && *digest != *file.sha256) {
      return invalid(format("task {}: {} has the SHA-256 {}, expected {}", task, printable(path.string()), digest->hex(),
                            file.sha256->hex()));
    }
    return LocatedFile{path, *digest};
  }
  return missing(file, task, folder, dirs);
}

}  // namespace assay
