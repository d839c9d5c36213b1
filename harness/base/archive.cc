#include "harness/base/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 18;

class OutputFile {
 public:
  explicit OutputFile(const std::filesystem::path& path)
      : name_(printable(path.string())), fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {}
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  bool open() const { return fd_ >= 0; }
  Error error() const { return invalid(format("{}: {}", name_, std::strerror(errno))); }

  Result<void> write(const char* data, std::size_t size) {
    for (std::size_t at = 0; at < size;) {
      const ssize_t n = ::write(fd_, data + at, size - at);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return error();
      at += static_cast<std::size_t>(n);
    }
    return {};
  }

 private:
  std::string name_;
  int fd_;
};

class Reader {
 public:
  Reader(std::string shown, const ArchiveLimits& limits)
      : shown_(std::move(shown)), limits_(limits), archive_(archive_read_new(), archive_read_free) {}

  Result<void> open(const std::filesystem::path& path) {
    if (!archive_) return Error{Code::internal, "out of memory"};
    archive_read_support_format_zip(archive_.get());
    archive_read_support_format_tar(archive_.get());
    archive_read_support_filter_gzip(archive_.get());
    archive_read_support_filter_bzip2(archive_.get());
    archive_read_support_filter_xz(archive_.get());
    archive_read_support_filter_zstd(archive_.get());
    if (archive_read_open_filename(archive_.get(), path.c_str(), kBlockBytes) != ARCHIVE_OK) {
      return invalid(format("{}: cannot be read as an archive: {}", shown_, reason()));
    }
    return {};
  }

  // Stands at the member's data.
  Result<void> find(std::string_view member) {
    for (std::uint64_t seen = 0;; ++seen) {
      if (seen >= limits_.max_entries) {
        return invalid(format("{}: has more than {} entries", shown_, limits_.max_entries));
      }
      archive_entry* entry = nullptr;
      const int status = archive_read_next_header(archive_.get(), &entry);
      if (status == ARCHIVE_EOF) return invalid(format("{}: holds no file '{}'", shown_, printable(member)));
      if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return damaged();
      if (auto few = check_total(); !few) return few;
      const char* name = archive_entry_pathname(entry);
      if (name == nullptr || member != name) continue;
      const bool link = archive_entry_hardlink(entry) != nullptr || archive_entry_symlink(entry) != nullptr;
      if (link || archive_entry_filetype(entry) != AE_IFREG) {
        return invalid(format("{}: '{}' is no regular file in it", shown_, printable(member)));
      }
      if (archive_entry_is_encrypted(entry) != 0) {
        return invalid(format("{}: '{}' is encrypted", shown_, printable(member)));
      }
      return {};
    }
  }

  // The header's size is a claim only, so that what comes is counted.
  Result<std::uint64_t> copy(OutputFile& out) {
    std::string block(kBlockBytes, '\0');
    std::uint64_t total = 0;
    while (true) {
      const la_ssize_t n = archive_read_data(archive_.get(), block.data(), block.size());
      if (n == 0) return total;
      if (n < 0) return damaged();
      total += static_cast<std::uint64_t>(n);
      if (total > limits_.max_bytes) {
        return invalid(format("{}: the file in it has more than the {} bytes allowed", shown_, limits_.max_bytes));
      }
      if (auto few = check_total(); !few) return few.error();
      if (auto written = out.write(block.data(), static_cast<std::size_t>(n)); !written) return written.error();
    }
  }

 private:
  std::string reason() const {
    const char* text = archive_error_string(archive_.get());
    return printable(text == nullptr ? "unknown format" : text);
  }
  Error damaged() const { return {Code::corrupt, format("{}: damaged: {}", shown_, reason())}; }

  Result<void> check_total() const {
    const la_int64_t unpacked = archive_filter_bytes(archive_.get(), 0);
    if (unpacked < 0 || static_cast<std::uint64_t>(unpacked) <= limits_.max_total) return {};
    return invalid(format("{}: unpacks to more than {} bytes", shown_, limits_.max_total));
  }

  std::string shown_;
  const ArchiveLimits limits_;
  std::unique_ptr<archive, int (*)(archive*)> archive_;
};

}  // namespace

Result<std::uint64_t> extract_file(const std::filesystem::path& archive_path, std::string_view member,
                                   const std::filesystem::path& target, const ArchiveLimits& limits) {
  Reader reader(printable(archive_path.string()), limits);
  if (auto opened = reader.open(archive_path); !opened) return opened.error();
  if (auto found = reader.find(member); !found) return found.error();
  OutputFile out(target);
  if (!out.open()) return out.error();
  return reader.copy(out);
}

}  // namespace assay
