// A budget lets through what fits in the worst case, makes the rest wait, and says when it is spent.
#include <algorithm>
#include <map>
#include <vector>

#include "harness/base/rng.h"
#include "harness/run/budget/run_budget.h"
#include "tests/support/catch.h"

namespace assay {
namespace {

using Answer = Budget::Answer;

// Runs what the budget posts once it is asked to, on this thread.
struct Posted {
  std::vector<std::function<void()>> calls;
  Budget::Executor executor() {
    return [this](std::function<void()> f) { calls.push_back(std::move(f)); };
  }
  void run() {
    while (!calls.empty()) {
      auto now = std::move(calls);
      calls.clear();
      for (auto& f : now) f();
    }
  }
};

struct Asked {
  std::optional<Answer> answer;
  Budget::Hold hold = 0;
};

struct Desk {
  Posted posted;
  std::unique_ptr<RunBudget> budget;
  std::vector<std::unique_ptr<Asked>> asked;

  explicit Desk(BudgetSetup setup) {
    setup.executor = posted.executor();
    budget = RunBudget::make(std::move(setup));
  }
  Asked& ask(const std::string& model, std::int64_t cost, std::int64_t tokens = 1) {
    asked.push_back(std::make_unique<Asked>());
    Asked* a = asked.back().get();
    budget->reserve(model, {tokens, cost}, [a](Answer answer, Budget::Hold hold) {
      a->answer = answer;
      a->hold = hold;
    });
    CHECK_FALSE(a->answer);  // never from within reserve()
    posted.run();
    return *a;
  }
  void settle(const Asked& a, Spend actual) {
    budget->settle(a.hold, actual);
    posted.run();
  }
};

BudgetSetup cost_limit(std::int64_t pico) {
  BudgetSetup s;
  s.limits.cost_pico = pico;
  return s;
}

TEST_CASE("what does not fit beside what is in flight waits, and goes when there is room") {
  Desk d(cost_limit(100));
  Asked& a = d.ask("m", 60);
  Asked& b = d.ask("m", 60);
  CHECK(a.answer == Answer::granted);
  CHECK_FALSE(b.answer);
  d.settle(a, {1, 30});
  CHECK(b.answer == Answer::granted);
  d.settle(b, {1, 60});
  CHECK(d.ask("m", 20).answer == Answer::spent);
  CHECK(d.budget->why().find("next request may cost") != std::string::npos);
  CHECK(d.ask("m", 10).answer == Answer::granted);
  CHECK(d.budget->used().cost_pico == 90);
}

TEST_CASE("what is not known of an answer is charged at the bound, and a refused request at nothing") {
  Desk d(cost_limit(100));
  Asked& a = d.ask("m", 50);
  d.settle(a, {std::nullopt, std::nullopt});
  Asked& b = d.ask("m", 50);
  CHECK(b.answer == Answer::granted);
  d.budget->release(b.hold);
  d.posted.run();
  CHECK(d.ask("m", 50).answer == Answer::granted);
  CHECK(d.ask("m", 51).answer == Answer::spent);
  CHECK(d.budget->used().cost_pico == 50);
}

TEST_CASE("one model's limit stops that model alone") {
  BudgetSetup s;
  s.limits.cost_pico_per_model = 100;
  Desk d(std::move(s));
  Asked& a = d.ask("a", 80);
  Asked& waits = d.ask("a", 80);
  Asked& waits_too = d.ask("a", 10);  // not before the one that came first
  CHECK(d.ask("b", 80).answer == Answer::granted);
  CHECK_FALSE(waits.answer);
  CHECK_FALSE(waits_too.answer);
  d.settle(a, {1, 70});
  CHECK(waits.answer == Answer::model_spent);
  CHECK(waits_too.answer == Answer::granted);
  CHECK(d.budget->why("a").find("model 'a'") != std::string::npos);
  CHECK(d.budget->why("b").empty());
  CHECK(d.budget->why().empty());
}

TEST_CASE("tokens have a limit of their own, and earlier invocations count") {
  BudgetSetup s;
  s.limits.tokens = 1000;
  s.before["m"] = {900, 5};
  Desk d(std::move(s));
  CHECK(d.ask("m", 1, 101).answer == Answer::spent);
  CHECK(d.ask("m", 1, 100).answer == Answer::granted);
}

TEST_CASE("a worst case that is not known never fits") {
  Desk d(cost_limit(100));
  std::optional<Answer> answer;
  d.budget->reserve("m", {5, std::nullopt}, [&](Answer a, Budget::Hold) { answer = a; });
  d.posted.run();
  CHECK(answer == Answer::model_spent);
}

TEST_CASE("who waits is told when the run stops") {
  Desk d(cost_limit(100));
  d.ask("m", 100);
  Asked& waits = d.ask("m", 100);
  d.budget->close();
  d.posted.run();
  CHECK(waits.answer == Answer::closed);
  CHECK(d.ask("m", 0).answer == Answer::closed);
}

TEST_CASE("the ceiling of what is in flight is written before it is reached, and seldom") {
  BudgetSetup s = cost_limit(1'000'000);
  std::map<std::string, Spend> written;
  int writes = 0;
  s.raise = [&](const std::string& model, Spend ceiling) -> Result<void> {
    written[model] = ceiling;
    ++writes;
    return {};
  };
  Desk d(std::move(s));
  std::vector<Asked*> flying;
  for (int i = 0; i < 1000; ++i) {
    flying.push_back(&d.ask("m", 100, 10));
    REQUIRE(flying.back()->answer == Answer::granted);
    CHECK(*written["m"].cost_pico >= static_cast<std::int64_t>(flying.size()) * 100);
    CHECK(*written["m"].tokens >= static_cast<std::int64_t>(flying.size()) * 10);
  }
  CHECK(writes < 30);
  const int before = writes;
  for (Asked* a : flying) d.settle(*a, {1, 1});
  d.ask("m", 100, 10);
  CHECK(writes == before);
}

TEST_CASE("a ceiling that cannot be written lets nothing through") {
  BudgetSetup s = cost_limit(1000);
  std::optional<Error> failed;
  s.raise = [](const std::string&, Spend) -> Result<void> { return Error{Code::unavailable, "locked"}; };
  s.failed = [&](Error e) { failed = std::move(e); };
  Desk d(std::move(s));
  CHECK(d.ask("m", 1).answer == Answer::closed);
  REQUIRE(failed);
  CHECK(failed->message == "locked");
}

TEST_CASE("an envelope is drawn on in pieces and never beyond what it gives") {
  BudgetSetup s;
  std::int64_t left = 10'000;
  int claims = 0;
  s.envelope_pico = 10'000;
  s.envelope_name = "envelope 'ci'";
  s.claim = [&](std::int64_t need, std::int64_t wish) -> Result<std::int64_t> {
    ++claims;
    if (left < need) return std::int64_t{0};
    const std::int64_t got = std::min(left, wish);
    left -= got;
    return got;
  };
  Desk d(std::move(s));
  std::int64_t spent = 0;
  int granted = 0;
  while (true) {
    Asked& a = d.ask("m", 4);
    if (a.answer != Answer::granted) {
      CHECK(a.answer == Answer::spent);
      break;
    }
    ++granted;
    d.settle(a, {1, 3});
    spent += 3;
  }
  CHECK(spent <= 10'000);
  CHECK(spent > 10'000 - 2 * 10'000 / 256);
  CHECK(claims < granted);
  CHECK(d.budget->why().find("envelope 'ci'") != std::string::npos);
}

TEST_CASE("no order of random requests ever exceeds a limit in the worst case") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Rng rng(seed);
    const std::int64_t limit = rng.uniform(1'000, 100'000);
    BudgetSetup s = cost_limit(limit);
    s.limits.cost_pico_per_model = limit / 2;
    Desk d(std::move(s));
    std::int64_t server = 0;  // what it might bill for all that was ever let through, in the worst case of the moment
    std::map<std::string, std::int64_t> of_model;
    struct Flying {
      Asked* asked;
      std::string model;
      std::int64_t worst;
    };
    std::vector<Flying> waiting, flying;
    std::int64_t worst_in_flight = 0;
    for (int step = 0; step < 400; ++step) {
      const std::string model = rng.chance(0.5) ? "a" : "b";
      const std::int64_t worst = rng.uniform(1, limit / 20 + 1);
      waiting.push_back({&d.ask(model, worst), model, worst});
      for (std::size_t i = 0; i < waiting.size();) {
        if (!waiting[i].asked->answer) {
          ++i;
          continue;
        }
        if (waiting[i].asked->answer == Answer::granted) {
          flying.push_back(waiting[i]);
          worst_in_flight += waiting[i].worst;
        }
        waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(i));
      }
      REQUIRE(server + worst_in_flight <= limit);
      while (!flying.empty() && rng.chance(0.4)) {
        const std::size_t i = static_cast<std::size_t>(rng.uniform(0, static_cast<std::int64_t>(flying.size()) - 1));
        const Flying f = flying[i];
        flying.erase(flying.begin() + static_cast<std::ptrdiff_t>(i));
        worst_in_flight -= f.worst;
        const std::int64_t billed = rng.uniform(0, f.worst);
        const double kind = rng.unit();
        std::int64_t counted = billed;
        if (kind < 0.2) {
          counted = f.worst;  // billed, but nobody said what
          d.settle(*f.asked, {std::nullopt, std::nullopt});
        } else if (kind < 0.4) {
          counted = 0;
          d.budget->release(f.asked->hold);
          d.posted.run();
        } else {
          d.settle(*f.asked, {1, billed});
        }
        server += counted;
        of_model[f.model] += counted;
        REQUIRE(of_model[f.model] <= limit / 2);
      }
    }
    CHECK(d.budget->used().cost_pico == server);
  }
}

}  // namespace
}  // namespace assay
