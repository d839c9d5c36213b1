#include "harness/run/budget/run_budget.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>

#include "harness/base/format.h"
#include "harness/base/units.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

constexpr std::int64_t kPieces = 256;  // of an envelope; what a process may hold unused at its end

std::int64_t sum(std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  return __builtin_add_overflow(a, b, &out) ? INT64_MAX : out;
}

struct Amount {  // of one model or of all
  std::int64_t used = 0;
  std::int64_t held = 0;
};

enum class Fit : std::uint8_t { yes, later, never };

Fit fit(const Amount& a, std::int64_t worst, const std::optional<std::int64_t>& limit) {
  if (!limit) return Fit::yes;
  if (sum(a.used, worst) > *limit) return Fit::never;
  return sum(sum(a.used, a.held), worst) > *limit ? Fit::later : Fit::yes;
}

class TheBudget final : public RunBudget {
 public:
  explicit TheBudget(BudgetSetup setup) : setup_(std::move(setup)) {
    for (const auto& [name, spend] : setup_.before) {
      models_[name].cost.used = spend.cost_pico.value_or(0);
      cost_.used = sum(cost_.used, spend.cost_pico.value_or(0));
      tokens_.used = sum(tokens_.used, spend.tokens.value_or(0));
    }
  }

  void reserve(const std::string& model, Spend worst, Go go) override {
    std::vector<std::function<void()>> calls;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      queue_.push_back({model, worst, std::move(go)});
      calls = pump();
    }
    run(calls);
  }

  void settle(Hold id, Spend actual) override { end(id, [&](const Held& h) {
    return Spend{actual.tokens ? actual.tokens : h.worst.tokens, actual.cost_pico ? actual.cost_pico : h.worst.cost_pico};
  }); }

  void release(Hold id) override { end(id, [](const Held&) { return Spend{0, 0}; }); }

  void close() override {
    std::vector<std::function<void()>> calls;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      closed_ = true;
      calls = pump();
    }
    run(calls);
  }

  std::string why() const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return why_;
  }
  std::string why(const std::string& model) const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = models_.find(model);
    return found == models_.end() ? std::string() : found->second.why;
  }
  BudgetUse used() const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return here_;
  }

 private:
  struct PerModel {
    Amount cost;
    std::int64_t tokens_held = 0;
    Spend ceiling{0, 0};  // that is written down
    std::string why;
  };
  struct Waiting {
    std::string model;
    Spend worst;
    Go go;
  };
  struct Held {
    std::string model;
    Spend worst;
  };

  void run(std::vector<std::function<void()>>& calls) {
    for (auto& call : calls) setup_.executor(std::move(call));
  }

  template <typename Actual>
  void end(Hold id, Actual actual) {
    std::vector<std::function<void()>> calls;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      const auto found = holds_.find(id);
      if (found == holds_.end()) return;
      const Held held = std::move(found->second);
      holds_.erase(found);
      const Spend took = actual(held);
      const std::int64_t cost = std::max<std::int64_t>(took.cost_pico.value_or(0), 0);
      const std::int64_t tokens = std::max<std::int64_t>(took.tokens.value_or(0), 0);
      PerModel& m = models_[held.model];
      for (Amount* a : {&m.cost, &cost_}) {
        a->held -= held.worst.cost_pico.value_or(0);
        a->used = sum(a->used, cost);
      }
      m.tokens_held -= held.worst.tokens.value_or(0);
      tokens_.held -= held.worst.tokens.value_or(0);
      tokens_.used = sum(tokens_.used, tokens);
      here_.cost_pico = sum(here_.cost_pico, cost);
      here_.tokens = sum(here_.tokens, tokens);
      calls = pump();
    }
    run(calls);
  }

  // First come, first served, so that a large request does not wait for ever; but who waits for his model alone
  // holds nobody of another up. REQUIRES: the lock.
  std::vector<std::function<void()>> pump() {
    std::vector<std::function<void()>> calls;
    std::set<std::string> waits;  // models whose first request waits
    for (std::size_t i = 0; i < queue_.size();) {
      Waiting& w = queue_[i];
      bool all_wait = false;
      std::optional<Answer> answer;
      if (closed_)
        answer = Answer::closed;
      else if (waits.count(w.model) == 0)
        answer = judge(w, all_wait);
      if (all_wait) break;
      if (!answer) {
        waits.insert(w.model);
        ++i;
        continue;
      }
      const Hold hold = *answer == Answer::granted ? take(w) : 0;
      calls.push_back([go = std::move(w.go), answer = *answer, hold] { go(answer, hold); });
      queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return calls;
  }

  // nullopt: it waits.
  std::optional<Answer> judge(const Waiting& w, bool& all_wait) {
    const BudgetLimits& l = setup_.limits;
    PerModel& m = models_[w.model];
    const bool by_cost = l.cost_pico || l.cost_pico_per_model || setup_.claim;
    if ((by_cost && !w.worst.cost_pico) || (l.tokens && !w.worst.tokens)) {
      m.why = format("stopped: what a request to model '{}' may take at most is not known", printable(w.model));
      return Answer::model_spent;
    }
    const std::int64_t cost = w.worst.cost_pico.value_or(0);
    const std::int64_t tokens = w.worst.tokens.value_or(0);
    const Fit mine = fit(m.cost, cost, l.cost_pico_per_model);
    if (mine == Fit::never) {
      m.why = format("stopped by the budget: of {} USD for model '{}' {} USD are spent, and its next request may cost {} USD; "
                     "a larger --max-cost-per-model goes on",
                     usd_exact(*l.cost_pico_per_model), printable(w.model), usd_text(m.cost.used), usd_text(cost));
      return Answer::model_spent;
    }
    const Fit money = fit(cost_, cost, l.cost_pico);
    if (money == Fit::never) {
      why_ = format("stopped by the budget: of {} USD {} USD are spent, and the next request may cost {} USD; "
                    "a larger --max-cost goes on",
                    usd_exact(*l.cost_pico), usd_text(cost_.used), usd_text(cost));
      return Answer::spent;
    }
    const Fit words = fit(tokens_, tokens, l.tokens);
    if (words == Fit::never) {
      why_ = format("stopped by the budget: of {} tokens {} are spent, and the next request may take {}; "
                    "a larger --max-tokens-total goes on", *l.tokens,
                    tokens_.used, tokens);
      return Answer::spent;
    }
    if (money == Fit::later || words == Fit::later) {
      all_wait = true;
      return std::nullopt;
    }
    if (mine == Fit::later) return std::nullopt;
    return draw(w, all_wait);
  }

  // From the envelope, and the ceiling.
  std::optional<Answer> draw(const Waiting& w, bool& all_wait) {
    if (broken_) return Answer::closed;
    const std::int64_t cost = w.worst.cost_pico.value_or(0);
    if (setup_.claim) {
      const std::int64_t need = sum(sum(here_.cost_pico, cost_.held), cost) - claimed_;
      if (need > 0) {
        auto got = setup_.claim(need, std::max(need, setup_.envelope_pico / kPieces));
        if (!got) return broke(got.error());
        claimed_ += *got;
        if (*got < need) {
          if (!holds_.empty()) {
            all_wait = true;
            return std::nullopt;
          }
          why_ = format("stopped by the budget: {} has no {} USD left, which the next request may cost; this run has spent {} USD",
                        setup_.envelope_name, usd_text(cost), usd_text(here_.cost_pico));
          return Answer::spent;
        }
      }
    }
    if (auto raised = raise(w); !raised) return broke(raised.error());
    return Answer::granted;
  }

  Answer broke(const Error& error) {
    broken_ = true;
    if (setup_.failed) setup_.failed(error);
    return Answer::closed;
  }

  Result<void> raise(const Waiting& w) {
    if (!setup_.raise) return {};
    PerModel& m = models_[w.model];
    const Spend want{sum(m.tokens_held, w.worst.tokens.value_or(0)), sum(m.cost.held, w.worst.cost_pico.value_or(0))};
    if (*want.tokens <= *m.ceiling.tokens && *want.cost_pico <= *m.ceiling.cost_pico) return {};
    const auto raised = [](std::int64_t now, std::int64_t want) { return want <= now ? now : std::max(want, sum(now, now / 2)); };
    Spend next{raised(*m.ceiling.tokens, *want.tokens), raised(*m.ceiling.cost_pico, *want.cost_pico)};
    auto written = setup_.raise(w.model, next);
    if (written) m.ceiling = next;
    return written;
  }

  Hold take(const Waiting& w) {
    PerModel& m = models_[w.model];
    m.cost.held += w.worst.cost_pico.value_or(0);
    cost_.held += w.worst.cost_pico.value_or(0);
    m.tokens_held += w.worst.tokens.value_or(0);
    tokens_.held += w.worst.tokens.value_or(0);
    const Hold id = ++last_;
    holds_[id] = {w.model, w.worst};
    return id;
  }

  const BudgetSetup setup_;
  mutable std::mutex mutex_;  // guards all below
  std::deque<Waiting> queue_;
  std::unordered_map<Hold, Held> holds_;
  std::map<std::string, PerModel> models_;
  Amount cost_, tokens_;
  BudgetUse here_;
  std::int64_t claimed_ = 0;
  Hold last_ = 0;
  bool closed_ = false;
  bool broken_ = false;
  std::string why_;
};

}  // namespace

std::unique_ptr<RunBudget> RunBudget::make(BudgetSetup setup) { return std::make_unique<TheBudget>(std::move(setup)); }

}  // namespace assay
