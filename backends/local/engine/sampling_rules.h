// SamplingRules: what a request asks of the sampler, with everything decided.
//
// A value comes from the request; where it says nothing, from what the model's generation_config.json
// recommends; where that says nothing either, it is off, and the temperature is 0 (greedy), or 1 when the
// request sets top_k, top_p or min_p.
#pragma once

#include <cstdint>
#include <string>

#include "backends/local/model_files.h"
#include "harness/api/request.h"
#include "harness/base/result.h"

namespace assay::local {

struct SamplingRules {
  double temperature = 0;  // 0: the most likely token
  std::int64_t top_k = 0;  // 0: off
  double top_p = 1;
  double min_p = 0;
  double repetition_penalty = 1;  // over prompt and output
  double presence_penalty = 0;    // over the output
  double frequency_penalty = 0;   // over the output, once for each time
  std::uint64_t stream = 0;       // key of the random stream
  bool logprobs = false;
};

// Error: Code::invalid naming the parameter and its range.
Result<SamplingRules> sampling_rules(const Sampling& wanted, const GenerationDefaults& recommended);

// The key of the random stream of one response: made of seed, task, sample, epoch, step and draw, so that it
// is the same whatever else runs. Choice c of draw d is what draw d + c is. Without a seed the seed is 0.
std::uint64_t random_stream(const Request& request, std::uint32_t choice);

}  // namespace assay::local
