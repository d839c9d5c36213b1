// White-space words of a text as numbers: equal words, letter case of ASCII aside, have equal numbers.
//
// Pure; linear in expectation, and equality is by comparison, never by hash alone. Threads: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace assay::trace {

struct Words {
  std::vector<std::uint32_t> ids;
  std::vector<std::uint32_t> begin;  // byte offsets; a trace is shorter than 4 GiB
  std::vector<std::uint32_t> end;
  std::uint32_t distinct = 0;

  std::size_t size() const { return ids.size(); }
  // Words that end at byte `at` or before.
  std::size_t count_until(std::size_t at) const;
};

Words split_words(std::string_view text);

}  // namespace assay::trace
