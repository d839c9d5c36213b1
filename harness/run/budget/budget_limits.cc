#include "harness/run/budget/budget.h"

namespace assay {

BudgetLimits merge(const BudgetLimits& base, const BudgetLimits& over) {
  BudgetLimits out = base;
  if (over.cost_pico) out.cost_pico = over.cost_pico;
  if (over.cost_pico_per_model) out.cost_pico_per_model = over.cost_pico_per_model;
  if (over.tokens) out.tokens = over.tokens;
  if (!over.envelope.empty()) out.envelope = over.envelope;
  return out;
}

}  // namespace assay
