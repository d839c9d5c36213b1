#include "harness/base/known_datasets.h"

#include <algorithm>

#include "harness/base/check.h"
#include "harness/base/embedded.h"
#include "harness/base/yaml.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

std::string text_of(const YamlNode& map, std::string_view key) {
  const YamlNode* value = map.get(key);
  return value == nullptr ? std::string() : value->text();
}

KnownFile file_of(const YamlNode& map, std::string url) {
  KnownFile file;
  file.path = text_of(map, "path");
  const auto digest = Digest::from_hex(text_of(map, "sha256"));
  CHECK_THAT_HOLDS(!file.path.empty() && digest && !url.empty(), "tasks/datasets.yaml gives path, sha256 and url");
  file.sha256 = *digest;
  file.url = std::move(url);
  return file;
}

std::vector<KnownDataset> read_embedded() {
  std::vector<KnownDataset> out;
  for (const EmbeddedFile& embedded : embedded_tasks()) {
    if (embedded.path != "datasets.yaml") continue;
    const auto root = parse_yaml(embedded.text, "datasets.yaml");
    CHECK_THAT_HOLDS(root.ok() && root->is_map(), "tasks/datasets.yaml is a mapping");
    for (const YamlEntry& entry : root->entries()) {
      KnownDataset set;
      set.name = entry.key;
      set.licence = text_of(entry.value, "licence");
      const std::string url = text_of(entry.value, "url");
      if (const YamlNode* files = entry.value.get("files")) {
        for (const YamlNode& file : files->items()) {
          const std::string path = text_of(file, "path");
          set.files.push_back(file_of(file, url + path.substr(path.rfind('/') + 1)));
        }
      } else {
        set.files.push_back(file_of(entry.value, url));
      }
      CHECK_THAT_HOLDS(!set.files.empty(), "a known data set has files");
      out.push_back(std::move(set));
    }
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

}  // namespace

std::span<const KnownDataset> known_datasets() {
  static const std::vector<KnownDataset> sets = read_embedded();
  return sets;
}

const KnownDataset* known_dataset(std::string_view name) {
  for (const KnownDataset& set : known_datasets()) {
    if (set.name == name) return &set;
  }
  return nullptr;
}

std::optional<fs::path> find_dataset(const KnownDataset& set, std::span<const fs::path> dirs) {
  for (const fs::path& dir : dirs) {
    const bool all = std::all_of(set.files.begin(), set.files.end(), [&](const KnownFile& file) {
      std::error_code ignored;
      return fs::is_regular_file(dir / file.path, ignored);
    });
    if (all) return dir / set.files.front().path;
  }
  return std::nullopt;
}

}  // namespace assay
