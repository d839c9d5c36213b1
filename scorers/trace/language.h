// Which script a trace is written in (arXiv 2501.12948, 2.3.2: "the proportion of target language words").
//
// Words are maximal runs of letters of one script outside code, mathematics and tags; their language is told
// by script. Single Latin and Greek letters in another script are symbols and no words. Han, kana and
// bopomofo count as one script.
//
// Pure; linear. Threads: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/api/response.h"

namespace assay::trace {

struct Language {
  std::string target;  // the script's name: "Latin"; empty where there is no word
  std::size_t words = 0;
  std::size_t foreign = 0;        // of another script
  std::size_t foreign_own = 0;    // and not in the prompt
  std::optional<double> raw;      // share of target words
  std::optional<double> noquote;  // the same without words that the prompt has
  std::size_t switches = 0;       // from one script to another between neighbouring words
  Span first_foreign;             // the first foreign word that the prompt has not
};

// `target`: the name or the four letters of a script ("Latin", "Cyrl"); empty: the script of most of the
// trace.
Language language_of(std::string_view trace, std::string_view prompt, std::string_view target);

// Shares below these are a finding, and what the field calls mixed.
inline constexpr double kForeignShare = 0.975;
inline constexpr double kMixedShare = 0.9;

}  // namespace assay::trace
