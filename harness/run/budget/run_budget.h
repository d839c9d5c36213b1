// The budget of one invocation of a run, over limits that are checked in memory, a ceiling that survives a kill,
// and an envelope that other processes draw on too.
//
// Ceiling: what was in flight at a kill is in no call's row. So before more is let into flight than ever before, the
// new worst case is written down (`raise`), half as much again so that this happens a few dozen times a run; a resume
// counts what a killed invocation had written.
// Envelope: before what is spent and held exceeds what this process has claimed, more is claimed (`claim`), in pieces
// of 1/256 of the envelope, so that not every request is a transaction.
// A request whose worst case is not known never fits a limit that needs it.
//
// Threads: any. `raise` and `claim` are called with the budget's lock held and may take milliseconds.
#pragma once

#include <map>

#include "harness/run/budget/budget.h"

namespace assay {

struct BudgetSetup {
  BudgetLimits limits;
  // What earlier invocations took, by model, and what was in flight when one was killed.
  std::map<std::string, Spend> before;
  Budget::Executor executor;
  // Unset: not needed. An error ends the run by way of `failed`, and nothing more is granted.
  std::function<Result<void>(const std::string& model, Spend ceiling)> raise;
  // At least `need` and at most `wish` more pico-dollars, or 0 where `need` does not fit.
  std::function<Result<std::int64_t>(std::int64_t need, std::int64_t wish)> claim;
  std::int64_t envelope_pico = 0;  // its limit
  std::string envelope_name;       // "envelope 'ci' (2026-11)", for messages
  std::function<void(Error)> failed;
};

// What this invocation took, known once nothing is in flight.
struct BudgetUse {
  std::int64_t cost_pico = 0;
  std::int64_t tokens = 0;
};

class RunBudget : public Budget {
 public:
  virtual BudgetUse used() const = 0;
  static std::unique_ptr<RunBudget> make(BudgetSetup);
};

}  // namespace assay
