// Call: one request with all its tries. Internal to harness/run.
//
// Each try, also a failed one, is committed before anybody hears of it. A try waits at the model's gate, goes
// to the backend, comes back on whatever thread, and is worked on in the pool; nothing here blocks a thread.
#pragma once

#include <functional>
#include <memory>

#include "harness/run/session.h"

namespace assay {

class Call : public std::enable_shared_from_this<Call> {  // shared: by the gate, the backend, the store, a
                                                          // timer in turn
 public:
  struct Wish {
    Entry* entry = nullptr;
    Model* model = nullptr;
    AttemptRef ref;
    const Sample* sample = nullptr;  // outlives the call: `done` holds its owner
    Request request;                 // id and deadline are set here
    std::uint32_t first_try = 0;     // above every try that is stored already
    // When the attempt's time is up; its clock begins with the first ask.
    std::function<Timer::Clock::time_point()> deadline;
  };
  // Called once, on a pool thread: the committed response without its raw body; or Code::cancelled because
  // the run stops; or the last try's error.
  using Done = std::function<void(Result<Response>)>;

  static void make(Session& session, Wish wish, Done done);

  Call(Session& session, Wish wish, Done done);  // for make() only

 private:
  void from_cache_or_start();
  void start();  // one try
  void admitted(Gate::Ticket ticket);
  void answered(BackendReply reply);  // any thread
  void take(BackendReply reply);      // in the pool
  void watch_refusals(const BackendReply& reply);
  void keep_response(Response response, CallStatus status);
  void keep_failure(BackendError error);
  void after_failure(const BackendError& error);
  void commit(CallRecord record, std::function<void()> then);
  void end(Result<Response> result);
  void no_longer_wants();
  CallRecord record() const;
  void count_cost(const CallRecord&);

  Session& session_;
  Wish wish_;
  Done done_;
  Digest digest_;
  std::uint32_t tries_ = 0;   // made in this invocation
  std::int64_t started_ = 0;  // unix microseconds of this try
  Gate::Ticket ticket_;
  MachineMeter::Ticket machine_ticket_;
  std::optional<std::int64_t> machine_pico_;  // what the machine's time cost, of this try
  Timer::Id watch_ = 0;
  bool wants_ = true;
  bool uncommitted_ = false;  // the gate waits for this try's commit
};

}  // namespace assay
