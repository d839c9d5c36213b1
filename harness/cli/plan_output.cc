#include "harness/cli/plan_output.h"

#include <cmath>

#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/units.h"
#include "harness/base/utf8.h"
#include "harness/run/progress.h"

namespace assay {
namespace {

std::string bound_text(const std::optional<std::int64_t>& count) { return count ? grouped_text(static_cast<std::uint64_t>(*count)) : "unknown"; }

std::int64_t whole(double value) { return static_cast<std::int64_t>(std::llround(std::min(value, 9e18))); }

std::string tokens_text(const std::optional<Forecast>& f) {
  if (!f) return "unknown";
  return format("{} ({}..{})", count_text(whole(f->mean)), count_text(whole(f->low)), count_text(whole(f->high)));
}

std::string usd(double dollars) { return usd_text(whole(dollars * 1e12)); }

std::string cost_text(const std::optional<Forecast>& f) {
  if (!f) return "unknown";
  return format("{} USD ({}..{})", usd(f->mean), usd(f->low), usd(f->high));
}

// Sums of independent entries: errors add like the sides of right angles. Unknown where one is.
std::optional<Forecast> total_cost(const Plan& plan) {
  Forecast sum;
  double below = 0, above = 0;
  for (const PlanEntry& e : plan.entries) {
    const auto& c = e.estimate.cost_usd;
    if (!c) return std::nullopt;
    sum.mean += c->mean;
    below += (c->mean - c->low) * (c->mean - c->low);
    above += (c->high - c->mean) * (c->high - c->mean);
  }
  sum.low = sum.mean - std::sqrt(below);
  sum.high = sum.mean + std::sqrt(above);
  return sum;
}

Json json_of(const std::optional<Forecast>& f) {
  if (!f) return nullptr;
  return {{"mean", f->mean}, {"low", f->low}, {"high", f->high}};
}

Json json_of(const std::optional<std::int64_t>& n) { return n ? Json(*n) : Json(); }

Json usd_json(const std::optional<std::int64_t>& pico) { return pico ? Json(static_cast<double>(*pico) / 1e12) : Json(); }

const char* source_name(EstimateSource s) {
  switch (s) {
    case EstimateSource::stored: return "stored";
    case EstimateSource::table: return "model_table";
    case EstimateSource::unknown: break;
  }
  return "unknown";
}

void write_entry(const PlanEntry& e, std::string& out) {
  const std::string variant = e.variant.empty() ? "" : format(" [{}]", e.variant);
  out += printable(format("{}  {}{}  {}  {} samples x {} epochs = {} attempts", e.model, e.task, variant, e.strategy, e.samples,
                          e.epochs, e.attempts)) + "\n";
  const Estimate& guess = e.estimate;
  out += format("  probably: input tokens {}{}, output tokens {}, cost {}\n", tokens_text(guess.input_tokens),
                guess.input_guessed && guess.input_tokens ? " by bytes / 4" : "", tokens_text(guess.output_tokens),
                cost_text(guess.cost_usd));
  out += format("  from:     {}\n", source_text(guess));
  out += format("  at most:  input tokens <= {}, output tokens <= {}, cost <= {}\n", bound_text(e.input_tokens),
                bound_text(e.output_tokens), e.cost_pico ? dollars(*e.cost_pico) : std::string("unknown"));
  out += format("  price:    {}\n", printable(e.price));
}

}  // namespace

std::string plan_text(const Plan& plan, bool piloted) {
  std::string out = format("suite {}: {} attempts, at most {} calls, tries of failed calls apart\n\n", printable(plan.suite),
                           plan.attempts, plan.calls);
  for (const PlanEntry& e : plan.entries) write_entry(e, out);
  out += format("\ntotal: probably {}, at most {}\n", cost_text(total_cost(plan)),
                plan.cost_pico ? dollars(*plan.cost_pico) : std::string("unknown cost"));
  out += "Intervals are of 90 %, where what is to come is as what was stored.\n";
  for (const std::string& warning : plan.warnings) out += format("warning: {}\n", printable(warning));
  out += piloted ? "\nOnly the pilot was sent; a run with --cache does not pay for its answers again.\n" : "\nNothing was sent.\n";
  return out;
}

std::string plan_json(const Plan& plan) {
  Json entries = Json::array();
  for (const PlanEntry& e : plan.entries) {
    const Estimate& guess = e.estimate;
    entries.push_back({{"model", e.model},
                       {"task", e.task},
                       {"variant", e.variant},
                       {"strategy", e.strategy},
                       {"samples", e.samples},
                       {"epochs", e.epochs},
                       {"attempts", e.attempts},
                       {"calls_at_most", e.calls},
                       {"price", e.price},
                       {"at_most",
                        {{"input_tokens", json_of(e.input_tokens)},
                         {"output_tokens", json_of(e.output_tokens)},
                         {"cost_usd", usd_json(e.cost_pico)}}},
                       {"estimate",
                        {{"source", source_name(guess.source)},
                         {"attempts_seen", guess.seen},
                         {"input_by_bytes", guess.input_guessed},
                         {"input_tokens", json_of(guess.input_tokens)},
                         {"output_tokens", json_of(guess.output_tokens)},
                         {"cost_usd", json_of(guess.cost_usd)}}}});
  }
  const Json out = {{"suite", plan.suite},
                    {"attempts", plan.attempts},
                    {"calls_at_most", plan.calls},
                    {"interval", 0.9},
                    {"cost_usd", json_of(total_cost(plan))},
                    {"cost_usd_at_most", usd_json(plan.cost_pico)},
                    {"warnings", plan.warnings},
                    {"entries", entries}};
  return dump_json_pretty(out) + "\n";
}

}  // namespace assay
