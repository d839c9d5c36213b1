// Strategy: how an attempt is answered, with one call or several.
//
// Order: the engine calls answer() once an attempt (again after a resume: calls that were
//   committed before are then answered from the store, so a strategy must make the same calls for
//   the same responses).
// Threads: const, called concurrently. The caller's callbacks may come on any thread, one at a
//   time within one attempt.
// Ownership: Caller and Sample outlive the attempt, which ends with the call of `done`, exactly once.
// Errors: a call's Error reaches the strategy; it passes it on unless it can answer without.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "harness/api/backend.h"
#include "harness/api/sample.h"

namespace assay {

// One call that a strategy wants made.
struct CallSpec {
  std::uint32_t step = 0;
  std::uint32_t draw = 0;
  CallKind kind = CallKind::answer;
  std::string prefix;                            // for continuations
  std::optional<std::int64_t> max_tokens;        // instead of the sampling's
};

class Caller {
 public:
  using OnResponse = std::function<void(Result<Response>)>;
  virtual ~Caller() = default;
  // Makes the call (with all its tries), commits it, splits it, then hands it over.
  virtual void call(CallSpec, OnResponse) = 0;
  // Do these two responses give the same answer, by the task's primary scorer? Never with the target.
  virtual bool same_answer(const Response&, const Response&) const = 0;
  virtual bool has_answer(const Response&) const = 0;
  virtual const BackendInfo& backend() const = 0;
  virtual const Sampling& sampling() const = 0;
};

class Strategy {
 public:
  using Done = std::function<void(Result<Response>)>;
  virtual ~Strategy() = default;
  virtual std::string id() const = 0;         // with its parameters: "self_consistency(k=5)"
  virtual std::uint32_t max_calls() const = 0;  // an upper bound on calls an attempt, retries apart
  virtual void answer(const Sample&, Caller&, Done) const = 0;
};

}  // namespace assay
