// Budget: how much a run may still spend, asked before each dispatch.
//
// Worst case first: a request is let through only when its bound fits beside what is spent and what is held for the
// requests in flight. When it comes back the hold becomes what it really took; where that is not known (cut body,
// no usage) the whole bound stays charged; where the provider refused it, nothing does.
// So the server's own account never exceeds the limit, whatever order requests end in.
// Limits of the run stop the run, those of one model that model alone.
//
// Order: reserve(), and after its `go(granted)` exactly one settle() or release().
// Threads: any. `go` is called through the executor, never from within reserve().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "harness/base/result.h"

namespace assay {

struct Spend {
  std::optional<std::int64_t> tokens;     // input and output; nullopt: unknown
  std::optional<std::int64_t> cost_pico;  // nullopt: unknown
};

// What a user sets. A limit given later goes before one that was given earlier.
struct BudgetLimits {
  std::optional<std::int64_t> cost_pico;            // of the run: --max-cost
  std::optional<std::int64_t> cost_pico_per_model;  // --max-cost-per-model
  std::optional<std::int64_t> tokens;               // --max-tokens-total
  std::string envelope;                             // --budget FILE; empty: none
  bool operator==(const BudgetLimits&) const = default;
  bool any() const { return cost_pico || cost_pico_per_model || tokens || !envelope.empty(); }
};

BudgetLimits merge(const BudgetLimits& base, const BudgetLimits& over);

class Budget {
 public:
  using Executor = std::function<void(std::function<void()>)>;
  enum class Answer : std::uint8_t {
    granted,
    spent,   // it does not fit, and nothing in flight can make room: stop dispatching, the run is resumable
    model_spent,  // the same for this model alone
    closed,  // the run stops
  };
  using Hold = std::uint64_t;
  using Go = std::function<void(Answer, Hold)>;

  virtual ~Budget() = default;
  // Waits in line while what is in flight may still make room. REQUIRES: both of `worst` known for the limits in force
  // (checked when the run is planned).
  virtual void reserve(const std::string& model, Spend worst, Go go) = 0;
  // What it took; unknown parts are charged at the bound.
  virtual void settle(Hold, Spend actual) = 0;
  virtual void release(Hold) = 0;  // it was never billed
  virtual void close() = 0;        // who waits gets `closed`
  // One line for the run's note once something was `spent`: which limit, how far. Of `model` once it was
  // `model_spent`.
  virtual std::string why() const = 0;
  virtual std::string why(const std::string& model) const = 0;
};

}  // namespace assay
