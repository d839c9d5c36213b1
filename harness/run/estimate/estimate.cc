#include "harness/run/estimate/estimate.h"

#include <algorithm>
#include <cmath>

#include "harness/base/format.h"
#include "harness/run/workload.h"
#include "harness/store/store.h"

namespace assay {
namespace {

constexpr double kBytesPerToken = 4;
constexpr std::uint64_t kMostLookedAt = 2000;  // samples
constexpr double kGuessFactor = 3;

// Of all attempts, from the first samples' prompts.
std::optional<Forecast> input_from_bytes(const Entry& entry) {
  const std::uint64_t n = std::min(entry.record.samples, kMostLookedAt);
  double bytes = 0;
  for (std::uint64_t i = 0; i < n; ++i) {
    const auto sample = entry.task->samples->at(i);
    if (!sample) return std::nullopt;  // whoever looks at bounds says so
    for (const Message& m : sample->messages) bytes += static_cast<double>(m.content.size());
  }
  if (n == 0) return std::nullopt;
  const double calls = entry.record.strategy.rfind("self_consistency", 0) == 0 ? entry.strategy->max_calls() : 1;
  const double tokens = bytes / kBytesPerToken / static_cast<double>(n) * static_cast<double>(entry.attempts()) * calls;
  return Forecast{tokens, tokens * 0.75, tokens * 1.5};
}

std::optional<std::int64_t> each_cost(const Pricing& pricing, double input, double output, std::int64_t now) {
  Response r;
  r.usage.input = static_cast<std::int64_t>(input);
  r.usage.output = static_cast<std::int64_t>(output);
  const auto priced = pricing.cost(r, now, false);
  if (!priced) return std::nullopt;
  return priced->cost_pico;
}

// By the prices of today, every attempt of the mean length; between whole tokens in a straight line.
std::optional<Forecast> cost_of(const Entry& entry, const Forecast& input, const Forecast& output, std::int64_t now) {
  const auto n = static_cast<double>(entry.attempts());
  const auto at = [&](double in, double out) -> std::optional<double> {
    const double i = in / n, o = out / n;
    const auto each = each_cost(entry.model->pricing, i, o, now);
    const auto wider = each_cost(entry.model->pricing, i + 1, o, now);
    const auto longer = each_cost(entry.model->pricing, i, o + 1, now);
    if (!each || !wider || !longer) return std::nullopt;
    const auto base = static_cast<double>(*each);
    const double more = (i - std::floor(i)) * (static_cast<double>(*wider) - base) +
                        (o - std::floor(o)) * (static_cast<double>(*longer) - base);
    return (base + more) * n / 1e12;
  };
  const auto mean = at(input.mean, output.mean), low = at(input.low, output.low), high = at(input.high, output.high);
  if (!mean || !low || !high) return std::nullopt;
  return Forecast{*mean, *low, *high};
}

}  // namespace

Estimate estimate_entry(const Entry& entry, Store* history, std::int64_t now) {
  Estimate out;
  const auto attempts = static_cast<double>(entry.attempts());
  if (history != nullptr) {
    const auto seen = history->token_history(entry.record.model.name, entry.model->entry.model, entry.record.task,
                                             entry.record.strategy, entry.sampling.max_tokens);
    if (seen && seen->attempts >= kFewestStored) {
      out.source = EstimateSource::stored;
      out.seen = seen->attempts;
      out.input_tokens = sum_to_come({seen->attempts, seen->input, seen->input_squares}, attempts);
      out.output_tokens = sum_to_come({seen->attempts, seen->output, seen->output_squares}, attempts);
    }
  }
  if (!out.input_tokens) {
    out.input_tokens = input_from_bytes(entry);
    out.input_guessed = true;
  }
  if (const auto typical = entry.model->info.typical_output; !out.output_tokens && typical) {
    out.source = EstimateSource::table;
    double each = static_cast<double>(*typical);
    if (entry.sampling.max_tokens) each = std::min(each, static_cast<double>(*entry.sampling.max_tokens));
    const double calls = entry.record.strategy.rfind("self_consistency", 0) == 0 ? entry.strategy->max_calls() : 1;
    const double sum = each * attempts * calls;
    out.output_tokens = Forecast{sum, sum / kGuessFactor, sum * kGuessFactor};
  }
  if (out.input_tokens && out.output_tokens) out.cost_usd = cost_of(entry, *out.input_tokens, *out.output_tokens, now);
  return out;
}

std::string source_text(const Estimate& e) {
  switch (e.source) {
    case EstimateSource::stored: return format("{} stored attempts", e.seen);
    case EstimateSource::table: return "the model table's usual answer, a guess";
    case EstimateSource::unknown: break;
  }
  return "nothing stored and nothing in the model table; bounds alone are known (--pilot K tries K samples)";
}

}  // namespace assay
