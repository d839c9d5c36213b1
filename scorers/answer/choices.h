// The options of a multiple-choice question, and what a text says about them.
//
// Pure; linear in the text; threads: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/api/sample.h"

namespace assay::answer {

inline constexpr std::size_t kMaxOptions = 26;

class Choices {
 public:
  // Sample::choices; else the lines "(A) text", "A) text" or "A. text" of the question, from A on without
  // gaps; else its lines "- text" below one that says "Options:".
  explicit Choices(const Sample& sample);

  std::size_t size() const { return texts_.size(); }  // 0: unknown
  const std::string& text(std::size_t i) const { return texts_[i]; }

  // "B", "(B)", "b)", "**B**", "\boxed{B}", "Option B", "B. its text", "\text{(B)}". With `clause`, other
  // words may follow ("(B) because ..."). Not "A or B", not the article in "A car", not a letter beyond the
  // options, and not where what follows takes it back: contradiction.h.
  std::optional<std::size_t> by_letter(std::string_view text, bool clause) const;

  // The one option whose text this is, letter case, punctuation around it and runs of white space aside. With
  // `clause`, the longest option that the text begins with and a comma, full stop or "because" follows.
  std::optional<std::size_t> by_text(std::string_view text, bool clause) const;

  // Options that a data set split at its commas: is the text consecutive options joined by ", "? The options
  // of every such run, one bit each, the first option's the lowest; 0 where there is none. A run has two or
  // more.
  std::uint32_t joined(std::string_view text) const;

 private:
  std::vector<std::string> texts_;
  std::vector<std::string> plain_;  // as by_text compares them
};

}  // namespace assay::answer
