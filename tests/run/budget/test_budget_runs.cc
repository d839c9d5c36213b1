// Runs with limits: they stop before, say so, and go on with more.
#include "harness/base/clock.h"
#include "harness/run/budget/run_budget.h"
#include "harness/store/reservations.h"
#include "tests/run/engine_fixture.h"

namespace assay::test {
namespace {

constexpr std::int64_t kPico = 1'000'000;  // a dollar per million tokens

// 10 input tokens and 5 output tokens, of which at most 20 are allowed.
BackendReply small(const Request& r) {
  BackendReply reply = says(right(r));
  reply.responses[0].usage.input = 10;
  reply.responses[0].usage.output = 5;
  return reply;
}

// A request costs 30 at most and 15 as a rule (in millionths of a dollar).
Suite priced(std::uint64_t samples) {
  Suite s = suite_of(samples);
  s.models[0].price = {kPico, std::nullopt, std::nullopt, kPico};
  s.sampling.max_tokens = 20;
  s.models[0].max_connections = 4;
  return s;
}

bool mentions(const RunOutcome& out, const std::string& words) {
  for (const std::string& note : out.notes) {
    if (note.find(words) != std::string::npos) return true;
  }
  std::string all;
  for (const std::string& note : out.notes) all += note + "\n";
  UNSCOPED_INFO(all);
  return false;
}

std::int64_t spent(Fixture& f, const std::string& run_id) {
  std::int64_t sum = 0;
  const auto by_model = *f.store->spent(run_id);
  for (const ModelSpend& s : by_model) sum += s.cost_pico;
  return sum;
}

TEST_CASE("a run stops before its limit, is partial, and goes on with a larger one") {
  Fixture f;
  f.world.answer = small;
  f.options.budget.cost_pico = 200 * kPico;
  const RunOutcome first = f.run(priced(50));
  CHECK(first.state == "partial");
  CHECK(first.exit_code == 4);
  CHECK(mentions(first, "stopped by the budget"));
  CHECK(mentions(first, "--resume " + first.run_id));
  CHECK(spent(f, first.run_id) <= 200 * kPico);
  CHECK(spent(f, first.run_id) > 200 * kPico - 30 * kPico);
  CHECK(first.finished == static_cast<std::uint64_t>(spent(f, first.run_id) / (15 * kPico)));

  f.options.budget = {};  // the run keeps to what it began with
  const RunOutcome same = f.again(first.run_id);
  CHECK(same.finished == first.finished);
  CHECK(mentions(same, "stopped by the budget"));

  f.options.budget.cost_pico = 10'000 * kPico;
  const RunOutcome rest = f.again(first.run_id);
  CHECK(rest.state == "complete");
  CHECK(rest.exit_code == 0);
  CHECK(spent(f, first.run_id) == 50 * 15 * kPico);
  CHECK(f.store->check_integrity().ok());
}

TEST_CASE("tokens and each model by itself have limits too") {
  Fixture f;
  f.world.answer = small;
  f.options.budget.tokens = 100;
  CHECK(f.run(priced(50)).finished == 5);  // 5 x 15 + 30 > 100

  Suite two = priced(20);
  two.models.push_back(two.models[0]);
  two.models[1].name = "free";
  two.models[1].price = {0, std::nullopt, std::nullopt, 0};
  f.options.budget = {};
  f.options.budget.cost_pico_per_model = 100 * kPico;
  const RunOutcome out = f.run(two);
  CHECK(out.state == "partial");
  CHECK(out.finished == 20 + 5);
  CHECK(mentions(out, "model 'model'"));
}

TEST_CASE("a limit that cannot be kept is the user's mistake, before anything is written") {
  Fixture f;
  struct Row {
    std::function<void(Suite&)> change;
    BudgetLimits limits;
    const char* words;
  };
  BudgetLimits cost, tokens;
  cost.cost_pico = kPico;
  tokens.tokens = 10;
  const Row rows[] = {
      {[](Suite& s) { s.models[0].price = {}; }, cost, "price"},
      {[](Suite& s) { s.models[0].price.output.reset(); }, cost, "price"},
      {[](Suite& s) { s.sampling.max_tokens.reset(); }, cost, "max_tokens"},
      {[](Suite& s) { s.sampling.max_tokens.reset(); }, tokens, "max_tokens"},
  };
  for (const Row& row : rows) {
    Suite s = priced(3);
    row.change(s);
    f.options.budget = row.limits;
    auto out = execute(s, *f.store, f.world.plugins(), f.options, f.progress);
    REQUIRE_FALSE(out.ok());
    INFO(out.error().message);
    CHECK(out.error().code == Code::invalid);
    CHECK(out.error().message.find("model 'model'") != std::string::npos);
    CHECK(out.error().message.find(row.words) != std::string::npos);
  }
  CHECK(f.store->runs()->empty());
}

TEST_CASE("what may have been billed without a word is charged at its bound, and kept so") {
  Fixture f;
  std::atomic<int> n{0};
  f.world.answer = [&](const Request& r) {
    const int i = n++;
    if (i == 0) return fails(Code::unavailable);  // broke after it was sent
    if (i == 1) {
      BackendReply refused = fails(Code::exhausted, std::nullopt, 429);
      refused.error->may_be_billed = false;
      return refused;
    }
    BackendReply reply = small(r);
    if (i == 2) reply.responses[0].usage = {};
    return reply;
  };
  Suite s = priced(3);
  s.models[0].max_connections = 1;
  f.options.budget.cost_pico = 1000 * kPico;
  const RunOutcome out = f.run(s);
  CHECK(out.state == "complete");
  CHECK(spent(f, out.run_id) == (30 + 0 + 30 + 15 + 15) * kPico);
  const auto by_model = *f.store->spent(out.run_id);
  CHECK(by_model[0].tokens == 30 + 30 + 15 + 15);
  CHECK(by_model[0].unknown == 0);
}

TEST_CASE("a judge's requests count, under its own name") {
  Fixture f;
  f.world.scorers = {{"judge", Json::object()}};
  f.world.answer = small;
  f.world.second = [](const Request&) {
    BackendReply reply = says("yes");
    reply.responses[0].usage.input = 10;
    reply.responses[0].usage.output = 10;
    return reply;
  };
  Suite s = priced(4);
  s.models[0].sampling.max_tokens = 20;
  ModelEntry judge = s.models[0];
  judge.name = judge.model = "judge";
  judge.backend = "second";
  judge.price = {2 * kPico, std::nullopt, std::nullopt, 2 * kPico};
  s.models.push_back(judge);
  f.options.budget.cost_pico = 100'000 * kPico;
  const RunOutcome out = f.run(s);
  const auto by_model = *f.store->spent(out.run_id);
  REQUIRE(by_model.size() == 2);
  CHECK(by_model[0].model == "judge");
  CHECK(by_model[0].cost_pico == 40 * kPico * 12);  // of 4 attempts of `model`, and of 4 of its own twice
  CHECK(by_model[1].cost_pico == 15 * kPico * 4);
}

TEST_CASE("what a killed invocation had in flight counts when the run goes on") {
  Fixture f;
  f.world.answer = small;
  f.options.budget.cost_pico = 100 * kPico;
  const RunOutcome first = f.run(priced(50));
  CHECK(first.finished == 5);
  {
    auto book = Reservations::open(f.store->path());
    const auto rows = *(*book)->list("run " + first.run_id);
    REQUIRE(rows.size() == 1);
    CHECK_FALSE(rows[0].open);  // it ended in good order: nothing is unaccounted for
    CHECK(rows[0].cost_pico == 0);
    Reservation killed = rows[0];  // another invocation, as a kill leaves it
    killed.holder = new_ulid();
    killed.cost_pico = 60 * kPico;
    killed.tokens = 60;
    killed.open = true;
    REQUIRE((*book)->put(killed).ok());
  }
  f.options.budget.cost_pico = 200 * kPico;
  const RunOutcome second = f.again(first.run_id);
  CHECK(spent(f, first.run_id) + 60 * kPico <= 200 * kPico);
  CHECK(second.finished == 8);  // 8 x 15 + 60 + 30 > 200
}

TEST_CASE("runs share an envelope, one after the other") {
  Fixture f;
  f.world.answer = small;
  f.options.budget.envelope = f.dir.file("pr.yaml", "limit_usd: 0.000600\nperiod: none\n");
  const RunOutcome first = f.run(priced(30));
  CHECK(first.state == "complete");
  const RunOutcome second = f.run(priced(30));
  CHECK(second.state == "partial");
  CHECK(mentions(second, "envelope 'pr'"));
  CHECK(spent(f, first.run_id) + spent(f, second.run_id) <= 600 * kPico);
  CHECK(spent(f, second.run_id) >= (600 - 450 - 30) * kPico);
  auto book = Reservations::open(f.dir / "pr.db");
  std::int64_t sum = 0;
  const auto rows = *(*book)->list("pr");
  for (const Reservation& r : rows) {
    sum += r.cost_pico;
    CHECK_FALSE(r.open);
  }
  CHECK(sum == spent(f, first.run_id) + spent(f, second.run_id));
}

}  // namespace
}  // namespace assay::test
