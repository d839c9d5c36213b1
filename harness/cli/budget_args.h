// The options of `assay run` that say what a run may spend.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/run/budget/budget.h"

namespace assay {

struct BudgetArgs {
  std::string max_cost;            // USD
  std::string max_cost_per_model;  // USD
  std::optional<std::int64_t> max_tokens;
  std::string envelope;  // file
};

void add_budget_options(CLI::App&, BudgetArgs&);

// Error: Code::invalid naming the option.
Result<BudgetLimits> budget_from_args(const BudgetArgs&);

}  // namespace assay
