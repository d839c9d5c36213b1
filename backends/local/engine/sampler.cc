#include "backends/local/engine/sampler.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <queue>

#include "harness/base/format.h"
#include "harness/base/rng.h"

namespace assay::local {
namespace {

constexpr std::size_t kStretch = 256;  // weights summed up in one figure
constexpr std::size_t kLanes = 8;      // independent sums, which the compiler can put side by side

// exp(x) for -87 <= x <= 0, relative error below 3e-7. Written out so that it is computed many at a time, and
// alike on every machine: 2^n * 2^r with r in [-1/2, 1/2] by its Taylor series.
inline float exp_of(float x) {
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer
  const float n = (x * 1.44269504F + kRound) - kRound;
  const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;  // ln 2 in two parts
  float y = 1.0F / 720;
  y = y * r + 1.0F / 120;
  y = y * r + 1.0F / 24;
  y = y * r + 1.0F / 6;
  y = y * r + 0.5F;
  y = y * r + 1.0F;
  y = y * r + 1.0F;
  return y * std::bit_cast<float>((static_cast<std::int32_t>(n) + 127) << 23);
}

// The weight of each logit beside the highest one's; never below exp(-87), which is 2e-38. Two loops, because
// a compiler makes no vectors of one with a limit and a sum in it.
void weigh(std::span<const float> logits, float top, float cold, std::span<float> weights) {
  const float* in = logits.data();
  float* out = weights.data();
  const std::size_t count = logits.size();
  for (std::size_t begin = 0; begin < count; begin += kStretch) {
    const std::size_t end = std::min(count, begin + kStretch);
    for (std::size_t i = begin; i < end; ++i) out[i] = std::max((in[i] - top) * cold, -87.0F);
    for (std::size_t i = begin; i < end; ++i) out[i] = exp_of(out[i]);
  }
}

bool all_finite(std::span<const float> row) {
  float lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= row.size(); i += kLanes) {
    for (std::size_t l = 0; l < kLanes; ++l)
      lanes[l] += row[i + l] * 0.0F;  // NaN stays NaN, infinity becomes it
  }
  for (; i < row.size(); ++i) lanes[0] += row[i] * 0.0F;
  float sum = 0;
  for (const float lane : lanes) sum += lane;
  return sum == 0.0F;
}

float highest(std::span<const float> row) {
  float lanes[kLanes];
  std::fill(std::begin(lanes), std::end(lanes), row[0]);
  std::size_t i = 0;
  for (; i + kLanes <= row.size(); i += kLanes) {
    for (std::size_t l = 0; l < kLanes; ++l) lanes[l] = lanes[l] < row[i + l] ? row[i + l] : lanes[l];
  }
  for (; i < row.size(); ++i) lanes[0] = std::max(lanes[0], row[i]);
  return *std::max_element(std::begin(lanes), std::end(lanes));
}

double sum_of(std::span<const float> weights) {
  double lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= weights.size(); i += kLanes) {
    for (std::size_t l = 0; l < kLanes; ++l) lanes[l] += static_cast<double>(weights[i + l]);
  }
  for (; i < weights.size(); ++i) lanes[0] += static_cast<double>(weights[i]);
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

double log_sum_exp(std::span<const float> logits) {
  const float top = highest(logits);
  double sum = 0;
  std::array<float, kStretch> weights{};
  for (std::size_t i = 0; i < logits.size(); i += kStretch) {
    const auto part = logits.subspan(i, std::min(kStretch, logits.size() - i));
    weigh(part, top, 1, weights);
    sum += sum_of(std::span(weights).first(part.size()));
  }
  return static_cast<double>(top) + std::log(sum);
}

// 1 / temperature, finite for the lowest one, too.
float coldness(double temperature) { return static_cast<float>(std::min(1 / temperature, 1e30)); }

// The k-th highest logit.
float kth_highest(std::span<const float> logits, std::size_t k) {
  constexpr std::size_t kFew = 256;
  if (k > kFew) {
    std::vector<float> copy(logits.begin(), logits.end());
    const auto at = copy.begin() + static_cast<std::ptrdiff_t>(k - 1);
    std::nth_element(copy.begin(), at, copy.end(), std::greater<>());
    return *at;
  }
  std::priority_queue<float, std::vector<float>, std::greater<>> best;  // its top is the least of the k
  for (const float x : logits) {
    if (best.size() < k) {
      best.push(x);
    } else if (x > best.top()) {
      best.pop();
      best.push(x);
    }
  }
  return best.top();
}

}  // namespace

Sampler::Sampler(const SamplingRules& rules, std::span<const TokenId> prompt) : rules_(rules) {
  if (rules_.repetition_penalty != 1) {
    for (const TokenId id : prompt) seen_.emplace(id, 0);
  }
}

void Sampler::took(TokenId id) {
  if (rules_.repetition_penalty != 1 || rules_.presence_penalty != 0 || rules_.frequency_penalty != 0)
    ++seen_[id];
}

Result<Drawn> Sampler::draw(std::span<float> logits, std::uint64_t index) {
  if (!all_finite(logits)) {
    return Error{Code::internal,
                 format("the model's logits for output token {} are not finite numbers", index)};
  }
  const double whole = rules_.logprobs ? log_sum_exp(logits) : 0;
  penalise(logits);
  const float top = highest(logits);
  Drawn drawn;
  if (rules_.temperature == 0 || rules_.top_k == 1) {
    drawn.id = static_cast<TokenId>(std::find(logits.begin(), logits.end(), top) - logits.begin());
  } else {
    drawn.id = pick(logits, top, Rng::unit_at(rules_.stream, index));
  }
  if (rules_.logprobs) {
    float logit = logits[static_cast<std::size_t>(drawn.id)];
    for (const auto& [id, was] : unpenalised_) {
      if (id == drawn.id) logit = was;
    }
    drawn.logprob = static_cast<float>(std::min(0.0, static_cast<double>(logit) - whole));
  }
  return drawn;
}

void Sampler::penalise(std::span<float> logits) {
  unpenalised_.clear();
  const auto repetition = static_cast<float>(rules_.repetition_penalty);
  for (const auto& [id, times] : seen_) {
    if (id < 0 || static_cast<std::size_t>(id) >= logits.size()) continue;
    float& x = logits[static_cast<std::size_t>(id)];
    unpenalised_.emplace_back(id, x);
    x = x > 0 ? x / repetition : x * repetition;
    if (times > 0)
      x -=
          static_cast<float>(rules_.presence_penalty + rules_.frequency_penalty * static_cast<double>(times));
  }
}

TokenId Sampler::pick(std::span<const float> logits, float top, double unit) {
  double total = 0;
  if (rules_.top_k > 0 && static_cast<std::size_t>(rules_.top_k) < logits.size()) {
    total = keep_top_k(logits, top);
  } else {
    total = weigh_all(logits, top);
    if (rules_.top_p >= 1 && rules_.min_p == 0) return pick_of_all(total, unit);
    keep_likely(total);
  }
  if (rules_.top_p < 1) cut_to_nucleus(total);
  const auto floor = static_cast<float>(rules_.min_p);
  candidates_.erase(std::remove_if(candidates_.begin(), candidates_.end(),
                                   [floor](const Candidate& c) { return c.weight < floor; }),
                    candidates_.end());
  return pick_of_candidates(unit);
}

double Sampler::keep_top_k(std::span<const float> logits, float top) {
  const float least = kth_highest(logits, static_cast<std::size_t>(rules_.top_k));
  const float cold = coldness(rules_.temperature);
  candidates_.clear();
  double total = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (logits[i] < least) continue;
    candidates_.push_back({static_cast<TokenId>(i), exp_of((logits[i] - top) * cold)});
    total += static_cast<double>(candidates_.back().weight);
  }
  return total;
}

double Sampler::weigh_all(std::span<const float> logits, float top) {
  const float cold = coldness(rules_.temperature);
  weights_.resize(logits.size());
  weigh(logits, top, cold, weights_);
  sums_.clear();
  double total = 0;
  for (std::size_t i = 0; i < weights_.size(); i += kStretch) {
    sums_.push_back(sum_of(std::span(weights_).subspan(i, std::min(kStretch, weights_.size() - i))));
    total += sums_.back();
  }
  return total;
}

// The candidates that top-p and min-p can leave. A nucleus consists of the highest weights, so it lies within
// those above a floor as soon as these reach its mass; few are above a high floor.
void Sampler::keep_likely(double total) {
  const auto above = [&](float floor) {
    candidates_.clear();
    double mass = 0;
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      if (weights_[i] < floor) continue;
      candidates_.push_back({static_cast<TokenId>(i), weights_[i]});
      mass += static_cast<double>(weights_[i]);
    }
    return mass;
  };
  const auto least = static_cast<float>(rules_.min_p);
  for (float floor = 0.01F; rules_.top_p < 1 && floor > 1e-9F && floor > least; floor *= 0.01F) {
    if (above(floor) >= rules_.top_p * total) return;
  }
  above(least);
}

void Sampler::cut_to_nucleus(double total) {
  std::sort(candidates_.begin(), candidates_.end(), [](const Candidate& a, const Candidate& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.id < b.id;
  });
  double before = 0;
  std::size_t kept = 0;
  while (kept < candidates_.size() && (kept == 0 || before < rules_.top_p * total)) {
    before += static_cast<double>(candidates_[kept++].weight);
  }
  candidates_.resize(kept);
}

TokenId Sampler::pick_of_all(double total, double unit) const {
  double left = unit * total;
  std::size_t stretch = 0;
  while (stretch + 1 < sums_.size() && left >= sums_[stretch]) left -= sums_[stretch++];
  // Rounding may lead past the end of a stretch, and then to its last token or one behind it.
  for (std::size_t i = stretch * kStretch; i < weights_.size(); ++i) {
    left -= static_cast<double>(weights_[i]);
    if (left < 0) return static_cast<TokenId>(i);
  }
  return static_cast<TokenId>(std::max_element(weights_.begin(), weights_.end()) - weights_.begin());
}

TokenId Sampler::pick_of_candidates(double unit) const {
  double total = 0;
  for (const Candidate& c : candidates_) total += static_cast<double>(c.weight);
  double left = unit * total;
  TokenId last = candidates_.front().id;
  for (const Candidate& c : candidates_) {
    last = c.id;
    left -= static_cast<double>(c.weight);
    if (left < 0) break;
  }
  return last;
}

}  // namespace assay::local
