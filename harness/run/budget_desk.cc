#include "harness/run/budget_desk.h"

#include <cmath>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/run/batch/batch_desk.h"
#include "harness/run/session.h"

namespace assay {
namespace {

constexpr double kSlackS = 10;  // beyond a request's timeout, until its end is seen

std::string run_envelope(const std::string& run_id) { return "run " + run_id; }

// What a machine costs while it works on one request for as long as that may last.
std::optional<std::int64_t> machine_pico(const Model& model) {
  if (!model.entry.machine_usd_per_hour) return std::nullopt;
  const double hours = (model.entry.timeout_s + kSlackS) / 3600;
  const double pico = static_cast<double>(*model.entry.machine_usd_per_hour) * 1e6 * hours;
  return pico < 9e18 ? static_cast<std::int64_t>(std::ceil(pico)) : INT64_MAX;
}

Error unknown(const Model& model, const std::string& what, const std::string& add) {
  return invalid(format("budget: model '{}': its {} is not known, so that no limit can be kept; add {}",
                        printable(model.entry.name), what, add));
}

Result<void> check_model(const BudgetLimits& limits, const Entry& entry) {
  const Model& model = *entry.model;
  auto sample = entry.task->samples->at(0);
  if (!sample) return sample.error();
  Request r;
  r.task = entry.record.task;
  r.sample_key = sample->key;
  r.messages = sample->messages;
  r.sampling = entry.sampling;
  const TokenBound bound = model.backend->bound(r);
  const bool by_cost = limits.cost_pico || limits.cost_pico_per_model || !limits.envelope.empty();
  const bool by_tokens = limits.tokens || (by_cost && !model.entry.machine_usd_per_hour);
  if (by_tokens && !bound.output) return unknown(model, "longest output", "max_tokens to its sampling (--max-tokens)");
  if (by_tokens && !bound.input) return unknown(model, "longest input", "a model whose backend says it");
  if (by_cost && !worst_of(model, r).cost_pico) {
    return unknown(model, format("price ({})", printable(model.pricing.row_at(unix_micros()))),
                   "`price` to its entry, a row with `assay prices add`, or machine_usd_per_hour");
  }
  return {};
}

}  // namespace

Spend worst_of(const Model& model, const Request& request) {
  const TokenBound bound = model.backend->bound(request);
  Spend out;
  std::int64_t tokens = 0;
  if (bound.input && bound.output && !__builtin_add_overflow(*bound.input, *bound.output, &tokens)) out.tokens = tokens;
  out.cost_pico = machine_pico(model);
  if (!out.cost_pico) out.cost_pico = model.pricing.bound(bound, unix_micros(), model.batch != nullptr);
  return out;
}

Result<void> check_budget(const BudgetLimits& limits, const Workload& work) {
  if (!limits.any()) return {};
  for (const auto& entry : work.entries) {
    if (auto sound = check_model(limits, *entry); !sound) return sound;
  }
  if (limits.envelope.empty()) return {};
  const auto envelope = read_envelope(limits.envelope);
  if (!envelope) return envelope.error();
  return {};
}

BudgetDesk::~BudgetDesk() = default;

Result<std::unique_ptr<BudgetDesk>> BudgetDesk::open(const BudgetLimits& limits, Session& session) {
  std::unique_ptr<BudgetDesk> desk(new BudgetDesk(session));
  BudgetSetup setup;
  setup.limits = limits;
  setup.executor = [&session](std::function<void()> f) { session.pool().submit(std::move(f)); };
  setup.failed = [&session](Error e) {
    // Not from here: the session, when it stops, closes the budget, whose lock is held.
    session.pool().submit([&session, e = std::move(e)] { session.fail(e); });
  };
  auto book = Reservations::open(session.store().path());
  if (!book) return book.error();
  desk->run_book_ = std::move(*book);
  desk->me_.envelope = run_envelope(session.run_id);
  desk->me_.holder = new_ulid();
  desk->me_.run_id = session.run_id;
  if (auto counted = desk->count_earlier(setup); !counted) return counted.error();
  BudgetDesk* self = desk.get();
  setup.raise = [self](const std::string& model, Spend ceiling) -> Result<void> {
    Reservation row = self->me_;
    row.model = model;
    row.tokens = ceiling.tokens.value_or(0);
    row.cost_pico = ceiling.cost_pico.value_or(0);
    auto written = self->run_book_->put(row);
    if (written) self->ceilings_[model] = ceiling;
    return written;
  };
  if (!limits.envelope.empty()) {
    if (auto opened = desk->open_envelope(limits.envelope, setup); !opened) return opened.error();
  }
  desk->budget_ = RunBudget::make(std::move(setup));
  return desk;
}

// From the run's calls, and what killed invocations had in flight, which no call tells of.
Result<void> BudgetDesk::count_earlier(BudgetSetup& setup) {
  auto spent = session_.store().spent(session_.run_id);
  if (!spent) return spent.error();
  for (const ModelSpend& s : *spent) setup.before[s.model] = {s.tokens, s.cost_pico};
  auto lost = run_book_->list(me_.envelope);
  if (!lost) return lost.error();
  for (const Reservation& r : *lost) {
    if (!r.open) continue;
    Spend& s = setup.before[r.model];
    s = {s.tokens.value_or(0) + r.tokens, s.cost_pico.value_or(0) + r.cost_pico};
  }
  return {};
}

Result<void> BudgetDesk::open_envelope(const std::string& file, BudgetSetup& setup) {
  auto envelope = read_envelope(file);
  if (!envelope) return envelope.error();
  envelope_ = std::move(*envelope);
  auto book = Reservations::open(envelope_.db);
  if (!book) return book.error();
  envelope_book_ = std::move(*book);
  claimant_ = me_;
  claimant_.envelope = envelope_.name;
  std::int64_t before = 0;
  for (const auto& [model, spend] : setup.before) before += spend.cost_pico.value_or(0);
  if (auto adopted = envelope_book_->adopt(envelope_.name, session_.run_id, before); !adopted) return adopted;
  setup.envelope_pico = envelope_.limit_pico;
  const std::string period = period_of(envelope_.period, unix_micros());
  setup.envelope_name = format("envelope '{}'{}", printable(envelope_.name), period.empty() ? "" : " (" + period + ")");
  setup.claim = [this](std::int64_t need, std::int64_t wish) { return claim(need, wish); };
  return {};
}

Result<std::int64_t> BudgetDesk::claim(std::int64_t need, std::int64_t wish) {
  claimant_.period = period_of(envelope_.period, unix_micros());
  auto got = envelope_book_->claim(claimant_, need, wish, envelope_.limit_pico);
  if (got) claims_[claimant_.period] += *got;
  return got;
}

Result<void> BudgetDesk::close(bool whole) {
  if (!whole) return {};
  for (const auto& [model, ceiling] : ceilings_) {
    Reservation row = me_;
    row.model = model;
    row.open = false;
    if (auto written = run_book_->put(row); !written) return written;
  }
  // What was claimed and not spent goes back, of the newest period first.
  std::int64_t used = budget_->used().cost_pico;
  for (const auto& [period, claimed] : claims_) {
    Reservation row = claimant_;
    row.period = period;
    row.open = false;
    row.cost_pico = std::min(used, claimed);
    used -= row.cost_pico;
    if (period == claims_.rbegin()->first) row.cost_pico += used;  // more than its bound, if a server billed so
    if (auto written = envelope_book_->put(row); !written) return written;
  }
  return {};
}

}  // namespace assay
