// How long an answer is expected to be, for the order of dispatch (order.h). A guess: nothing that is reported
// depends on it.
//
// Known best of a sample that the same model has answered before in this store, then of one that others have; else
// the task's typical answer, a little longer for a longer prompt. Looks at kMostRows stored rows a task and
// kMostSamples samples, and stops looking after kMostSeconds.
// Threads: any that may use the store.
#pragma once

#include "harness/run/order.h"
#include "harness/store/store.h"

namespace assay {

// Empty where nothing tells the samples apart.
Order::Lengths expected_lengths(Store& store, const std::vector<Entry*>& entries);

}  // namespace assay
