// Answers that a trace comes to, in order, and what they say about how it got there.
//
// A conclusion is strong where the text says that it is the answer (a box, "the answer is", "####") and weak
// where a paragraph ends in "= x". Tokens are white-space words.
//
// outcome_efficiency (arXiv 2412.21187, equation 1, deterministic form): tokens up to the first right
// conclusion over all tokens, 0 where none is right. overthinking_share: what follows it in a right response.
// underthinking (arXiv 2501.18585): 1 - tokens to the first right conclusion / all tokens, of wrong
// responses; 0 where none is right.
//
// Pure; linear but for a bounded number of comparisons. Threads: any.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/api/response.h"
#include "scorers/trace/words.h"

namespace assay::trace {

struct Conclusion {
  Span span;  // of the answer
  bool strong = false;
};

std::vector<Conclusion> find_conclusions(std::string_view text);

struct AnswerFigures {
  std::size_t rounds = 0;     // conclusions
  std::size_t switches = 0;   // from one strong conclusion to another that differs
  std::optional<bool> match;  // the last conclusion is the answer
  // With a gold answer:
  std::optional<bool> right;
  std::optional<bool> had_right_then_lost;
  std::optional<std::size_t> first_right_tokens;
  std::optional<Span> first_right;
  std::optional<double> outcome_efficiency;
  std::optional<double> overthinking_share;
  std::optional<double> underthinking;
};

using SameAnswer = std::function<bool(std::string_view, std::string_view)>;

// `answer` may be empty: then the last strong conclusion stands for it.
AnswerFigures answer_figures(std::string_view trace, const Words& words, std::string_view answer,
                             const std::optional<std::string>& gold, const SameAnswer& same);

// Equal as texts, letter case, delimiters and white space aside.
bool same_text(std::string_view a, std::string_view b);
// Equal as texts or as mathematics (scorers/math).
bool same_mathematics(std::string_view a, std::string_view b);

}  // namespace assay::trace
