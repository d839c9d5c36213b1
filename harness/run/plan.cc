// What a run is going to do and at most cost.
#include <algorithm>

#include "harness/base/clock.h"
#include "harness/run/engine.h"
#include "harness/run/warnings.h"

namespace assay {
namespace {

using Count = std::optional<std::int64_t>;

Count sum(const Count& a, const Count& b) {
  std::int64_t out = 0;
  if (!a || !b || __builtin_add_overflow(*a, *b, &out)) return std::nullopt;
  return out;
}

Count product(const Count& a, std::uint64_t b) {
  std::int64_t out = 0;
  if (!a || b > INT64_MAX || __builtin_mul_overflow(*a, static_cast<std::int64_t>(b), &out))
    return std::nullopt;
  return out;
}

// Of one attempt, at most. A continuation reads what was written before it as input.
TokenBound attempt_bound(const Suite& suite, const Entry& entry, const Sample& sample) {
  Request r;
  r.task = entry.record.task;
  r.sample_key = sample.key;
  r.messages = sample.messages;
  r.sampling = entry.sampling;
  const bool grows = suite.strategy.kind == StrategyKind::continue_truncated;
  // Without a limit of its own the first request takes what the server gives, however much the rest may.
  if (grows && r.sampling.max_tokens)
    r.sampling.max_tokens = std::max(*r.sampling.max_tokens, suite.strategy.max_tokens);
  const TokenBound one = entry.model->backend->bound(r);
  const std::uint64_t calls = entry.strategy->max_calls();
  return {product(grows ? sum(one.input, one.output) : one.input, calls), product(one.output, calls)};
}

Result<void> add_bounds(const Suite& suite, const Entry& entry, PlanEntry& out) {
  Count input = 0, output = 0, cost = 0;
  const std::int64_t now = unix_micros();
  for (std::uint64_t i = 0; i < entry.record.samples && (input || output); ++i) {
    auto sample = entry.task->samples->at(i);
    if (!sample) return sample.error();
    const TokenBound bound = attempt_bound(suite, entry, *sample);
    cost = sum(cost, product(entry.model->pricing.bound(bound, now, false), entry.record.epochs));
    input = sum(input, product(bound.input, entry.record.epochs));
    output = sum(output, product(bound.output, entry.record.epochs));
  }
  out.input_tokens = input;
  out.output_tokens = output;
  out.cost_pico = cost;
  return {};
}

void add_up(Plan& plan) {
  plan.cost_pico = 0;
  for (const PlanEntry& e : plan.entries) {
    plan.attempts += e.attempts;
    plan.calls += e.calls;
    plan.cost_pico = sum(plan.cost_pico, e.cost_pico);
  }
}

Plan without_bounds(const std::string& suite, const Workload& work) {
  Plan plan;
  plan.suite = suite;
  plan.warnings = warnings_of(work, unix_micros());
  for (const auto& entry : work.entries) {
    const EntryRecord& r = entry->record;
    PlanEntry e;
    e.model = r.model.name;
    e.task = r.task;
    e.variant = r.variant;
    e.strategy = r.strategy;
    e.samples = r.samples;
    e.epochs = r.epochs;
    e.attempts = entry->attempts();
    e.calls = e.attempts * entry->strategy->max_calls();
    e.price = entry->model->pricing.row_at(unix_micros());
    plan.entries.push_back(std::move(e));
  }
  return plan;
}

}  // namespace

Plan plan_of(const std::string& suite, const Workload& work) {
  Plan plan = without_bounds(suite, work);
  add_up(plan);
  return plan;
}

Result<Plan> plan_suite(const Suite& suite, const Plugins& plugins, const RunOptions& options,
                        std::uint64_t probe, Store* history) {
  const TargetLookup nothing = [](const std::string&, const std::string&) {
    return std::vector<std::string>{};
  };
  auto work = prepare(suite, plugins, options, nothing);
  if (!work) return work.error();
  Plan plan = without_bounds(suite.name, *work);
  for (std::size_t i = 0; i < plan.entries.size(); ++i) {
    plan.entries[i].estimate = estimate_entry(*work->entries[i], history, unix_micros());
    if (plan.entries[i].samples > probe) continue;
    if (auto bounded = add_bounds(suite, *work->entries[i], plan.entries[i]); !bounded)
      return bounded.error();
  }
  add_up(plan);
  return plan;
}

}  // namespace assay
