// Where the elements of a JSON array stand in a document, so that each can be read on its own and
// be named by its line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

namespace assay {

struct JsonRecord {
  std::uint64_t offset = 0;  // bytes from the start of the document
  std::uint32_t size = 0;
  std::uint32_t line = 0;    // of its first byte, from 1
};

// The elements of the array under `key` of the top-level object, or of the top-level array when
// `key` is empty. Checks the whole document first. Error: Code::invalid with what was expected, no
// file name. Memory: a small multiple of the document.
Result<std::vector<JsonRecord>> json_records(std::string_view document, std::string_view key);

}  // namespace assay
