// The desk at which a run asks for money: its limits, what its earlier invocations spent, what a killed one had in
// flight, and its envelope, put together. Internal to harness/run.
//
// Order: check_budget() before anything is written; open() once the run holds its lock and before its first request;
//   close() once nothing is in flight. Threads: budget() and worst() from any, the rest from one.
#pragma once

#include <memory>
#include <string>

#include "harness/run/budget/envelope.h"
#include "harness/run/budget/run_budget.h"
#include "harness/run/workload.h"
#include "harness/store/reservations.h"

namespace assay {

class Session;

// Can the limits be kept? Error: Code::invalid naming the model whose price or output limit is not known and what to
// add, or what is wrong with the envelope's file.
Result<void> check_budget(const BudgetLimits& limits, const Workload& work);

// What one request may take at most. A machine that costs by the hour is busy for no longer than the request's timeout.
Spend worst_of(const Model& model, const Request& request);

class BudgetDesk {
 public:
  static Result<std::unique_ptr<BudgetDesk>> open(const BudgetLimits& limits, Session& session);
  ~BudgetDesk();

  Budget& budget() { return *budget_; }
  // Writes down what was really spent. `whole`: every call of this invocation is committed; if not, what it had set
  // aside stays so.
  Result<void> close(bool whole);

 private:
  explicit BudgetDesk(Session& session) : session_(session) {}
  Result<void> count_earlier(BudgetSetup& setup);
  Result<void> open_envelope(const std::string& file, BudgetSetup& setup);
  Result<std::int64_t> claim(std::int64_t need, std::int64_t wish);

  Session& session_;
  Reservation me_;                            // in the run's own store; `model` changes
  std::map<std::string, Spend> ceilings_;     // that are written there
  std::unique_ptr<Reservations> run_book_;
  Envelope envelope_;
  Reservation claimant_;                      // in the envelope's file; its period is the newest claim's
  std::map<std::string, std::int64_t> claims_;  // by period
  std::unique_ptr<Reservations> envelope_book_;
  std::unique_ptr<RunBudget> budget_;
};

}  // namespace assay
