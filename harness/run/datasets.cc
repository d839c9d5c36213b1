#include "harness/run/datasets.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "harness/base/format.h"
#include "harness/base/suggest.h"
#include "harness/base/utf8.h"
#include "harness/run/fetch.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{4} << 30;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
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

// True when it was fetched, false when it was there.
Result<bool> pull_file(const std::string& name, const KnownFile& file, const fs::path& into, const PullOptions& options) {
  const Source source = source_of(file, options.from);
  FetchedFile wanted;
  wanted.target = into / file.path;
  wanted.sha256 = file.sha256;
  wanted.fetch = [&](const fs::path& part) {
    if (source.url.empty()) return copy_from(source.folder / file.path, part);
    return download_part({source.url, file.path, "", kMaxFileBytes, options.say}, part);
  };
  auto fetched = fetch_file(wanted);
  if (!fetched) return Error{fetched.error().code, format("data set '{}', {}: {}", name, file.path, fetched.error().message)};
  if (*fetched && options.say) options.say(format("{}: fetched, {}", file.path, printable(wanted.target.string())));
  return fetched;
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
