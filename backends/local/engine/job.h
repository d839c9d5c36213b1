// Job: one request on its way through the engine, and how what came of its choices becomes a reply.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "backends/local/engine/prompt.h"
#include "backends/local/engine/scheduler.h"
#include "harness/api/backend.h"

namespace assay::local {

struct Job {
  Request request;
  Done done;
  Prompt prompt;
  SteadyTime start;
  std::vector<std::unique_ptr<Sequence>> sequences;  // to be run; then null
  std::vector<std::unique_ptr<Sequence>> ended;      // by choice
  std::uint32_t left = 0;                            // choices that have not ended
};

BackendReply failed_reply(Code code, std::string message);

// REQUIRES: all choices have ended. `origin` carries what is alike for every response: the model's name and
// the template's digest.
BackendReply reply_of(const Job& job, const Response& origin);

}  // namespace assay::local
