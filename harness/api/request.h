// A request is one call as the engine hands it to a backend. It never carries the target.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/api/outcome.h"
#include "harness/api/sample.h"
#include "harness/base/json.h"

namespace assay {

// What the user asks of the model; unset means the server's default and is not sent.
struct Sampling {
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<double> min_p;
  std::optional<std::int64_t> top_k;
  std::optional<std::int64_t> max_tokens;       // of output, reasoning included
  std::optional<double> presence_penalty;
  std::optional<double> frequency_penalty;
  std::optional<double> repetition_penalty;
  std::optional<std::uint64_t> seed;
  std::vector<std::string> stop;
  std::optional<std::string> reasoning_effort;  // "low", "medium", "high"
  std::optional<std::int64_t> thinking_budget;  // tokens
  Json extra = Json::object();                  // passed through as is
};

// Canonical JSON of what is set, and its inverse. Error: Code::invalid naming the key.
Json to_json(const Sampling&);
Result<Sampling> sampling_from_json(const Json&);
// `over` wins wherever it sets something.
Sampling merge(const Sampling& base, const Sampling& over);

using RequestId = std::uint64_t;

struct Request {
  RequestId id = 0;             // unique within the process
  std::string task;             // "math/gsm8k"
  std::string sample_key;
  std::uint32_t epoch = 0;      // k-th independent generation of the sample, from 0
  std::uint32_t step = 0;       // the strategy's step, from 0
  std::uint32_t draw = 0;       // which of several equal requests of one attempt
  std::uint32_t attempt_try = 0;  // how often this request was made before (retries), from 0
  CallKind kind = CallKind::answer;
  std::vector<Message> messages;
  // For CallKind::continuation: the output so far, which the model goes on from. Only for
  // backends whose BackendInfo::can_continue holds. The response holds only what comes after it.
  std::string prefix;
  Sampling sampling;
  std::uint32_t choices = 1;    // number of responses wanted; > 1 only up to BackendInfo::max_choices
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

}  // namespace assay
