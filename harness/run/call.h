// Call: one request with all its tries. Internal to harness/run.
//
// Each try, also a failed one, is committed before anybody hears of it. A try waits at the model's gate, goes
// to the backend, comes back on whatever thread, and is worked on in the pool; nothing here blocks a thread.
//
// One request may be for several wishes that differ in epoch and draw alone (harness/run/choice_group.h): the
// server is asked for as many choices. Each choice is a call record of its own, of its own attempt, with its share
// of the usage; a failed try is one of every wish.
//
// The stages of a try, in order: start (the gate), admitted, send, answered, take, then keep_responses or
// keep_failure (call_keep.cc), which commit, then end or after_failure.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "harness/run/budget/budget.h"
#include "harness/run/session.h"

namespace assay {

class Call : public std::enable_shared_from_this<Call> {  // shared: by the gate, the backend, the store, a
                                                          // timer in turn
 public:
  // Called once, on a pool thread: the committed response without its raw body; or Code::cancelled because
  // the run stops; or the last try's error.
  using Done = std::function<void(Result<Response>)>;
  struct Wish {
    Entry* entry = nullptr;
    Model* model = nullptr;
    AttemptRef ref;
    const Sample* sample = nullptr;  // outlives the call: `done` holds its owner
    Request request;                 // id, deadline and choices are set here
    Digest digest;                   // set here
    std::uint32_t first_try = 0;     // above every try that is stored already
    // When the attempt's time is up; its clock begins with the first ask.
    std::function<Timer::Clock::time_point()> deadline;
    Done done;
  };

  static void make(Session& session, Wish wish);
  // REQUIRES: at least one; requests equal but for epoch and draw, of one entry and one model.
  static void make(Session& session, std::vector<Wish> wishes);

  Call(Session& session, std::vector<Wish> wishes);  // for make() only

 private:
  void start();  // one try
  void admitted(Gate::Ticket ticket);
  void ask_budget();
  void budgeted(Budget::Answer answer, Budget::Hold hold);
  void withdraw(const Error& error);  // from the gate, before anything was sent
  void send();
  void send_in_batch();
  void settle();
  void charge(std::vector<CallRecord>& records, bool may_be_billed);
  void answered(BackendReply reply);  // any thread
  void take(BackendReply reply);      // in the pool
  Landing landing(const BackendReply& reply) const;
  void watch_refusals(const BackendReply& reply);

  void keep_responses(BackendReply reply);
  void keep_failure(BackendReply reply);
  void after_failure(const BackendError& error);
  void try_again(const BackendError& error);
  CallRecord record(std::size_t wish) const;
  void commit(std::vector<CallRecord> records, std::function<void()> then);

  void end(std::vector<Response> responses);
  void end(const Error& error);
  void no_longer_wants();
  Timer::Clock::time_point deadline() const;  // the earliest of the wishes'
  Model& model() const { return *wishes_[0].model; }

  Session& session_;
  std::vector<Wish> wishes_;
  Request request_;              // what goes to the backend
  std::uint32_t tries_ = 0;      // made in this invocation
  std::uint32_t charged_ = 0;    // of these, without those that only found out whether anybody is there
  std::int64_t started_ = 0;     // unix microseconds of this try
  Gate::Ticket ticket_;
  std::optional<Budget::Hold> hold_;   // of this try
  std::optional<Spend> took_;          // what this try took; nullopt: it was never billed
  MachineMeter::Ticket machine_ticket_;
  std::optional<std::int64_t> machine_pico_;  // what the machine's time cost, of this try
  std::string batch_id_;         // that answered this try
  Timer::Id watch_ = 0;
  bool wants_ = true;
  bool uncommitted_ = false;  // the gate waits for this try's commit
};

}  // namespace assay
