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
  std::string provider;             // who is paid: "openai", "deepseek", "together"; empty: unknown, or nobody
  std::optional<Sampling> recommended;        // what the model's makers say to sample with
  std::string retires;              // "2026-03-31", the day its provider switches it off; empty: not announced
  std::optional<std::int64_t> typical_output; // tokens of a usual answer, reasoning included; a guess for estimates
  // Names of sampling parameters, as Sampling's JSON has them: those that the model answers with an error, and those
  // that it takes and does nothing with.
  std::vector<std::string> refuses = {};
  std::vector<std::string> ignores = {};
  std::string facts;                // where the above is said: "models.yaml: openai/o1*"; empty: nowhere
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
  // False where the provider cannot have made tokens: no connection, or a status that refuses the request.
  // True for whatever broke after it was sent; its worst case then counts against a budget.
  bool may_be_billed = true;
};

// What a server says it still allows, from its headers. nullopt: it does not say.
struct RateLimits {
  struct Bucket {
    std::optional<std::int64_t> limit;      // a minute, or whatever period the server counts by
    std::optional<std::int64_t> remaining;
    std::optional<double> reset_s;          // seconds until it is full again
  };
  Bucket requests;
  Bucket tokens;
};

// The bytes of one exchange, for provenance. Secrets are redacted by the backend.
struct Exchange {
  std::string endpoint;    // scheme, host and path; which replica it was
  std::string sent;        // the request's body
  std::string received;    // the response's body, also of a failed one; bounded
  std::string request_id;  // the server's
};

// Responses or an error. Own type, because Result carries a plain Error.
struct BackendReply {
  std::vector<Response> responses;      // size Request::choices when !error
  std::optional<BackendError> error;
  RateLimits rate;
  Exchange exchange;
};

using Done = std::function<void(BackendReply)>;

class BatchBackend;  // harness/api/batch.h

class Backend {
 public:
  virtual ~Backend() = default;
  virtual BackendInfo describe() const = 0;
  virtual TokenBound bound(const Request&) const = 0;
  virtual void submit(Request, Done done) = 0;
  // Asks for an early end; `done` is still called once. Unknown ids are ignored.
  virtual void cancel(RequestId) = 0;
  // For work that outlives the process; nullptr where the backend has none. Owned by the backend.
  virtual BatchBackend* batches() { return nullptr; }
};

// Looks a sample's accepted answers up. Given to `scripted` alone, which must know them to be
// right or wrong on purpose. Callable from any thread; empty when unknown.
using TargetLookup = std::function<std::vector<std::string>(const std::string& task, const std::string& sample_key)>;

struct BackendOptions {
  std::string model;
  std::string base_url;       // empty: the backend's own default
  std::vector<std::string> replicas;  // further base URLs that serve the same model; requests are spread over all
  std::string provider;       // who is paid, where the base URL does not tell; empty: the backend finds out
  std::vector<std::string> model_tables;  // files with further rows of the model table (docs/backends.md)
  std::string api_key;        // from the environment; never stored, logged or shown
  std::uint32_t max_connections = 16;
  double timeout_s = 600;     // of one request, connect to last byte
  Json options = Json::object();  // the backend's own options from the model entry
  TargetLookup targets;
};

}  // namespace assay
