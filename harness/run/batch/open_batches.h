// Batch desks of a run's models. Internal to harness/run.
#pragma once

#include "harness/run/session.h"

namespace assay {

// Where batches are wanted, or some of an earlier invocation are still out: a desk a model.
// Error: Code::invalid for a model whose backend has no batch endpoint; Code::unavailable where a provider does not
// say what became of an earlier batch.
Result<void> open_batches(Session& session, bool wanted);
// Once nothing is in flight.
Result<void> close_batches(Session& session, bool whole, bool finished);
// "2 batches with 500 requests are with their provider", or empty.
std::string left_with_providers(Session& session);

}  // namespace assay
