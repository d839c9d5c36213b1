// ProgramRunner: runs a model-written program somewhere it can do no harm. Implemented by
// scorers/code; an engine without one gives Outcome::unscored to whatever asks for it.
#pragma once

#include <functional>
#include <string>

#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay {

struct ProgramRun {
  std::string language;            // "python", "cpp"
  std::string source;              // untrusted
  Json problem = Json::object();   // tests and limits, as scorers/code documents them
};

// Threads: any. `done` exactly once, from any thread. Never runs anything unprotected: without a
// sandbox the result is Code::unavailable with the missing layer's name.
class ProgramRunner {
 public:
  virtual ~ProgramRunner() = default;
  virtual void run(ProgramRun, std::function<void(Result<Json>)> done) = 0;
};

}  // namespace assay
