// Boxes, marks and spans of mathematics in a response.
//
// Pure; linear. Threads: any.
#pragma once

#include <string_view>
#include <vector>

namespace assay::math {

struct Part {
  std::size_t begin = 0;  // of the content
  std::size_t end = 0;
  std::size_t from = 0;   // with its delimiters
  std::size_t to = 0;
};

// The outermost boxes, in order; at most the last 64.
std::vector<Part> find_boxes(std::string_view text);
// $…$, $$…$$, \(…\), \[…\] in order; at most the last 64. A dollar sign that has no partner is money.
std::vector<Part> find_spans(std::string_view text);
// Does the text between two parts only separate them: commas, "and", "or", white space, delimiters?
bool only_separates(std::string_view between);

}  // namespace assay::math
