// StopFinder: finds stop strings in a text that arrives in pieces, wherever the borders of the pieces lie.
//
// Threads: one. Strings are bytes. Time is linear in the text for a bounded number and length of stop
// strings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::local {

class StopFinder {
 public:
  explicit StopFinder(std::vector<std::string> stops);  // none of them empty

  // Appends a piece. True when the text now holds a stop string: it then ends in front of the first one.
  bool append(std::string& text, std::string_view piece) const;
  bool is_stop(std::string_view whole) const;

 private:
  std::vector<std::string> stops_;
  std::size_t longest_ = 0;
};

// The text without a UTF-8 character that it ends in the middle of.
std::string_view whole_characters(std::string_view text);

}  // namespace assay::local
