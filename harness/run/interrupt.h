// The first SIGINT, SIGTERM or SIGHUP (unless it was ignored before, as under nohup) asks a run to stop; the
// second ends the process at once with exit code 130. SIGPIPE does nothing: a reader of the progress that goes
// away is no reason to lose a run.
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
