#include "harness/run/session.h"

#include <algorithm>
#include <cstdlib>

#include "harness/base/format.h"
#include "harness/base/http.h"
#include "harness/base/utf8.h"
#include "harness/run/batch/batch_desk.h"
#include "harness/run/budget_desk.h"

namespace assay {
namespace {

constexpr double kLongestPauseS = 600;  // a server may ask for this much whatever the deadlines are
constexpr std::size_t kErrorsCounted = 256;  // different ones
constexpr std::size_t kErrorShown = 300;     // bytes

// Models with one key at one server share an account, and so do those at one server that asks for no key. What
// has neither is a model's own.
std::string account_of(const Model& model) {
  const std::string variable = api_key_variable(model.entry);
  const bool has_key = !variable.empty() && std::getenv(variable.c_str()) != nullptr;
  const auto origin = http_origin(model.entry.base_url);
  if (!origin && !has_key) return "model\n" + model.entry.name;
  return "server\n" + (origin ? *origin : model.entry.backend) + '\n' + (has_key ? variable : std::string());
}

std::string target_key(const std::string& task, const std::string& key) { return task + '\n' + key; }

}  // namespace

Session::Session(Store& store, const Plugins& plugins, const RunOptions& options)
    : store_(store),
      options_(options),
      programs_(plugins.programs),
      pool_(std::make_unique<Pool>(options.scoring_threads)),
      own_timer_(options.timer == nullptr ? make_timer() : nullptr),
      timer_(options.timer == nullptr ? own_timer_.get() : options.timer) {}

Session::~Session() {
  batches.clear();      // their threads end
  pool_->wait();        // the last tasks may still hold attempts
  work.models.clear();  // backends end with their last answer, gates with their timers
  pool_->wait();
}

Model* Session::model_named(const std::string& name) {
  for (const auto& m : work.models) {
    if (m->entry.name == name) return m.get();
  }
  return nullptr;
}

std::unique_ptr<Account> Session::open_account(const Model& model) {
  AccountOptions o;
  const auto origin = http_origin(model.entry.base_url);
  o.server = origin ? *origin : "model '" + printable(model.entry.name) + "'";
  o.breaker = options_.breaker;
  o.longest_pause_s = std::max(attempt_deadline_s, kLongestPauseS);
  const std::string key = account_of(model);
  o.on_down = [this, key](const std::string& why) { give_up(*accounts_.at(key), why); };
  return std::make_unique<Account>(std::move(o), timer(),
                                   [this](std::function<void()> f) { pool_->submit(std::move(f)); });
}

void Session::open_gate(Model& model) {
  GateOptions gate;
  gate.max_in_flight = model.max_connections;
  gate.rpm = model.entry.rpm;
  gate.tpm = model.entry.tpm;
  if (model.entry.machine_usd_per_hour) {
    const std::lock_guard lock(mutex_);
    model.meter = &meters_[model.entry.base_url];  // without an address: this machine
  }
  auto& account = accounts_[account_of(model)];
  if (!account) account = open_account(model);
  model.account = account.get();
  model.gate = std::make_unique<Gate>(gate, *account);
}

std::uint64_t Session::planned() const {
  std::uint64_t sum = 0;
  for (const auto& e : work.entries) sum += e->attempts();
  return sum;
}

void Session::add_targets(const std::string& task, const Sample& sample) {
  const std::lock_guard lock(mutex_);
  Targets& t = targets_[target_key(task, sample.key)];
  t.targets = sample.targets;
  ++t.uses;
}

void Session::drop_targets(const std::string& task, const Sample& sample) {
  const std::lock_guard lock(mutex_);
  const auto place = targets_.find(target_key(task, sample.key));
  if (place != targets_.end() && --place->second.uses == 0) targets_.erase(place);
}

std::vector<std::string> Session::targets(const std::string& task, const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto place = targets_.find(target_key(task, key));
  return place == targets_.end() ? std::vector<std::string>{} : place->second.targets;
}

void Session::stop() {
  if (stopping_.exchange(true)) return;
  if (desk) desk->budget().close();
  for (const auto& b : batches) b->stop();
  for (const auto& m : work.models) {
    if (m->gate) m->gate->close();
  }
  std::unordered_map<std::uint64_t, Wait> waits;
  {
    const std::lock_guard lock(mutex_);
    waits.swap(waits_);
  }
  for (auto& [id, wait] : waits) {
    timer_->cancel(wait.timer);
    pool_->submit([then = std::move(wait.then)] { then(true); });
  }
  wake();
}

void Session::fail(Error error) {
  {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(error);
  }
  stop();
}

std::optional<Error> Session::failure() {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void Session::give_up(const Account& account, const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    given_up_.push_back(why);
  }
  for (const auto& m : work.models) {
    if (m->account != &account) continue;
    m->given_up = true;
    m->gate->close();
  }
  wake();
}

void Session::give_up(Model& model, const std::string& why) {
  if (model.given_up.exchange(true)) return;
  {
    const std::lock_guard lock(mutex_);
    given_up_.push_back(why);
  }
  model.gate->close();
  wake();
}

std::vector<std::string> Session::given_up() {
  const std::lock_guard lock(mutex_);
  return given_up_;
}

std::string Session::waits() {
  std::string out;
  for (const auto& [key, account] : accounts_) {
    const std::string why = account->waits();
    if (!why.empty()) out += (out.empty() ? "" : "; ") + why;
  }
  for (const auto& b : batches) {
    const std::string status = b->status();
    if (!status.empty()) out += (out.empty() ? "" : "; ") + status;
  }
  return out;
}

void Session::brake(std::string why) {
  {
    const std::lock_guard lock(mutex_);
    if (braked_.empty()) braked_ = std::move(why);
  }
  stop();
}

std::string Session::braked() {
  const std::lock_guard lock(mutex_);
  return braked_;
}

void Session::count_error(const std::string& message) {
  const std::string shown = printable(truncate_utf8(message, kErrorShown));
  const std::lock_guard lock(mutex_);
  const auto known = errors_.find(shown);
  if (known != errors_.end())
    ++known->second;
  else if (errors_.size() < kErrorsCounted)
    errors_.emplace(shown, 1);
}

std::string Session::commonest_error() {
  const std::lock_guard lock(mutex_);
  const auto most = std::max_element(errors_.begin(), errors_.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == errors_.end() ? std::string() : format("{} x {}", most->second, most->first);
}

void Session::wait_until(Timer::Clock::time_point when, std::function<void(bool)> then) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      const std::uint64_t id = ++last_wait_;
      Wait& wait = waits_[id];
      wait.then = std::move(then);
      // The callback takes the lock, so it cannot pass this point before the id is kept.
      wait.timer = timer_->at(when, [this, id] {
        std::function<void(bool)> due;
        {
          const std::lock_guard inner(mutex_);
          const auto place = waits_.find(id);
          if (place == waits_.end()) return;  // stopped meanwhile
          due = std::move(place->second.then);
          waits_.erase(place);
        }
        pool_->submit([due = std::move(due)] { due(false); });
      });
      return;
    }
  }
  pool_->submit([then = std::move(then)] { then(true); });
}

void Session::sent(RequestId id, Backend& backend) {
  const std::lock_guard lock(mutex_);
  sent_[id] = &backend;
}

void Session::returned(RequestId id) {
  const std::lock_guard lock(mutex_);
  sent_.erase(id);
}

void Session::cancel_all() {
  std::unordered_map<RequestId, Backend*> sent;
  {
    const std::lock_guard lock(mutex_);
    sent = sent_;
  }
  for (const auto& [id, backend] : sent) backend->cancel(id);
}

void Session::wake() {
  const std::lock_guard lock(mutex_);
  wake_ = true;
  woken_.notify_one();
}

void Session::sleep(Timer::Clock::duration at_most) {
  std::unique_lock lock(mutex_);
  woken_.wait_for(lock, at_most, [this] { return wake_; });
  wake_ = false;
}

void Session::ended(Entry& entry, std::uint64_t index, std::optional<Outcome> outcome) {
  const std::lock_guard lock(mutex_);
  if (outcome) {
    if (!entry.failed.empty() && entry.failed[index]) {
      --entry.outcomes[static_cast<std::size_t>(Outcome::error)];
      entry.failed[index] = false;
    }
    ++entry.outcomes[static_cast<std::size_t>(*outcome)];
  }
  --live_;
  wake_ = true;
  woken_.notify_one();
}

std::array<std::uint64_t, kOutcomeCount + 1> Session::outcomes() {
  std::array<std::uint64_t, kOutcomeCount + 1> sum{};
  const std::lock_guard lock(mutex_);
  for (const auto& e : work.entries) {
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += e->outcomes[i];
  }
  return sum;
}

std::array<std::uint64_t, kOutcomeCount + 1> Session::outcomes(const Entry& entry) {
  const std::lock_guard lock(mutex_);
  return entry.outcomes;
}

std::uint64_t Session::in_flight() {
  const std::lock_guard lock(mutex_);
  return sent_.size();
}

}  // namespace assay
