// What is done to a text before it is cut: normalisation forms, replacements, SentencePiece's dummy prefix.
//
// Threads: const, any. Time is linear in the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/unicode.h"

namespace assay {

inline constexpr std::string_view kMetaspace = "\u2581";  // how SentencePiece writes a space

struct TextStep {
  enum class Kind : std::uint8_t {
    normalize = 1,
    replace,          // every `from` by `to`
    prepend,          // `to` before a text that is not empty
    prefix,           // `to` before a text that does not start with it and is not empty
    prefix_at_start,  // as prefix, but only for what stands at the start of the whole text
  };
  Kind kind = Kind::normalize;
  Normalization form = Normalization::nfc;
  std::string from;
  std::string to;
};

// A text that is unchanged is not copied: `held` keeps what the result points to where it is.
std::string_view apply_steps(const std::vector<TextStep>& steps, std::string_view text, bool at_start,
                             std::string& held);

// Every `from` in `text` by `to`. REQUIRES: from is not empty.
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);

}  // namespace assay
