// Which part of a response is the answer, and by which rule. Rules, the first that applies:
//
//   box        the last \boxed{…} (also \fbox, \boxed 42, \beginboxed, <|begin_of_box|>); boxes with nothing but
//              separators between them are one list ("boxes")
//   marker     what follows the last "answer is", "Answer:", "####", a line's "A:", JSON's "answer"
//   whole      a short text that is an answer by itself
//   span       the last mathematics between dollar signs, \( \) or \[ \]
//   bold       the last **…**
//   run        the last run of mathematics within words: "… = 13 apples" gives 13
//
// A rule gives spellings to try, the longest first; where none of them is mathematics the first is compared as words.
// A later rule never stands in for an earlier one: a number is not picked out of a box that does not parse, unless
// the box holds a sentence.
//
// Pure; linear in the text but for a bounded number of looks at one answer; not recursive. Threads: any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scorers/math/grade.h"
#include "scorers/math/policy.h"

namespace assay::math {

struct Found {
  std::vector<std::string> spellings;  // trimmed; best first; empty when there is no answer
  const char* rule = "";
  std::size_t begin = 0;               // of the span in the response
  std::size_t end = 0;
};

// `letters`: the question has lettered options, and a letter that stands alone is an answer.
Found extract(std::string_view response, PredictionKind kind, const Policy& policy, bool letters);

// Without white space, quotes, dollar signs and emphasis around it.
std::string_view trim_answer(std::string_view text);
// "\u221a" and its like as UTF-8, where there are any.
std::string unescape(std::string_view text);
// Several words, a sentence perhaps: mathematics that did not parse may be looked for within.
bool is_prose(std::string_view text);
// What follows a few words of introduction: "So, x = 42" gives "x = 42". Empty where there are none, or too many, or
// where they say something else than that this is the value ("less than").
std::string_view after_lead(std::string_view text);
// The last run of mathematics within words; empty where there is none.
std::string_view last_run(std::string_view text);

}  // namespace assay::math
