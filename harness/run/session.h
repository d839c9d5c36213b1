// Session: what all attempts of one invocation share. Internal to harness/run.
//
// Threads: every method from any thread, unless it says otherwise.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "harness/base/parallel.h"
#include "harness/run/run.h"
#include "harness/run/timer.h"
#include "harness/run/workload.h"

namespace assay {

struct Counters {
  std::atomic<std::uint64_t> calls{0}, cached{0}, reused{0}, retries{0}, throttled{0};
  std::atomic<std::uint64_t> cost_known{0};
  std::atomic<std::int64_t> cost_sum{0};
  std::atomic<std::int64_t> held_bytes{0};  // of responses of attempts that are not finished
};

class BatchDesk;   // harness/run/batch/batch_desk.h
class BudgetDesk;  // harness/run/budget_desk.h

class Session {
 public:
  Session(Store& store, const Plugins& plugins, const RunOptions& options);
  ~Session();

  Store& store() { return store_; }
  Pool& pool() { return *pool_; }
  Timer& timer() { return *timer_; }
  const RunOptions& options() const { return options_; }
  ProgramRunner* programs() const { return programs_; }
  Counters& counters() { return counters_; }
  RequestId next_request_id() { return ++last_request_; }

  // Set up by the engine before the first attempt, then read only.
  std::string run_id;
  std::uint64_t seed = 0;
  Workload work;
  RetryOptions retry;
  double attempt_deadline_s = 3600;
  std::unique_ptr<BudgetDesk> desk;  // nothing where nothing is limited
  std::vector<std::unique_ptr<BatchDesk>> batches;  // of models whose requests go in batches
  Model* model_named(const std::string& name);
  void open_gate(Model&);  // joins its account's others, and gets its machine's meter. REQUIRES: the limits above

  std::uint64_t planned() const;

  // Targets of samples in flight, for the backend that is right or wrong on purpose.
  void add_targets(const std::string& task, const Sample&);
  void drop_targets(const std::string& task, const Sample&);
  std::vector<std::string> targets(const std::string& task, const std::string& key);

  // Stopping: no call begins any more, and who waits for a next try is told so.
  bool stopping() const { return stopping_; }
  void stop();
  // The first error is kept and ends the run.
  void fail(Error error);
  std::optional<Error> failure();
  // The account's models begin nothing any more; the others go on. The first reason of each is kept.
  void give_up(const Account& account, const std::string& why);
  void give_up(Model& model, const std::string& why);  // this model alone
  std::vector<std::string> given_up();
  std::string waits();  // why nothing goes to some server now; empty: it goes everywhere
  // Stops the run for a reason that is no failure of ours; the first one is kept.
  void brake(std::string why);
  std::string braked();  // empty: not
  // The errors that attempts ended in.
  void count_error(const std::string& message);
  std::string commonest_error();  // "20 x MESSAGE", or empty
  // Calls `then(false)` on the pool at `when`, or `then(true)` when the run stops first.
  void wait_until(Timer::Clock::time_point when, std::function<void(bool stopped)> then);

  // Requests at a backend now, so that they can be cancelled.
  void sent(RequestId id, Backend& backend);
  void returned(RequestId id);
  void cancel_all();

  // The dispatcher sleeps here; wake() ends one sleep.
  void wake();
  void sleep(Timer::Clock::duration at_most);

  void began() { ++live_; }
  // An attempt is over: with its committed outcome, or abandoned (nullopt).
  void ended(Entry& entry, std::uint64_t index, std::optional<Outcome> outcome);
  std::int64_t live() const { return live_; }
  std::array<std::uint64_t, kOutcomeCount + 1> outcomes();  // over all entries
  std::array<std::uint64_t, kOutcomeCount + 1> outcomes(const Entry& entry);
  std::uint64_t in_flight();

 private:
  std::unique_ptr<Account> open_account(const Model& model);

  Store& store_;
  const RunOptions& options_;
  ProgramRunner* programs_;
  std::unique_ptr<Pool> pool_;  // outlives the timer and the backends, which post to it
  std::unique_ptr<Timer> own_timer_;
  Timer* timer_;
  Counters counters_;
  std::atomic<RequestId> last_request_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<std::int64_t> live_{0};

  std::mutex mutex_;  // guards all below and every Entry::outcomes and ::failed
  std::condition_variable woken_;
  bool wake_ = false;
  std::optional<Error> failure_;
  std::string braked_;
  std::vector<std::string> given_up_;
  std::map<std::string, std::uint64_t> errors_;  // bounded
  struct Targets {
    std::vector<std::string> targets;
    std::size_t uses = 0;
  };
  std::unordered_map<std::string, Targets> targets_;
  std::unordered_map<RequestId, Backend*> sent_;
  std::map<std::string, std::unique_ptr<Account>> accounts_;
  std::map<std::string, MachineMeter> meters_;  // by machine; one that local models share, and one a server
  struct Wait {
    Timer::Id timer = 0;
    std::function<void(bool)> then;
  };
  std::unordered_map<std::uint64_t, Wait> waits_;
  std::uint64_t last_wait_ = 0;
};

}  // namespace assay
