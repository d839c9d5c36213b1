// Reservations: amounts that a process has set aside, on one file that others write too: shares of an envelope
// (--budget), and the worst case of what a run has in flight, which a kill leaves behind.
//
// The rule for a process that dies: what it had set aside stays set aside, spent or not, until who knows better says
// so (adopt). Nothing is ever given back because a process looks dead, so that no clock, host or recycled process id
// can make two processes spend one dollar.
//
// Every method is one transaction; locks of other processes are waited for. Threads: one at a time.
// Errors: as Store's (harness/store/store.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/result.h"

namespace assay {

class Db;

struct Reservation {
  std::string envelope;  // its name, or what else they share a limit by
  std::string period;    // "2026-11"; empty: none
  std::string model;     // empty: all
  std::string holder;    // a ULID of one invocation
  std::string run_id;
  std::int64_t tokens = 0;
  std::int64_t cost_pico = 0;
  bool open = true;  // false: what its process really spent
  // For people: who holds it. Filled by Reservations when written.
  std::string host;
  std::int64_t pid = 0;
  std::int64_t pid_started = 0;  // clock ticks after boot, as /proc/PID/stat has it
};

class Reservations {
 public:
  // Makes the file where it does not exist.
  static Result<std::unique_ptr<Reservations>> open(const std::filesystem::path& database);
  ~Reservations();

  // Adds to `who`'s row: `wish` pico-dollars if the envelope's period then holds no more than `limit`, else what is
  // left if that is at least `need`, else nothing. How much it was.
  Result<std::int64_t> claim(const Reservation& who, std::int64_t need, std::int64_t wish, std::int64_t limit);
  // Makes the row hold just these amounts.
  Result<void> put(const Reservation& row);
  // Of an envelope, all periods, by period, model and holder.
  Result<std::vector<Reservation>> list(const std::string& envelope);
  // A run knows what its earlier invocations spent in all: takes what they hold beyond it from their open rows, the
  // newest first, and closes these. REQUIRES: no other process works on the run.
  Result<void> adopt(const std::string& envelope, const std::string& run_id, std::int64_t spent_pico);

 private:
  explicit Reservations(std::unique_ptr<Db> db);
  std::unique_ptr<Db> db_;
};

// Does the process that wrote the row still run here? Only for what people are told.
bool is_alive(const Reservation&);

}  // namespace assay
