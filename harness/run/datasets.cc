#include "harness/run/datasets.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "harness/base/file_digest.h"
#include "harness/base/format.h"
#include "harness/base/http.h"
#include "harness/base/suggest.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{4} << 30;
constexpr std::chrono::seconds kSayEvery{2};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Holds the advisory lock of a .part file, so that two pulls do not write into it at once.
class PartLock {
 public:
  explicit PartLock(const fs::path& part) : fd_(::open(part.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (fd_ < 0) {
      error_ = errno;
      return;
    }
    while (::flock(fd_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  PartLock(const PartLock&) = delete;
  PartLock& operator=(const PartLock&) = delete;
  ~PartLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  bool held() const { return fd_ >= 0; }
  int error() const { return error_; }
  void sync() const { (void)::fsync(fd_); }  // a failure shows at the rename or the next read

 private:
  int fd_ = -1;
  int error_ = 0;
};

bool is_right(const fs::path& path, const KnownFile& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return false;
  const auto digest = file_digest(path);
  return digest && *digest == file.sha256;
}

bool is_url(std::string_view text) { return text.starts_with("http://") || text.starts_with("https://"); }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The folder that a mirror names: a path, or file:///path with %XX escapes.
fs::path mirror_folder(std::string_view from) {
  constexpr std::string_view kScheme = "file://";
  if (!from.starts_with(kScheme)) return fs::path(from);
  from.remove_prefix(kScheme.size());
  if (from.starts_with("localhost/")) from.remove_prefix(std::string_view("localhost").size());
  std::string path;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] == '%' && i + 2 < from.size() && hex_digit(from[i + 1]) >= 0 && hex_digit(from[i + 2]) >= 0) {
      path += static_cast<char>(hex_digit(from[i + 1]) * 16 + hex_digit(from[i + 2]));
      i += 2;
    } else {
      path += from[i];
    }
  }
  return fs::path(path);
}

Result<void> copy_from(const fs::path& source, const fs::path& part) {
  std::error_code ec;
  if (!fs::is_regular_file(source, ec)) return invalid(format("--from: {} is not there", printable(source.string())));
  // In place of what the .part holds, so that its lock stays with it.
  const auto size = fs::file_size(source, ec);
  if (ec || size > kMaxFileBytes) return invalid(format("--from: {} cannot be read", printable(source.string())));
  fs::copy_file(source, part, fs::copy_options::overwrite_existing, ec);
  if (ec) return invalid(format("{}: {}", printable(part.string()), ec.message()));
  fs::permissions(part, fs::perms::owner_write, fs::perm_options::add, ec);  // a mirror may be read-only
  return {};
}

Result<void> download_to(const std::string& url, const KnownFile& file, const fs::path& part, const PullOptions& options) {
  std::error_code ec;
  const auto there = fs::file_size(part, ec);
  DownloadOptions download;
  download.resume_from = ec ? 0 : there;
  download.max_bytes = kMaxFileBytes;
  auto last = std::chrono::steady_clock::now();
  download.progress = [&](std::uint64_t done, std::uint64_t total) {
    const auto now = std::chrono::steady_clock::now();
    if (options.say && now - last >= kSayEvery) {
      last = now;
      options.say(total > 0 ? format("{}: {} of {} bytes", file.path, done, total) : format("{}: {} bytes", file.path, done));
    }
    return true;
  };
  auto done = http_download(url, part, download);
  if (done || download.resume_from == 0 || done.error().code != Code::invalid) return done;
  // What an earlier pull left does not fit what the server has: once more from the start.
  fs::resize_file(part, 0, ec);
  download.resume_from = 0;
  return http_download(url, part, download);
}

struct Source {
  std::string url;   // empty: copy from `folder`
  fs::path folder;
};

Source source_of(const KnownFile& file, const std::string& from) {
  if (from.empty()) return {file.url, {}};
  if (!is_url(from)) return {"", mirror_folder(from)};
  std::string base = from;
  while (base.ends_with('/')) base.pop_back();
  return {base + "/" + file.path, {}};
}

Result<void> fetch_into(const Source& source, const KnownFile& file, const fs::path& part, const PullOptions& options) {
  return source.url.empty() ? copy_from(source.folder / file.path, part) : download_to(source.url, file, part, options);
}

Error of_set(const std::string& name, const KnownFile& file, const Error& error) {
  return {error.code, format("data set '{}', {}: {}", name, file.path, error.message)};
}

// True when it was fetched, false when it was there.
Result<bool> pull_file(const std::string& name, const KnownFile& file, const fs::path& into, const PullOptions& options) {
  const fs::path target = into / file.path;
  if (is_right(target, file)) return false;
  std::error_code ec;
  fs::create_directories(target.parent_path(), ec);
  if (ec) return invalid(format("{}: {}", printable(target.parent_path().string()), ec.message()));
  const fs::path part = target.string() + ".part";
  const PartLock lock(part);
  if (!lock.held()) return invalid(format("{}: {}", printable(part.string()), std::strerror(lock.error())));
  if (is_right(target, file)) {  // another pull finished while this one waited
    fs::remove(part, ec);
    return false;
  }
  const Source source = source_of(file, options.from);
  const bool left = fs::file_size(part, ec) > 0 && !ec;
  if (!left || !is_right(part, file)) {
    if (auto fetched = fetch_into(source, file, part, options); !fetched) {
      if (!ec && fs::file_size(part, ec) == 0) fs::remove(part, ec);
      return of_set(name, file, fetched.error());
    }
  }
  auto digest = file_digest(part);
  if (digest && *digest != file.sha256 && left) {  // a stale start and a right end: once more, whole
    fs::resize_file(part, 0, ec);
    if (auto fetched = fetch_into(source, file, part, options); !fetched) return of_set(name, file, fetched.error());
    digest = file_digest(part);
  }
  if (!digest) return digest.error();
  if (*digest != file.sha256) {
    fs::remove(part, ec);
    return of_set(name, file, invalid(format("what came has the SHA-256 {}, expected {}", digest->hex(), file.sha256.hex())));
  }
  lock.sync();
  fs::rename(part, target, ec);
  if (ec) return invalid(format("{}: {}", printable(target.string()), ec.message()));
  if (options.say) options.say(format("{}: fetched, {}", file.path, printable(target.string())));
  return true;
}

}  // namespace

fs::path data_cache_dir() {
  if (const std::string cache = environment("XDG_CACHE_HOME"); !cache.empty()) return fs::path(cache) / "assay" / "data";
  if (const std::string home = environment("HOME"); !home.empty()) return fs::path(home) / ".cache" / "assay" / "data";
  return {};
}

std::vector<fs::path> default_data_dirs(const std::vector<std::string>& flags) {
  std::vector<fs::path> out;
  for (const std::string& flag : flags) {
    if (!flag.empty()) out.emplace_back(flag);
  }
  const std::string listed = environment("ASSAY_DATA");
  for (std::size_t at = 0; at < listed.size();) {
    const std::size_t end = std::min(listed.find(':', at), listed.size());
    if (end > at) out.emplace_back(listed.substr(at, end - at));
    at = end + 1;
  }
  if (fs::path cache = data_cache_dir(); !cache.empty()) out.push_back(std::move(cache));
  return out;
}

Result<PullSummary> pull_dataset(const std::string& name, const PullOptions& options) {
  const KnownDataset* set = known_dataset(name);
  if (set == nullptr) {
    std::vector<std::string_view> names;
    std::string listed;
    for (const KnownDataset& known : known_datasets()) {
      names.push_back(known.name);
      listed += (listed.empty() ? "" : ", ") + known.name;
    }
    return invalid(format("unknown data set '{}'{}; known are {}", printable(name), did_you_mean(name, names), listed));
  }
  const fs::path into = options.into.empty() ? data_cache_dir() : options.into;
  if (into.empty()) return invalid("no folder for data: set HOME or XDG_CACHE_HOME, or name one");
  PullSummary summary;
  for (const KnownFile& file : set->files) {
    auto fetched = pull_file(set->name, file, into, options);
    if (!fetched) return fetched.error();
    ++summary.files;
    if (*fetched) ++summary.fetched;
  }
  return summary;
}

}  // namespace assay
