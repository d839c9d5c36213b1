// The LaTeX commands that set a word in a formula: \text{Yes} is Yes.
//
// Pure; linear in the text; threads: any.
#pragma once

#include <cstddef>
#include <string_view>

#include "scorers/answer/ascii.h"

namespace assay::answer {

// Without \text{...}, \textbf{...}, \mathrm{...} and their like around the whole of it, trimmed.
inline std::string_view without_text_commands(std::string_view text) {
  constexpr std::string_view kCommands[] = {"\\text{",   "\\textbf{", "\\textit{", "\\textrm{", "\\texttt{",
                                            "\\mathrm{", "\\mathbf{", "\\mathit{", "\\mathsf{", "\\mathtt{"};
  text = trim(text);
  for (int depth = 0; depth < 4; ++depth) {
    std::size_t begin = 0;
    for (const std::string_view command : kCommands) {
      if (text.substr(0, command.size()) == command) begin = command.size();
    }
    if (begin == 0) return text;
    std::size_t open = 1;
    std::size_t at = begin;
    for (; at < text.size(); ++at) {
      if (text[at] == '\\') ++at;  // an escaped brace is no brace
      else if (text[at] == '{') ++open;
      else if (text[at] == '}' && --open == 0) break;
    }
    if (at + 1 != text.size()) return text;  // more follows, or the brace does not close
    text = trim(text.substr(begin, at - begin));
  }
  return text;
}

}  // namespace assay::answer
