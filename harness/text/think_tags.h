// Finds think tags in a text and says which of them are merely quoted. Part of trace_split.
//
// Threads: any. Linear in the text for a bounded number of tags.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "harness/text/trace_split.h"

namespace assay {

struct TagToken {
  std::size_t begin = 0;  // byte offsets into the text
  std::size_t end = 0;
  bool opens = false;
  bool quoted = false;       // in a closed code fence, in a code span, or in quotation marks
  bool starts_line = false;  // only white space before it on its line
};

// In the order of the text. REQUIRES: tags are lower case and not empty.
std::vector<TagToken> find_tags(std::string_view text, const std::vector<ThinkTag>& tags);

}  // namespace assay
