// The strategies there are. harness/api/strategy.h has their contract.
#pragma once

#include <memory>

#include "harness/api/strategy.h"
#include "harness/run/suite.h"

namespace assay {

std::unique_ptr<Strategy> make_strategy(const StrategySpec&);

// One call.
std::unique_ptr<Strategy> make_single();
// k independent answers (draws 0 .. k-1 of step 0); the largest class of equal answers wins, among equally
// large ones the class with the earliest draw, and of the class its earliest response. An answer that the
// scorer cannot find never wins over one that it can. A draw that failed fails the attempt: a vote of fewer
// is another strategy. (Wang et al., "Self-Consistency Improves Chain of Thought Reasoning",
// arXiv:2203.11171.)
std::unique_ptr<Strategy> make_self_consistency(std::uint32_t k);
// A response cut at its token limit goes on with twice the limit, up to `max_tokens`, at most `rounds` times:
// from where it stopped when the backend can, else the whole question again. Every call is kept and charged.
std::unique_ptr<Strategy> make_continue_truncated(std::int64_t max_tokens, std::uint32_t rounds);

}  // namespace assay
