#include "backends/local/engine/sampling_rules.h"

#include <cmath>
#include <optional>
#include <string_view>

#include "harness/base/format.h"
#include "harness/base/rng.h"

namespace assay::local {
namespace {

template <typename T>
std::optional<T> first_of(const std::optional<T>& a, const std::optional<T>& b) {
  return a ? a : b;
}

Result<void> in_range(std::string_view name, double value, double low, double high, bool open_below) {
  if (std::isfinite(value) && value <= high && (open_below ? value > low : value >= low)) return {};
  return invalid(format("{} is {}, expected a number {} {} and at most {}", name, value,
                        open_below ? "above" : "of at least", low, high));
}

Result<void> check(const SamplingRules& r) {
  if (auto ok = in_range("temperature", r.temperature, 0, 100, false); !ok) return ok;
  if (auto ok = in_range("top_p", r.top_p, 0, 1, true); !ok) return ok;
  if (auto ok = in_range("min_p", r.min_p, 0, 1, false); !ok) return ok;
  if (auto ok = in_range("repetition_penalty", r.repetition_penalty, 0, 100, true); !ok) return ok;
  if (auto ok = in_range("presence_penalty", r.presence_penalty, -100, 100, false); !ok) return ok;
  return in_range("frequency_penalty", r.frequency_penalty, -100, 100, false);
}

}  // namespace

Result<SamplingRules> sampling_rules(const Sampling& wanted, const GenerationDefaults& recommended) {
  SamplingRules r;
  std::optional<double> warmth;
  if (recommended.do_sample) warmth = recommended.temperature.value_or(1);
  const bool wants_chance = wanted.top_k || wanted.top_p || wanted.min_p;
  r.temperature = first_of(wanted.temperature, warmth).value_or(wants_chance ? 1 : 0);
  r.top_k = first_of(wanted.top_k, recommended.top_k).value_or(0);
  if (r.top_k == -1) r.top_k = 0;  // as some servers say it
  if (r.top_k < 0) return invalid(format("top_k is {}, expected 0 (off) or a number of tokens", r.top_k));
  r.top_p = first_of(wanted.top_p, recommended.top_p).value_or(1);
  r.min_p = wanted.min_p.value_or(0);
  r.repetition_penalty = first_of(wanted.repetition_penalty, recommended.repetition_penalty).value_or(1);
  r.presence_penalty = wanted.presence_penalty.value_or(0);
  r.frequency_penalty = wanted.frequency_penalty.value_or(0);
  if (auto ok = check(r); !ok) return ok.error();
  return r;
}

std::uint64_t random_stream(const Request& request, std::uint32_t choice) {
  return Rng::seed_for(request.sampling.seed.value_or(0),
                       {"local", request.task, request.sample_key, std::to_string(request.epoch),
                        std::to_string(request.step), std::to_string(std::uint64_t{request.draw} + choice)});
}

}  // namespace assay::local
