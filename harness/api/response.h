// A response is what one call brought back. The backend fills everything but `split`; the engine
// fills that with harness/text/trace_split.h before any scorer sees it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/api/outcome.h"

namespace assay {

// Token counts in disjoint buckets; nullopt is unknown, never zero. When a server counts reasoning
// inside its output and says how much, `output` is the visible rest; when it does not say,
// `output` is everything and `reasoning` is nullopt.
struct Usage {
  std::optional<std::int64_t> input;         // prompt tokens that no cache served
  std::optional<std::int64_t> cached_input;  // prompt tokens read from the provider's cache
  std::optional<std::int64_t> cache_write;   // prompt tokens written to it
  std::optional<std::int64_t> output;
  std::optional<std::int64_t> reasoning;
  // No bucket of its own: the part of cache_write that is kept for an hour and costs more (Anthropic).
  std::optional<std::int64_t> cache_write_1h = std::nullopt;
};

// Seconds on the steady clock from the moment the backend took the request.
struct Timing {
  std::optional<double> first_token;
  double total = 0;
};

// Byte offsets into a text, [begin, end).
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const Span&) const = default;
};

struct Split {
  std::string trace;
  std::string answer;  // what scorers see
  SplitVerdict verdict = SplitVerdict::no_trace;
  TraceKind trace_kind = TraceKind::none;
  bool budget_forced = false;  // the trace was closed by a thinking budget, not by the model
};

struct Response {
  std::string text;                      // the message content as sent, tags and all; may be invalid UTF-8
  std::optional<std::string> reasoning;  // the server's separate reasoning field, if it has one
  TraceKind reasoning_kind = TraceKind::raw;  // what `reasoning` is; `hidden` and `encrypted` without text too
  bool budget_forced = false;            // the backend closed the trace at a thinking budget
  FinishReason finish = FinishReason::unknown;
  std::string finish_raw;                // the server's own word
  std::string refusal;                   // the server's refusal field, if any
  Usage usage;
  Timing timing;
  std::string server_model;              // model id and fingerprint as the server names them
  std::string fingerprint;
  std::string request_id;
  std::optional<std::int64_t> provider_cost_pico;  // cost as the provider reports it, pico-dollars
  std::string raw;                       // the response body as received, for provenance; may be empty
  std::string prompt;                    // as the model read it, where the backend renders it itself; else empty
  std::string prompt_template;           // SHA-256 of the template that rendered it, in hex; else empty
  std::vector<float> logprobs;           // natural logarithms, one a generated token, where asked for; else empty
  Split split;
  std::uint32_t step = 0;                // which call of its attempt brought it; set by the engine
  std::uint32_t draw = 0;
};

}  // namespace assay
