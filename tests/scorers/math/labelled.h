// Labelled pairs of gold and prediction that are not in the repository: under $ASSAY_DATA, else ../shared/data beside
// the source.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/line_reader.h"
#include "tests/support/catch.h"

namespace assay::test {

inline std::filesystem::path data_dir() {
  const char* named = std::getenv("ASSAY_DATA");
  return named != nullptr && *named != '\0' ? std::filesystem::path(named)
                                            : std::filesystem::path(ASSAY_SOURCE_DIR) / ".." / "shared" / "data";
}

// The file's rows; empty, with a warning, where it is not there.
inline std::vector<Json> rows_of(const std::string& file) {
  std::vector<Json> out;
  const auto path = data_dir() / file;
  if (!std::filesystem::exists(path)) {
    WARN("no " << file << "; set ASSAY_DATA to check against it");
    return out;
  }
  auto reader = JsonlReader::open(path);
  REQUIRE(reader.ok());
  while (true) {
    auto row = reader->next();
    REQUIRE(row.ok());
    if (!row->has_value()) return out;
    out.push_back(std::move(**row));
  }
}

}  // namespace assay::test
