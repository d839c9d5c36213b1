// Finds where a response states its answer, by explicit marks only.
//
// Pure; linear in the text; iterative. Threads: any. Nothing here guesses: a text without a mark
// gives no candidate, and what a candidate means is for the scorer to parse.
//
// Marks. Decisive ones come before the others, and within each the later before the earlier:
//   boxed       the last \boxed{...} or \fbox{...} with matching braces, or \boxed 42
//   answer_tag  the last <answer>...</answer>, or [ANSWER]...[/ANSWER]
//   json        the last "answer": or "final_answer": of a JSON object, its value
//   hash        the last lines "#### 42", as GSM8K's own solutions end; decisive as the text's last line
//   answer_is   "answer is", "Answer:", "**Final answer:**", "answer = ", "answer ->", the last ones, up
//               to the end of the line or, on a fence, of its block; also a heading "Final answer" with the
//               answer on the next line
//   fence       the text is one fenced code block: what it holds
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "harness/api/response.h"

namespace assay::answer {

struct Candidate {
  std::string text;  // trimmed
  Span span;         // in the text that was searched; of `text`, or of its escaped form for json
  const char* rule = "";
  bool decisive = false;    // when it does not parse, nothing further down the list may stand in for it
  bool retracted = false;   // a later line begins "Wait", "Actually", "or ...": it is not the answer any more
  bool open_ended = false;  // runs to the end of its line: more than the answer may follow
};

// Best first; at most kMaxCandidates.
inline constexpr std::size_t kMaxCandidates = 16;
std::vector<Candidate> find_answers(std::string_view text);

// The whole text, trimmed, when it has at most `max_bytes` and, unless `many_lines`, is one line.
// Empty when that does not hold or the text is blank. Rule "whole".
std::vector<Candidate> whole_answer(std::string_view text, std::size_t max_bytes = 200,
                                    bool many_lines = false);

// The last fenced code block of the text, of any language; else nothing. Rule "last_fence".
std::vector<Candidate> last_fence(std::string_view text);

// A candidate for a part of the text. REQUIRES: part points into text.
Candidate candidate_at(std::string_view text, std::string_view part, const char* rule);

}  // namespace assay::answer
