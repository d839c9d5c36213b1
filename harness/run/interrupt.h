// The first SIGINT or SIGTERM asks a run to stop; the second ends the process at once with exit code 130.
// SQLite leaves no torn row behind in either case.
//
// Threads: one guard at a time in a process; interrupt_count() from any thread.
#pragma once

namespace assay {

// Installs the handlers for its lifetime and restores the earlier ones.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

int interrupt_count();  // signals since the guard was made

}  // namespace assay
