// A folder for a test's own files, and the place of the real data sets.
#pragma once

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include <unistd.h>

namespace assay::testing {

class TempFolder {
 public:
  TempFolder() {
    static std::atomic<int> number{0};
    path_ = std::filesystem::temp_directory_path() /
            ("assay-test-tasks-" + std::to_string(::getpid()) + "-" + std::to_string(number++));
    std::filesystem::create_directories(path_);
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, std::string_view text) const {
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }

 private:
  std::filesystem::path path_;
};

// $ASSAY_DATA, else ../shared/data beside the source; nullopt where neither is there.
inline std::optional<std::filesystem::path> real_data() {
  std::filesystem::path dir;
  if (const char* given = std::getenv("ASSAY_DATA")) dir = given;
  if (dir.empty()) dir = std::filesystem::path(ASSAY_SOURCE_DIR) / ".." / "shared" / "data";
  std::error_code ignored;
  if (!std::filesystem::exists(dir / "gsm8k" / "test.jsonl", ignored)) return std::nullopt;
  return dir;
}

}  // namespace assay::testing
