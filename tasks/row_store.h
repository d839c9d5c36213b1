// The rows of a data file, found once and read one at a time, so that a file of any length costs
// about 16 bytes of memory a row (a gzip file: its rows, compressed one by one).
//
// Threads: const after open(), read from any number of threads.
// Errors: Code::invalid with the file, and the line where there is one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay {

enum class DataFormat : std::uint8_t { jsonl, json, csv };

struct DataLayout {
  DataFormat format = DataFormat::jsonl;
  std::string records;  // json: the key of the top-level object that holds the array; empty: the array itself
};

// By the name's end, ".gz" aside. Error: what is known.
Result<DataFormat> format_of(const std::filesystem::path& path);

class RowStore {
 public:
  // The first `limit` rows. csv: the first row names the fields, and every value is a text.
  static Result<std::unique_ptr<RowStore>> open(const std::filesystem::path& path, const DataLayout& layout,
                                                std::uint64_t limit = UINT64_MAX);
  ~RowStore();
  RowStore(const RowStore&) = delete;
  RowStore& operator=(const RowStore&) = delete;

  std::size_t size() const;
  // REQUIRES: i < size(). Always an object.
  Result<Json> row(std::size_t i) const;
  // "file:line: message" about row i.
  Error error(std::size_t i, std::string_view message) const;

 private:
  struct Impl;
  explicit RowStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay
