// Procedural tasks: families of generated questions, seeded, unlimited, with exact targets.
//
// Option of every family: `level`, 1 (easy) to 5 (hard), default 2. What a level means stands above
// each family's table of levels in its source, and docs/procedural.md lists it for users.
//
// Sample i depends on (seed, family, version, level, i) alone: at(i) makes that one sample, in any
// order, on any thread, on every platform. A set has TaskContext::limit samples, 100 when unset.
// Few-shot examples are drawn from a stream of their own, as earlier turns of the conversation.
// Prompt templates know {question}, {format} (how to end the answer) and {level}.
#pragma once

#include <span>

#include "harness/api/catalog.h"

namespace assay {

// Lives as long as the program; in the order of ids. Threads: any.
std::span<const TaskEntry> procedural_tasks();

}  // namespace assay
