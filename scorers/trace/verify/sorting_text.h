// What a trace about sorting words writes: letters of words, and chains of words in order.
//
//   "colza": "o" (15).                                        a letter claim
//   (3) ["colza" ? "cohn"] < (4) "dreyfuss" for the subpart   a chain of two groups
//
// Threads: pure functions. Bounds: linear.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay::verify {

struct WordGroup {
  std::vector<std::string> words;
  std::optional<int> label;  // the number of the letter that they share, as written
};

struct SortingEvent {
  enum class Kind {
    ordinal,  // "second letters": `number`
    letter,   // `word`: `letter` (`number`)
    chain,    // `groups`
    open,     // "sort this subpart [...]": one group
  };
  Kind kind = Kind::ordinal;
  std::string word;
  std::string letter;
  std::optional<int> number;
  std::vector<WordGroup> groups;
  bool for_subpart = false;  // a chain "for the subpart"
  std::size_t begin = 0;     // bytes of the text
  std::size_t end = 0;
};

std::vector<SortingEvent> sorting_events(std::string_view text);

}  // namespace assay::verify
