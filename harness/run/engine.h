// The parts of execute() and resume(). Internal to harness/run.
#pragma once

#include <string>

#include "harness/run/session.h"

namespace assay {

// What a workload is going to do, token and cost bounds apart.
Plan plan_of(const std::string& suite, const Workload& work);

// Outcomes, state, exit code and notes of a run that has come to rest.
RunOutcome summed_up(const Suite& suite, Session& session, bool interrupted);

// The suite of a stored run, from its row. Error: Code::invalid when it was stored by something else than a
// run (an import).
Result<Suite> stored_suite(const RunRecord& run);

// Are the run's stored entries what this workload would make? Sets the ids of those that are stored. Error:
// Code::invalid naming what has changed: data, prompt, few-shot examples, scorers, model revision.
Result<void> match_stored(Store& store, const std::string& run_id, Workload& work);

// Adds the entry to the store unless it is there, and loads which of its attempts are finished.
Result<void> pick_up(Store& store, const std::string& run_id, Entry& entry);

}  // namespace assay
