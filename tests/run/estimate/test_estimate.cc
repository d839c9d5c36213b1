// What a dry run says a run will take, and from what it knows that.
#include "tests/run/engine_fixture.h"

namespace assay::test {
namespace {

Suite priced(std::uint64_t samples, std::uint32_t epochs = 1) {
  Suite s = suite_of(samples);
  s.models[0].price = {1'000'000, std::nullopt, std::nullopt, 2'000'000};
  s.sampling.max_tokens = 50;
  s.epochs = epochs;
  return s;
}

Estimate estimate_of(Fixture& f, const Suite& suite) {
  auto plan = plan_suite(suite, f.world.plugins(), f.options, 20000, f.store.get());
  if (!plan) FAIL(plan.error().message);
  REQUIRE(plan->entries.size() == 1);
  return plan->entries[0].estimate;
}

TEST_CASE("without anything stored only the prompts' bytes are known") {
  Fixture f;
  const Estimate e = estimate_of(f, priced(10));
  CHECK(e.source == EstimateSource::unknown);
  CHECK(e.input_guessed);
  REQUIRE(e.input_tokens);
  CHECK(e.input_tokens->mean == Approx(10 * 14 / 4.0));  // "What is 0 + 0?"
  CHECK_FALSE(e.output_tokens);
  CHECK_FALSE(e.cost_usd);
}

TEST_CASE("stored attempts of the same model, task, strategy and limit are what to expect") {
  Fixture f;
  f.world.answer = [](const Request& r) {
    BackendReply reply = says(right(r));
    reply.responses[0].usage.input = 10;
    reply.responses[0].usage.output = 20 + static_cast<std::int64_t>(r.sample_key.size() % 2) * 10;
    return reply;
  };
  REQUIRE(f.run(priced(20)).state == "complete");
  const Estimate e = estimate_of(f, priced(20, 10));
  CHECK(e.source == EstimateSource::stored);
  CHECK(e.seen == 20);
  CHECK_FALSE(e.input_guessed);
  CHECK(e.input_tokens->mean == 2000);
  CHECK(e.output_tokens->mean == 200 * 25);
  CHECK(e.output_tokens->low < 200 * 25);
  CHECK(e.output_tokens->high > 200 * 25);
  REQUIRE(e.cost_usd);
  CHECK(e.cost_usd->mean == Approx(200 * (10e-6 + 25 * 2e-6)));

  Suite other = priced(20, 10);
  other.sampling.max_tokens = 40;
  CHECK(estimate_of(f, other).source == EstimateSource::unknown);
  other = priced(20, 10);
  other.strategy.kind = StrategyKind::self_consistency;
  CHECK(estimate_of(f, other).source == EstimateSource::unknown);
  other = priced(20, 10);
  other.models[0].price = {};
  CHECK(estimate_of(f, other).source == EstimateSource::stored);
  CHECK_FALSE(estimate_of(f, other).cost_usd);
}

}  // namespace
}  // namespace assay::test
