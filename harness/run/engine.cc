// execute() and resume(): from a suite to a finished run.
#include "harness/run/engine.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/run/attempt.h"
#include "harness/run/batch/batch_desk.h"
#include "harness/run/batch/open_batches.h"
#include "harness/run/budget_desk.h"
#include "harness/run/choice_group.h"
#include "harness/run/expected_length.h"
#include "harness/run/order.h"
#include "harness/run/run_lock.h"

namespace assay {
namespace {

// Attempts at once that wait for anything, so that memory depends on these and not on the number of samples.
// More than requests in flight, since commits come in groups and scoring goes on beside.
constexpr std::int64_t kMaxLive = 1024;
constexpr std::int64_t kMaxHeldBytes = 64 << 20;  // of their responses
constexpr std::int64_t kMaxInBatches = 20'000;  // attempts at once whose requests are in batches
constexpr auto kTick = std::chrono::milliseconds(100);

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? std::string(name) : std::string();
}

// One model's attempts to come.
struct Queue {
  Model* model = nullptr;
  Order order;
  std::int64_t together = 1;  // epochs of a sample that one request may answer, at most
};

class Engine {
 public:
  Engine(Session& session, Progress& progress) : session_(session), progress_(progress) {
    for (const auto& model : session.work.models) {
      session.open_gate(*model);
      std::vector<Entry*> entries;
      std::uint64_t attempts = 0;
      std::int64_t together = 1;
      for (const auto& e : session.work.entries) {
        if (e->model != model.get()) continue;
        entries.push_back(e.get());
        attempts += e->attempts();
        together = std::max<std::int64_t>(together, Order::together(*e));
      }
      // Where all begin at once their order does not matter, and a plan that was drawn keeps its own.
      const bool sorted = attempts > model->max_connections && !session.options().in_order;
      Order order(entries, sorted ? expected_lengths(session.store(), entries) : Order::Lengths());
      queues_.push_back({model.get(), std::move(order), together});
      max_live_ += 2 * together * model->max_connections;
    }
  }

  // Returns when no attempt is live: all done, or stopped.
  void run() {
    const auto began = Timer::Clock::now();
    done_before_ = done();
    Timer::Clock::time_point next_tick = began;
    while (true) {
      if (!session_.stopping() && stop_requested()) session_.stop();
      if (!session_.stopping())
        dispatch();
      else
        press();
      const auto now = Timer::Clock::now();
      if (now >= next_tick) {
        look_after_servers();
        progress_.tick(snapshot(std::chrono::duration<double>(now - began).count()));
        next_tick = now + kTick;
      }
      if (session_.live() == 0 && (session_.stopping() || exhausted_)) break;
      session_.sleep(kTick);
    }
    session_.pool().wait();
    elapsed_s_ = std::chrono::duration<double>(Timer::Clock::now() - began).count();
    progress_.tick(snapshot(elapsed_s_));
  }

  std::uint64_t done() {
    const auto outcomes = session_.outcomes();
    std::uint64_t sum = 0;
    for (const std::uint64_t n : outcomes) sum += n;
    return sum;
  }

  bool interrupted() const { return interrupted_; }
  double elapsed_s() const { return elapsed_s_; }
  std::uint64_t done_before() const { return done_before_; }

 private:
  bool stop_requested() {
    const auto& asked = session_.options().stop_requested;
    interrupted_ = asked && asked();
    return interrupted_;
  }

  void look_after_servers() {
    for (const auto& m : session_.work.models) {
      if (!m->server || m->given_up) continue;
      const auto how = m->server->ended();
      if (!how) continue;
      constexpr auto kWhy = "the server of model '{}' ended ({}); log {}";
      session_.give_up(*m, format(kWhy, printable(m->entry.name), *how, printable(m->server->log().string())));
    }
  }

  // While stopping: after the grace period, or at once after a failure, nothing in flight is waited for.
  void press() {
    const auto now = Timer::Clock::now();
    if (!stopped_at_) stopped_at_ = now;
    if (session_.failure() || now >= *stopped_at_ + seconds(session_.options().grace_s))
      session_.cancel_all();
  }

  bool may_start(const Queue& queue) const {
    if (queue.model->batch != nullptr) return session_.live() < kMaxInBatches;
    // Twice the bound keeps the gate's queue filled while samples are made.
    const auto wanted = static_cast<std::int64_t>(2 * std::ceil(queue.model->gate->bound()));
    return queue.model->wanting < wanted * queue.together && session_.live() < max_live_ &&
           session_.counters().held_bytes < kMaxHeldBytes;
  }

  // Starts what may start now, one turn a model.
  void dispatch() {
    bool started = true;
    while (started) {
      started = false;
      exhausted_ = true;
      for (Queue& q : queues_) {
        if (q.model->given_up) continue;
        const Turn* turn = q.order.next();
        if (turn == nullptr) continue;
        exhausted_ = false;
        if (!may_start(q)) continue;
        started = true;
        start(*turn);
        q.order.take();
      }
    }
  }

  void start(const Turn& turn) {
    Model& model = *turn.entry->model;
    std::shared_ptr<ChoiceGroup> group;
    if (model.info.max_choices > 1 && !turn.entry->seed)
      group = std::make_shared<ChoiceGroup>(session_, turn.attempts.size(), model.info.max_choices);
    for (const std::uint64_t index : turn.attempts) {
      ++model.wanting;
      session_.began();
      auto attempt = std::make_shared<Attempt>(session_, *turn.entry, index, group);
      session_.pool().submit([attempt] { attempt->begin(); });
    }
  }

  Snapshot snapshot(double elapsed_s) {
    Snapshot s;
    const Counters& c = session_.counters();
    s.planned = session_.planned();
    s.done = done();
    s.done_before = done_before_;
    s.in_flight = session_.in_flight();
    s.retries = c.retries;
    s.errors = session_.outcomes()[static_cast<std::size_t>(Outcome::error)];
    s.cost_pico = {c.cost_sum, c.cost_known};
    s.calls = c.calls + c.cached;
    s.elapsed_s = elapsed_s;
    s.stopping = session_.stopping();
    s.throttled = c.throttled;
    s.waits = session_.waits();
    return s;
  }

  Session& session_;
  Progress& progress_;
  std::vector<Queue> queues_;
  std::int64_t max_live_ = kMaxLive;
  bool exhausted_ = false;
  bool interrupted_ = false;
  std::optional<Timer::Clock::time_point> stopped_at_;
  std::uint64_t done_before_ = 0;
  double elapsed_s_ = 0;
};

RunRecord run_record(const Suite& suite, const RunOptions& options) {
  RunRecord r;
  r.run_id = new_ulid();
  r.group_id = r.run_id;
  r.suite = suite.name;
  r.spec = to_json(suite);
  r.seed = suite.seed;
  r.program = options.program;
  r.host = host_name();
  r.command = options.command;
  return r;
}

void apply_limits(const Suite& suite, Session& session) {
  session.seed = suite.seed;
  session.retry = session.options().retry;
  session.retry.max_tries = std::max(1U, suite.limits.tries.value_or(session.retry.max_tries));
  session.attempt_deadline_s = suite.limits.attempt_s.value_or(session.options().attempt_deadline_s);
}

// The desk at which requests ask for money, where anything is limited.
Result<void> open_desk(const Suite& suite, Session& session) {
  const BudgetLimits limits = merge(suite.budget, session.options().budget);
  if (!limits.any()) return {};
  auto desk = BudgetDesk::open(limits, session);
  if (!desk) return desk.error();
  session.desk = std::move(*desk);
  return {};
}

// Starts what `serve` says, one after the other: two may not fit at once into one machine while they load.
Result<void> start_servers(Session& session) {
  for (const auto& model : session.work.models) {
    if (!model->entry.serve) continue;
    std::string file;  // the model's name, as far as it can be part of one
    for (const char c : model->entry.name) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';
      file += plain ? c : '-';
    }
    const std::string log = format("{}.server-{}.log", session.store().path().string(), file);
    auto server = serve_model(model->entry, log, session.options().stop_requested);
    if (!server && server.error().code == Code::cancelled) return {};  // the engine sees it too, and ends in order
    if (!server) return server.error();
    model->server = std::move(*server);
  }
  return {};
}

// Runs what is prepared and closes the run's row.
Result<RunOutcome> drive(const Suite& suite, Session& session, Progress& progress) {
  apply_limits(suite, session);
  auto ready = open_batches(session, session.options().batch);
  if (ready) ready = open_desk(suite, session);
  if (ready) ready = start_servers(session);
  if (!ready) {
    (void)session.store().finish_run(session.run_id, "interrupted");
    return ready.error();
  }
  Engine engine(session, progress);
  progress.started(plan_of(suite.name, session.work), session.run_id);
  engine.run();
  Result<void> flushed = session.store().flush();
  const bool whole = flushed.ok() && !session.failure();
  const bool left = !left_with_providers(session).empty();  // billed, whoever collects it
  const Result<void> collected = close_batches(session, whole, engine.done() == session.planned());
  const Result<void> settled = session.desk && !left ? session.desk->close(whole) : Result<void>();
  RunOutcome out = summed_up(suite, session, engine.interrupted());
  out.finished_before = engine.done_before();
  out.elapsed_s = engine.elapsed_s();
  // Also after a failure: the run can be gone on with once what failed is mended.
  const Result<void> closed = session.store().finish_run(session.run_id, out.state);
  if (auto failure = session.failure()) {
    return Error{failure->code, format("run {}: {}", session.run_id, failure->message)};
  }
  if (!flushed) return flushed.error();
  if (!closed) return closed.error();
  if (!settled) return settled.error();
  if (!collected) return collected.error();
  progress.finished(out);
  return out;
}

TargetLookup targets_of(Session& session) {
  return [&session](const std::string& task, const std::string& key) { return session.targets(task, key); };
}

}  // namespace

Result<RunOutcome> execute(const Suite& suite, Store& store, const Plugins& plugins,
                           const RunOptions& options, Progress& progress) {
  Session session(store, plugins, options);
  auto work = prepare(suite, plugins, options, targets_of(session));
  if (!work) return work.error();
  session.work = std::move(*work);
  Suite kept = suite;  // with its budget as the command line has it, which a resume keeps to
  kept.budget = merge(suite.budget, options.budget);
  std::error_code ignored;
  if (!kept.budget.envelope.empty()) kept.budget.envelope = std::filesystem::absolute(kept.budget.envelope, ignored).string();
  if (auto sound = check_budget(kept.budget, session.work); !sound) return sound.error();
  const RunRecord run = run_record(kept, options);
  session.run_id = run.run_id;
  const auto lock = RunLock::take(store.path(), run.run_id);  // before anybody can see the run
  if (!lock) return lock.error();
  if (auto begun = store.begin_run(run); !begun) return begun.error();
  for (const auto& entry : session.work.entries) {
    entry->record.run_id = run.run_id;
    auto id = store.add_entry(entry->record);
    if (!id) return id.error();
    entry->id = *id;
  }
  return drive(kept, session, progress);
}

namespace {

// Everything that may refuse, before the first request.
Result<Suite> reopen(const RunRecord& run, Session& session, const Plugins& plugins) {
  auto suite = stored_suite(run);
  if (!suite) return suite.error();
  auto work = prepare(*suite, plugins, session.options(), targets_of(session));
  if (!work) return work.error();
  session.work = std::move(*work);
  session.run_id = run.run_id;
  const BudgetLimits limits = merge(suite->budget, session.options().budget);
  if (auto sound = check_budget(limits, session.work); !sound) return sound.error();
  if (auto same = match_stored(session.store(), run.run_id, session.work); !same) return same.error();
  for (const auto& entry : session.work.entries) {
    if (auto picked = pick_up(session.store(), run.run_id, *entry); !picked) return picked.error();
  }
  return suite;
}

}  // namespace

Result<RunOutcome> resume(const std::string& run_id, Store& store, const Plugins& plugins,
                          const RunOptions& options, Progress& progress) {
  Session session(store, plugins, options);
  auto runs = store.runs();
  if (!runs) return runs.error();
  std::string state_before;
  for (const RunInfo& r : *runs) {
    if (r.run_id == run_id) state_before = r.state;
  }
  if (state_before.empty())
    return invalid(format("run {}: not in {}", printable(run_id), store.path().string()));
  const auto lock = RunLock::take(store.path(), run_id);
  if (!lock) return lock.error();
  auto run = store.resume_run(run_id);
  if (!run) return run.error();
  auto suite = reopen(*run, session, plugins);
  if (!suite) {
    // Left as it was found, as far as its row goes; "running" is what a killed run is left as.
    if (auto closed = store.finish_run(run_id, state_before); !closed) return closed.error();
    return suite.error();
  }
  return drive(*suite, session, progress);
}

}  // namespace assay
