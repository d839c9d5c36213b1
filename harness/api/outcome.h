// The persisted enumerations. Values are stored in databases and must never be renumbered or
// reused; add at the end.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace assay {

// How an attempt ended. `error` and `unscored` are never wrong answers: they are left out of the
// accuracy and shown on their own. `truncated`, `no_answer` and `refused` count as not correct.
enum class Outcome : std::uint8_t {
  correct = 1,
  incorrect = 2,
  partial = 3,    // adds its value, in (0, 1), to the accuracy
  no_answer = 4,  // the model stopped by itself and the scorer found no answer
  truncated = 5,  // cut by a token limit or a deadline while tokens arrived, and not correct
  refused = 6,    // the model or a content filter declined
  error = 7,      // infrastructure: the request failed after all tries
  unscored = 8,   // the scorer could not decide: sandbox missing, its own limit
};
inline constexpr std::size_t kOutcomeCount = 8;  // values 1..8

// Does this outcome count in the denominator of the accuracy?
constexpr bool is_scored(Outcome o) { return o != Outcome::error && o != Outcome::unscored; }

// What split() saw. docs/design.md section 3.
enum class SplitVerdict : std::uint8_t {
  no_trace = 1,
  closed = 2,
  orphan_close = 3,         // a closing tag alone: the template had put the opening one in the prompt
  truncated_in_trace = 4,   // the answer is empty
  truncated_in_answer = 5,  // the answer is what there is of it
  empty_answer = 6,         // a closed trace, and nothing after it
};

// What the trace is. Trace scorers run on `raw` only.
enum class TraceKind : std::uint8_t {
  none = 1,
  raw = 2,
  summary = 3,    // a provider's digest of its model's thinking
  encrypted = 4,
  hidden = 5,     // only a token count
};

// Why the server stopped, as a class; the server's own word is kept beside it.
enum class FinishReason : std::uint8_t {
  unknown = 1,  // the server gave none, or a recorded file did not keep it
  stop = 2,
  length = 3,
  content_filter = 4,
  tool_call = 5,
  deadline = 6,  // our deadline expired while tokens were arriving
  cancelled = 7,
};

enum class CallKind : std::uint8_t {
  answer = 1,        // a strategy's ordinary step
  continuation = 2,  // goes on from a cut trace
  work = 3,          // a scorer's request: a judge, for one
};

// How one call (one try) ended.
enum class CallStatus : std::uint8_t {
  ok = 1,
  failed = 2,     // with an error code and message; tokens unknown
  cached = 3,     // answered from the store; nothing was paid
};

// The words used in reports, JSON and SQL views: the enumerator's own name.
std::string_view name(Outcome);
std::string_view name(SplitVerdict);
std::string_view name(TraceKind);
std::string_view name(FinishReason);
std::string_view name(CallKind);
std::string_view name(CallStatus);
std::optional<Outcome> outcome_from_name(std::string_view);
std::optional<FinishReason> finish_from_name(std::string_view);
std::optional<TraceKind> trace_kind_from_name(std::string_view);

}  // namespace assay
