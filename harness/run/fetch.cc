#include "harness/run/fetch.h"

#include <chrono>

#include "harness/base/file_digest.h"
#include "harness/base/file_lock.h"
#include "harness/base/format.h"
#include "harness/base/http.h"
#include "harness/base/units.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kSayEvery{2};

// What differs from what is expected, or empty.
Result<std::string> difference(const fs::path& path, const FetchedFile& file) {
  std::error_code ec;
  const std::uintmax_t size = fs::file_size(path, ec);
  if (ec) return invalid(format("{}: {}", printable(path.string()), ec.message()));
  if (file.bytes && size != *file.bytes) return format("what came has {} bytes, expected {}", size, *file.bytes);
  if (!file.sha256) return std::string();
  const auto digest = file_digest(path);
  if (!digest) return digest.error();
  if (*digest == *file.sha256) return std::string();
  return format("what came has the SHA-256 {}, expected {}", digest->hex(), file.sha256->hex());
}

bool is_right(const fs::path& path, const FetchedFile& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return false;
  const auto differs = difference(path, file);
  return differs.ok() && differs->empty();
}

// The part as it should be. What an earlier attempt left may have a wrong beginning, so that what was gone on
// with and is wrong is fetched once more, whole.
Result<void> complete_part(const FetchedFile& file, const fs::path& part) {
  std::error_code ec;
  const bool left = fs::file_size(part, ec) > 0 && !ec;
  const bool checkable = file.sha256.has_value();  // else only a fetch can tell whether it is complete
  if (left && checkable && is_right(part, file)) return {};
  if (auto fetched = file.fetch(part); !fetched) {
    if (fs::file_size(part, ec) == 0 && !ec) fs::remove(part, ec);
    return fetched;
  }
  auto differs = difference(part, file);
  if (differs && !differs->empty() && left) {
    fs::resize_file(part, 0, ec);
    if (auto fetched = file.fetch(part); !fetched) return fetched;
    differs = difference(part, file);
  }
  if (!differs) return differs.error();
  Result<void> sound = differs->empty() ? Result<void>{} : invalid(*differs);
  if (sound && file.check) sound = file.check(part);
  if (!sound) fs::remove(part, ec);
  return sound;
}

}  // namespace

bool is_fetched(const FetchedFile& file) { return is_right(file.target, file); }

Result<bool> fetch_file(const FetchedFile& file) {
  if (is_fetched(file)) return false;
  std::error_code ec;
  fs::create_directories(file.target.parent_path(), ec);
  if (ec) return invalid(format("{}: {}", printable(file.target.parent_path().string()), ec.message()));
  const fs::path part = file.target.string() + ".part";
  const auto lock = FileLock::take(part);
  if (!lock) return lock.error();
  if (is_fetched(file)) {  // another one finished while this one waited
    fs::remove(part, ec);
    return false;
  }
  if (auto complete = complete_part(file, part); !complete) return complete.error();
  lock->sync();
  fs::rename(part, file.target, ec);
  if (ec) return invalid(format("{}: {}", printable(file.target.string()), ec.message()));
  return true;
}

Result<void> download_part(const DownloadTo& what, const fs::path& part) {
  std::error_code ec;
  const auto there = fs::file_size(part, ec);
  DownloadOptions download;
  download.resume_from = ec ? 0 : there;
  download.max_bytes = what.max_bytes;
  download.bearer = what.bearer;
  auto last = std::chrono::steady_clock::now();
  download.progress = [&](std::uint64_t done, std::uint64_t total) {
    const auto now = std::chrono::steady_clock::now();
    if (what.say && now - last >= kSayEvery) {
      last = now;
      const std::string of = total > 0 ? format(" of {} ({} %)", grouped_text(total), done * 100 / total) : std::string();
      what.say(format("{}: {}{} bytes", what.label, grouped_text(done), of));
    }
    return true;
  };
  auto done = http_download(what.url, part, download);
  if (done || download.resume_from == 0 || done.error().code != Code::invalid) return done;
  // What an earlier attempt left does not fit what the server has: once more from the start.
  fs::resize_file(part, 0, ec);
  download.resume_from = 0;
  return http_download(what.url, part, download);
}

}  // namespace assay
