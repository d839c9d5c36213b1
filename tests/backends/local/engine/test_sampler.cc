#include "backends/local/engine/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "harness/base/rng.h"
#include "tests/support/catch.h"

namespace assay::local {
namespace {

// The filters as Hugging Face's generate() has them, in the plainest way: probabilities of every token.
std::vector<double> reference(std::vector<double> logits, const SamplingRules& r,
                              const std::vector<TokenId>& prompt, const std::vector<TokenId>& output) {
  const std::set<TokenId> seen = [&] {
    std::set<TokenId> all(prompt.begin(), prompt.end());
    all.insert(output.begin(), output.end());
    return all;
  }();
  for (const TokenId id : seen) {
    double& x = logits[static_cast<std::size_t>(id)];
    x = x > 0 ? x / r.repetition_penalty : x * r.repetition_penalty;
    const auto times = std::count(output.begin(), output.end(), id);
    if (times > 0) x -= r.presence_penalty + r.frequency_penalty * static_cast<double>(times);
  }
  std::vector<std::size_t> order(logits.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return logits[a] > logits[b]; });
  const double top = logits[order[0]];
  const auto k =
      r.top_k == 0 ? logits.size() : std::min<std::size_t>(static_cast<std::size_t>(r.top_k), logits.size());
  std::vector<double> p(logits.size(), 0);
  double total = 0;
  for (const std::size_t i : order) {
    if (logits[i] < logits[order[k - 1]]) break;
    p[i] = std::exp((logits[i] - top) / r.temperature);
    total += p[i];
  }
  double before = 0;
  for (const std::size_t i : order) {
    const double mass = p[i];
    if (before >= r.top_p * total && before > 0) p[i] = 0;
    before += mass;
  }
  for (double& x : p) {
    if (x < r.min_p) x = 0;
  }
  const double left = std::accumulate(p.begin(), p.end(), 0.0);
  for (double& x : p) x /= left;
  return p;
}

TEST_CASE("Draws have the frequencies of the filtered distribution", "[local][sampler]") {
  struct Row {
    const char* name;
    SamplingRules rules;
  };
  const Row rows[] = {
      {"temperature alone", {.temperature = 0.7}},
      {"hot", {.temperature = 3}},
      {"top-k", {.temperature = 1, .top_k = 5}},
      {"top-k larger than the vocabulary", {.temperature = 1, .top_k = 5000}},
      {"top-p", {.temperature = 1, .top_p = 0.8}},
      {"small top-p", {.temperature = 1, .top_p = 0.01}},
      {"top-p of nearly all", {.temperature = 2, .top_p = 0.9999}},
      {"min-p", {.temperature = 1, .min_p = 0.2}},
      {"Qwen3", {.temperature = 0.6, .top_k = 20, .top_p = 0.95}},
      {"all", {.temperature = 0.9, .top_k = 12, .top_p = 0.9, .min_p = 0.05}},
      {"repetition", {.temperature = 1, .top_p = 0.9, .repetition_penalty = 1.8}},
      {"repetition of unlikely tokens", {.temperature = 3, .repetition_penalty = 1.8}},
      {"presence and frequency", {.temperature = 1, .presence_penalty = 1, .frequency_penalty = 0.5}},
  };
  constexpr int kDraws = 20000;
  const std::vector<TokenId> prompt = {1, 2, 3, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70},
                             output = {3, 4, 4, 4, 299};
  Rng rng(7);
  std::vector<float> logits(300);
  for (float& x : logits) x = static_cast<float>(rng.unit() * 12 - 8);
  logits[17] = logits[40];  // a tie
  for (const Row& row : rows) {
    INFO(row.name);
    const auto expected = reference({logits.begin(), logits.end()}, row.rules, prompt, output);
    SamplingRules rules = row.rules;
    rules.stream = 99;
    Sampler sampler(rules, prompt);
    for (const TokenId id : output) sampler.took(id);
    std::vector<int> counts(logits.size());
    for (int i = 0; i < kDraws; ++i) {
      std::vector<float> copy = logits;
      ++counts[static_cast<std::size_t>(sampler.draw(copy, static_cast<std::uint64_t>(i))->id)];
    }
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const double mean = expected[i] * kDraws;
      if (expected[i] == 0) CHECK(counts[i] == 0);
      if (expected[i] > 0) CHECK(std::abs(counts[i] - mean) < 5 * std::sqrt(mean) + 3);
    }
  }
}

TEST_CASE("At temperature 0 the most likely token is taken, the first of equal ones", "[local][sampler]") {
  Sampler sampler({}, {});
  std::vector<float> logits = {0, 3, 1, 3, -5};
  CHECK(sampler.draw(logits, 0)->id == 1);
  Sampler penalised({.repetition_penalty = 2}, std::vector<TokenId>{1});
  CHECK(penalised.draw(logits, 0)->id == 3);
  penalised.took(3);
  logits = {0, 3, 1, 3, -5};
  CHECK(penalised.draw(logits, 1)->id == 1);
}

TEST_CASE("A draw depends on stream and index, not on the draws before it", "[local][sampler]") {
  std::vector<float> flat(1000, 0.5F);
  const SamplingRules a = {.temperature = 1, .stream = 5}, b = {.temperature = 1, .stream = 6};
  Sampler one(a, {}), again(a, {}), other(b, {});
  std::vector<TokenId> in_order, backwards(20), others;
  for (std::uint64_t i = 0; i < 20; ++i) {
    in_order.push_back(one.draw(flat, i)->id);
    backwards[19 - i] = again.draw(flat, 19 - i)->id;
    others.push_back(other.draw(flat, i)->id);
  }
  CHECK(in_order == backwards);
  CHECK(in_order != others);
  CHECK(std::set<TokenId>(in_order.begin(), in_order.end()).size() > 15);
}

TEST_CASE("Log-probabilities are the model's own, whatever the filters", "[local][sampler]") {
  std::vector<float> logits = {1, 2, 3, 0};
  const double whole = std::log(std::exp(1) + std::exp(2) + std::exp(3) + 1);
  for (const SamplingRules& rules :
       {SamplingRules{.logprobs = true}, SamplingRules{.temperature = 0.1, .top_k = 1, .logprobs = true},
        SamplingRules{.repetition_penalty = 1.1, .logprobs = true}}) {
    std::vector<float> copy = logits;
    Sampler sampler(rules, std::vector<TokenId>{2});
    const auto drawn = sampler.draw(copy, 0);
    REQUIRE(drawn->id == 2);
    CHECK(drawn->logprob == Approx(3 - whole).epsilon(1e-5));
  }
}

TEST_CASE("Extreme temperatures and logits neither hang nor leave the possible tokens", "[local][sampler]") {
  for (const double temperature : {1e-300, 1e-9, 1e-3, 1.0, 100.0}) {
    for (const double top_p : {1.0, 0.5}) {
      for (const float scale : {1e-30F, 1.0F, 1e30F}) {
        std::vector<float> logits(700, -scale);
        logits[333] = scale;
        Sampler sampler({.temperature = temperature, .top_p = top_p, .stream = 3}, {});
        const auto drawn = sampler.draw(logits, 0);
        REQUIRE(drawn.ok());
        CHECK(drawn->id >= 0);
        CHECK(drawn->id < 700);
        if (scale == 1e30F || temperature <= 1e-3) {
          if (scale >= 1) CHECK(drawn->id == 333);
        }
      }
    }
  }
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    for (const std::size_t at : {0U, 8U, 16U, 17U}) {
      std::vector<float> logits(18, 1);
      logits[at] = bad;
      CHECK_FALSE(Sampler({.temperature = 1}, {}).draw(logits, 0).ok());
    }
  }
}

TEST_CASE("Sampling is the request's, else the model's own, else greedy", "[local][sampler]") {
  GenerationDefaults own;
  own.do_sample = true;
  own.temperature = 0.6;
  own.top_k = 20;
  Sampling none;
  CHECK(sampling_rules(none, {})->temperature == 0);
  CHECK(sampling_rules(none, own)->temperature == 0.6);
  CHECK(sampling_rules(none, own)->top_k == 20);
  Sampling asked;
  asked.temperature = 0;
  CHECK(sampling_rules(asked, own)->temperature == 0);
  asked = {};
  asked.top_p = 0.9;
  CHECK(sampling_rules(asked, {})->temperature == 1);
  own.do_sample = false;
  CHECK(sampling_rules(none, own)->temperature == 0);
  struct Row {
    const char* name;
    std::function<void(Sampling&)> set;
  };
  const Row rows[] = {{"temperature", [](Sampling& s) { s.temperature = -1; }},
                      {"top_p", [](Sampling& s) { s.top_p = 0; }},
                      {"top_p", [](Sampling& s) { s.top_p = std::nan(""); }},
                      {"min_p", [](Sampling& s) { s.min_p = 1.5; }},
                      {"top_k", [](Sampling& s) { s.top_k = -2; }},
                      {"repetition_penalty", [](Sampling& s) { s.repetition_penalty = 0; }},
                      {"frequency_penalty", [](Sampling& s) { s.frequency_penalty = 1e9; }}};
  for (const Row& row : rows) {
    Sampling bad;
    row.set(bad);
    const auto rules = sampling_rules(bad, {});
    REQUIRE_FALSE(rules.ok());
    CHECK_THAT(rules.error().message, test::has(row.name));
  }
}

TEST_CASE("The random stream is that of seed, question and draw; a choice is a draw", "[local][sampler]") {
  Request r;
  r.task = "t";
  r.sample_key = "s";
  const std::uint64_t base = random_stream(r, 0);
  CHECK(random_stream(r, 0) == base);
  std::set<std::uint64_t> all = {base};
  const auto differs = [&](auto change) {
    Request other = r;
    change(other);
    CHECK(all.insert(random_stream(other, 0)).second);
  };
  differs([](Request& o) { o.task = "u"; });
  differs([](Request& o) { o.sample_key = "u"; });
  differs([](Request& o) { o.epoch = 1; });
  differs([](Request& o) { o.step = 1; });
  differs([](Request& o) { o.draw = 1; });
  differs([](Request& o) { o.sampling.seed = 1; });
  Request same = r;
  same.attempt_try = 3;
  same.id = 9;
  same.sampling.seed = 0;
  CHECK(random_stream(same, 0) == base);
  same.draw = 1;
  CHECK(random_stream(same, 1) == random_stream(
                                      [&] {
                                        Request o = r;
                                        o.draw = 2;
                                        return o;
                                      }(),
                                      0));
}

}  // namespace
}  // namespace assay::local
