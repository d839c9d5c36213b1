// The data sets that shipped tasks read: where each of their files lies below a data directory, its
// SHA-256 and its public address. Compiled in from tasks/datasets.yaml.
//
// Threads: any. The list lives as long as the program.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/digest.h"

namespace assay {

struct KnownFile {
  std::string path;    // below a data directory, with forward slashes: "gsm8k/test.jsonl"
  Digest sha256;
  std::string url;     // public address
};

struct KnownDataset {
  std::string name;    // "gsm8k"
  std::string licence;
  std::vector<KnownFile> files;  // never empty
};

std::span<const KnownDataset> known_datasets();
const KnownDataset* known_dataset(std::string_view name);  // nullptr when there is none

// The first of the directories that holds every file of the set (whatever their content), as the
// set's first file there; nullopt when none does.
std::optional<std::filesystem::path> find_dataset(const KnownDataset&, std::span<const std::filesystem::path> dirs);

}  // namespace assay
