// Recorded traces with labels that are not ours: where they lie, and nothing where they are absent.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/line_reader.h"

namespace assay::test {

inline std::filesystem::path data_folder() {
  const char* named = std::getenv("ASSAY_DATA");
  if (named != nullptr && *named != '\0') return named;
  return std::filesystem::path(ASSAY_SOURCE_DIR) / ".." / "shared" / "data";
}

// Rows of a JSON Lines file below the data folder; none where it is absent.
inline std::vector<Json> data_rows(const std::string& path) {
  std::vector<Json> out;
  std::error_code ignored;
  if (!std::filesystem::exists(data_folder() / path, ignored)) return out;
  auto reader = JsonlReader::open(data_folder() / path);
  while (reader) {
    auto row = reader->next();
    if (!row || !row->has_value()) break;
    out.push_back(**row);
  }
  return out;
}

// A trace of the solutions that are right as far as people can say.
inline std::vector<std::string> clean_traces() {
  std::vector<std::string> out;
  for (const Json& row : data_rows("gsm8k/test.jsonl")) {
    if (const auto answer = json_string(row, "answer")) out.push_back(*answer);
  }
  for (const char* file : {"trace/processbench/gsm8k.jsonl.gz", "trace/processbench/math.jsonl.gz"}) {
    for (const Json& row : data_rows(file)) {
      std::string trace;
      for (const Json& step : row["steps"]) trace += step.get<std::string>() + "\n\n";
      out.push_back(trace);
    }
  }
  return out;
}

}  // namespace assay::test
