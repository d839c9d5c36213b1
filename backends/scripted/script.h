// What `scripted` says: a pure function of its settings, the request, one draw and the targets.
//
// Every chance is drawn from (seed, what for, task, sample key, epoch, draw), so that an answer
// does not depend on what else is asked, on retries or on the strategy's step: the continuation of
// a cut answer goes on with the same answer. A failure alone also looks at step and try.
// Tokens are runs of non-space characters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backends/options.h"
#include "harness/api/backend.h"

namespace assay {

struct ScriptSettings {
  std::uint64_t seed = 0;
  double accuracy = 1;  // chance of a right answer
  double refuse_rate = 0;
  double empty_rate = 0;            // stops by itself without an answer
  double truncate_rate = 0;         // cut on its own, whatever max_tokens is; a continuation is not cut
  bool truncate_in_answer = false;  // else within the trace
  double fail_rate = 0;             // chance that a try fails
  std::int64_t fail_first = 0;      // the first n tries of every call fail
  Code fail_code = Code::unavailable;
  std::optional<double> retry_after;  // seconds, in failures
  double latency_min_ms = 0;
  double latency_max_ms = 0;
  bool drip = false;                 // tokens arrive evenly over the latency: a deadline leaves some of them
  std::string reasoning = "tags";    // "tags", "field" or "none"
  std::int64_t trace_tokens = 40;    // at least, per trace
  std::int64_t output_limit = 8192;  // tokens
  std::string answer = "The answer is {answer}\nAnswer: {answer}";
  std::string model;
};

Result<ScriptSettings> script_settings(const std::string& model, OptionReader& read);

std::int64_t count_tokens(std::string_view text);
std::string_view first_tokens(std::string_view text, std::int64_t n);

double script_latency_ms(const ScriptSettings&, const Request&);
std::optional<BackendError> script_failure(const ScriptSettings&, const Request&);
// The response to one choice, without timing. Choice c of draw d says what draw d + c says.
Response script_response(const ScriptSettings&, const Request&, std::uint32_t choice,
                         const std::vector<std::string>& targets);
// What of it has arrived when a fraction of the latency is over; finish becomes `deadline`.
Response script_part(const Response&, double fraction);

}  // namespace assay
