// What a mock server keeps for batches: uploaded files, and the batches made of them. In memory, bounded.
//
// Threads: one, the server's.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/base/json.h"

namespace assay::mock {

struct Batch {
  std::string id;
  std::string status = "in_progress";  // or completed, failed, cancelled
  std::string endpoint;
  std::string input_file, output_file, error_file;  // ids; empty: none
  std::string error;                                // why it failed
  Json metadata = Json::object();
  std::uint64_t total = 0, completed = 0, failed = 0;
  std::int64_t created = 0;  // unix seconds
  std::chrono::steady_clock::time_point done_at;
};

struct Batches {
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 30;  // of all files

  std::map<std::string, std::string> files;  // by id
  std::size_t bytes = 0;
  std::vector<Batch> all;  // oldest first
};

}  // namespace assay::mock
