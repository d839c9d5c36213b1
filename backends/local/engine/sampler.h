// Sampler: from a row of logits to the next token of one sequence.
//
// Filters apply in the order of Hugging Face's generate(): penalties (repetition, then presence and
// frequency), temperature, top-k, top-p, min-p. Tokens that tie with the k-th are kept. top-p keeps the
// smallest set of the most likely tokens whose mass, among what top-k left, reaches it; of equally likely
// ones the lower id comes first. min-p is relative to the most likely token. At temperature 0 the most likely
// token is taken, of equal ones the lowest id.
//
// The random number for a token depends on the stream's key and the token's index alone, so that a draw can
// be repeated (after an eviction) and does not depend on other sequences.
//
// A log-probability is that of the model itself, at temperature 1 and before any filter or penalty.
//
// Threads: one a sampler. Errors: Code::internal for a logit that is not a finite number.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "backends/local/engine/sampling_rules.h"
#include "harness/base/result.h"
#include "harness/text/tokenizer.h"

namespace assay::local {

struct Drawn {
  TokenId id = 0;
  float logprob = 0;  // where asked for, else 0
};

class Sampler {
 public:
  Sampler(const SamplingRules& rules, std::span<const TokenId> prompt);

  // `logits` is one row without padding (no id that the tokenizer lacks); it is changed. `index` counts the
  // tokens of the output from 0. REQUIRES: a row that is not empty.
  Result<Drawn> draw(std::span<float> logits, std::uint64_t index);
  void took(TokenId id);  // a token joined the output, drawn or forced

 private:
  struct Candidate {
    TokenId id;
    float weight;  // probability relative to the most likely token's
  };

  void penalise(std::span<float> logits);
  TokenId pick(std::span<const float> logits, float top, double unit);
  double keep_top_k(std::span<const float> logits, float top);
  double weigh_all(std::span<const float> logits, float top);
  void keep_likely(double total);
  void cut_to_nucleus(double total);
  TokenId pick_of_all(double total, double unit) const;
  TokenId pick_of_candidates(double unit) const;

  const SamplingRules rules_;
  std::unordered_map<TokenId, std::int64_t> seen_;      // times in the output; 0 for the prompt's own
  std::vector<std::pair<TokenId, float>> unpenalised_;  // logits that penalise() changed, as they were
  std::vector<Candidate> candidates_;
  std::vector<float> weights_;  // of every token, when there is no top-k
  std::vector<double> sums_;    // of each kStretch weights
};

}  // namespace assay::local
