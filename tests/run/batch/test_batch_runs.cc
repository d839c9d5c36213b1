// Runs by a batch endpoint that outlives the process: nothing is lost, nothing is handed in twice.
#include <thread>

#include "harness/api/batch.h"
#include "harness/store/batches.h"
#include "tests/run/engine_fixture.h"

namespace assay::test {
namespace {

// A provider, with what it keeps while its clients come and go.
struct Provider {
  struct Kept {
    BatchStatus status;
    std::vector<BatchItem> items;
    int looks = 0;
  };
  std::mutex mutex;
  std::vector<Kept> batches;
  std::map<std::string, int> asked;  // how often each item was handed in
  int ready_after = 1;               // looks until a batch has ended
  bool lose_answers = false;         // of submit(): the batch is there, and the client hears of an error
  bool refuse = false;               // nothing arrives
  std::function<bool(const BatchItem&)> drops = [](const BatchItem&) { return false; };
  std::uint64_t max_items = 100;
};

class FakeBatches final : public BatchBackend {
 public:
  explicit FakeBatches(std::shared_ptr<Provider> p) : p_(std::move(p)) {}
  BatchLimits limits() const override { return {p_->max_items, 1 << 20}; }
  Result<BatchStatus> submit(const std::string& tag, std::span<const BatchItem> items) override {
    const std::lock_guard lock(p_->mutex);
    if (p_->refuse) return Error{Code::unavailable, "connection refused"};
    Provider::Kept kept;
    kept.status.batch_id = format("batch_{}", p_->batches.size());
    kept.status.tag = tag;
    kept.status.total = items.size();
    kept.items.assign(items.begin(), items.end());
    for (const BatchItem& i : items) ++p_->asked[i.request.sample_key];
    p_->batches.push_back(kept);
    if (p_->lose_answers) return Error{Code::unavailable, "connection lost"};
    return kept.status;
  }
  Result<BatchStatus> poll(const std::string& id) override {
    const std::lock_guard lock(p_->mutex);
    for (auto& b : p_->batches) {
      if (b.status.batch_id != id) continue;
      if (++b.looks >= p_->ready_after) b.status.state = BatchState::ended;
      return b.status;
    }
    return invalid("no such batch");
  }
  Result<std::vector<BatchStatus>> list() override {
    const std::lock_guard lock(p_->mutex);
    std::vector<BatchStatus> out;
    for (const auto& b : p_->batches) out.insert(out.begin(), b.status);
    return out;
  }
  Result<void> collect(const std::string& id, const Each& each) override {
    std::vector<BatchItem> items;
    {
      const std::lock_guard lock(p_->mutex);
      for (const auto& b : p_->batches) {
        if (b.status.batch_id == id) items = b.items;
      }
    }
    for (auto i = items.rbegin(); i != items.rend(); ++i) {
      if (!p_->drops(*i)) each(i->custom_id, says(right(i->request)));
    }
    return {};
  }
  Result<void> cancel(const std::string&) override { return {}; }

 private:
  std::shared_ptr<Provider> p_;
};

class BatchFake final : public Backend {
 public:
  explicit BatchFake(std::shared_ptr<Provider> p) : batches_(std::move(p)) {}
  BackendInfo describe() const override {
    BackendInfo i;
    i.id = "fake";
    i.max_choices = 8;
    return i;
  }
  TokenBound bound(const Request& r) const override { return {200, r.sampling.max_tokens}; }
  void submit(Request, Done done) override { done(fails(Code::invalid)); }
  void cancel(RequestId) override {}
  BatchBackend* batches() override { return &batches_; }

 private:
  FakeBatches batches_;
};

struct BatchFixture : Fixture {
  std::shared_ptr<Provider> provider = std::make_shared<Provider>();
  BatchFixture() {
    options.batch = true;
    options.batch_poll_s = 0.02;
  }
  Plugins plugins() {
    Plugins p = world.plugins();
    p.backend = [provider = provider](const std::string&, const BackendOptions&) -> Result<std::unique_ptr<Backend>> {
      return std::unique_ptr<Backend>(std::make_unique<BatchFake>(provider));
    };
    return p;
  }
  RunOutcome begin(const Suite& s) {
    auto out = execute(s, *store, plugins(), options, progress);
    if (!out) FAIL(out.error().message);
    return *out;
  }
  RunOutcome go_on(const std::string& id) {
    auto out = resume(id, *store, plugins(), options, progress);
    if (!out) FAIL(out.error().message);
    return *out;
  }
  // Every sample was handed in `times` times.
  void check_asked(std::size_t samples, int times) {
    CHECK(provider->asked.size() == samples);
    for (const auto& [key, n] : provider->asked) {
      INFO(key);
      CHECK(n == times);
    }
  }
  std::size_t left(const std::string& run_id) {
    auto book = Batches::open(store->path());
    REQUIRE(book.ok());
    return (*book)->open_ones(run_id, "")->size();
  }
};

TEST_CASE("a run by batches respects their limits, is priced at their rate and says which batch answered") {
  BatchFixture f;
  f.provider->max_items = 8;
  Suite s = suite_of(20);
  const RunOutcome out = f.begin(s);
  CHECK(out.state == "complete");
  CHECK(count(out, Outcome::correct) == 20);
  CHECK(f.provider->batches.size() == 3);
  f.check_asked(20, 1);
  const auto detail = *f.store->attempts({}, "sum-3");
  REQUIRE(detail.size() == 1);
  CHECK(detail[0].calls[0].call.batch_id.rfind("batch_", 0) == 0);
  CHECK(f.left(out.run_id) == 0);
  CHECK(f.store->check_integrity().ok());
}

TEST_CASE("an item without an answer goes into the next batch") {
  BatchFixture f;
  std::atomic<int> n{0};
  f.provider->drops = [&](const BatchItem& i) { return i.request.sample_key == "sum-1" && n++ < 1; };
  const RunOutcome out = f.begin(suite_of(5));
  CHECK(out.state == "complete");
  CHECK(count(out, Outcome::correct) == 5);
  CHECK(f.provider->batches.size() == 2);
  CHECK(f.provider->asked["sum-1"] == 2);
  CHECK(f.provider->asked["sum-2"] == 1);
}

TEST_CASE("an interrupted run leaves its batch with the provider, and the resume collects it") {
  BatchFixture f;
  f.provider->ready_after = 1'000'000;
  f.options.stop_requested = [&] {
    const std::lock_guard lock(f.provider->mutex);
    return !f.provider->batches.empty() && f.provider->batches[0].looks > 1;
  };
  const RunOutcome out = f.begin(suite_of(12));
  CHECK(out.exit_code == 130);
  CHECK(out.finished == 0);
  CHECK(f.left(out.run_id) == 1);
  bool told = false;
  for (const std::string& note : out.notes) told |= note.find("12 requests are with their provider") != std::string::npos;
  CHECK(told);
  f.options.stop_requested = nullptr;
  f.options.batch = false;  // what is out is collected all the same
  f.provider->ready_after = 0;
  const RunOutcome rest = f.go_on(out.run_id);
  CHECK(rest.state == "complete");
  CHECK(count(rest, Outcome::correct) == 12);
  f.check_asked(12, 1);
  CHECK(f.left(out.run_id) == 0);
}

TEST_CASE("a batch that arrived without our hearing of it is found by its tag, not handed in again") {
  BatchFixture f;
  f.provider->lose_answers = true;
  const RunOutcome out = f.begin(suite_of(6));
  CHECK(out.state == "complete");
  CHECK(f.provider->batches.size() == 1);
  f.check_asked(6, 1);
}

struct CrashRow {
  const char* what;
  bool arrived;  // at the provider
  int handed_in;
};

TEST_CASE("a crash between writing a batch down and hearing of it loses and doubles nothing") {
  for (const CrashRow row : {CrashRow{"before it was handed in", false, 1}, CrashRow{"after it was handed in", true, 1}}) {
    INFO(row.what);
    BatchFixture f;
    f.provider->ready_after = 1'000'000;
    f.options.stop_requested = [&] {
      const std::lock_guard lock(f.provider->mutex);
      return !f.provider->batches.empty();
    };
    const RunOutcome out = f.begin(suite_of(6));
    CHECK(out.finished == 0);
    {  // as the crash left it: the row knows no id
      auto book = Batches::open(f.store->path());
      auto open = *(*book)->open_ones(out.run_id, "");
      REQUIRE(open.size() == 1);
      open[0].batch_id = "";
      open[0].state = KeptBatchState::prepared;
      open[0].submitted = 0;
      REQUIRE((*book)->set(open[0]).ok());
    }
    if (!row.arrived) {
      f.provider->batches.clear();
      f.provider->asked.clear();
    }
    f.options.stop_requested = nullptr;
    f.provider->ready_after = 0;
    const RunOutcome rest = f.go_on(out.run_id);
    CHECK(rest.state == "complete");
    CHECK(count(rest, Outcome::correct) == 6);
    f.check_asked(6, row.handed_in);
    CHECK(f.left(out.run_id) == 0);
  }
}

TEST_CASE("a backend without a batch endpoint is the user's mistake") {
  Fixture f;
  f.options.batch = true;
  auto out = execute(suite_of(2), *f.store, f.world.plugins(), f.options, f.progress);
  REQUIRE_FALSE(out.ok());
  CHECK(out.error().code == Code::invalid);
  CHECK(out.error().message.find("no batch endpoint") != std::string::npos);
}

}  // namespace
}  // namespace assay::test
