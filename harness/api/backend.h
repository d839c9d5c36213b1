// Backend: something that answers requests: a remote server, a local model, a recorded file.
//
// Order: describe() at any time; submit() any number of times, also before earlier ones are done.
// Threads: every method may be called from any thread. `done` may be called from any thread,
//   also from within submit().
// `done` is called exactly once whatever happens: with Request::choices responses, or an Error.
//   It does not block (the engine holds a commit slot from dispatch on) and does not throw.
// Ownership: the Request is the backend's from submit() on. The destructor cancels what is in
//   flight and returns after the last `done`.
// Errors, by what the engine does next: invalid (the request can never succeed: HTTP 400/401/403/
//   404; not retried), unavailable (retried with backoff), exhausted (retried, and concurrency
//   goes down), deadline (recorded), corrupt (the peer broke the protocol; retried), cancelled.
//   An error is never turned into response text. What arrived before Request::deadline expired is
//   a Response with FinishReason::deadline, not an error.
// Comparability: a response depends on the request alone, never on what else is in flight.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/api/request.h"
#include "harness/api/response.h"
#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay {

struct BackendInfo {
  std::string id;        // as in the catalog: "openai"
  std::string model;     // the model's name as the user gave it
  std::string revision;  // what pins its behaviour: weights' digest, server's version; empty if unknown
  std::optional<std::int64_t> context_limit;  // tokens
  std::optional<std::int64_t> output_limit;   // tokens
  bool can_continue = false;        // understands Request::prefix
  std::uint32_t max_choices = 1;    // responses it can make for one request
  std::uint32_t batch = 0;          // requests that it works on at once by itself; 0: as many as it is given
  TraceKind trace_kind = TraceKind::none;     // what its separate reasoning field holds
  std::vector<std::string> think_tags;        // names of further tags around traces: "reasoning"
  bool opens_think = false;         // the prompt template itself ends in an opening think tag
};

// Worst case of one request, for the budget. nullopt is unknown.
struct TokenBound {
  std::optional<std::int64_t> input;
  std::optional<std::int64_t> output;
};

// An error that says when to come back, and whether tokens may have been billed.
struct BackendError : Error {
  std::optional<double> retry_after;  // seconds, as the server asked
  int http_status = 0;                // 0 when there was none
  std::string body;                   // the start of the server's error body; untrusted
};

// Responses or an error. Own type, because Result carries a plain Error.
struct BackendReply {
  std::vector<Response> responses;      // size Request::choices when !error
  std::optional<BackendError> error;
};

using Done = std::function<void(BackendReply)>;

class Backend {
 public:
  virtual ~Backend() = default;
  virtual BackendInfo describe() const = 0;
  virtual TokenBound bound(const Request&) const = 0;
  virtual void submit(Request, Done done) = 0;
  // Asks for an early end; `done` is still called once. Unknown ids are ignored.
  virtual void cancel(RequestId) = 0;
};

// Looks a sample's accepted answers up. Given to `scripted` alone, which must know them to be
// right or wrong on purpose. Callable from any thread; empty when unknown.
using TargetLookup = std::function<std::vector<std::string>(const std::string& task, const std::string& sample_key)>;

struct BackendOptions {
  std::string model;
  std::string base_url;       // empty: the backend's own default
  std::string api_key;        // from the environment; never stored, logged or shown
  std::uint32_t max_connections = 16;
  double timeout_s = 600;     // of one request, connect to last byte
  Json options = Json::object();  // the backend's own options from the model entry
  TargetLookup targets;
};

}  // namespace assay
