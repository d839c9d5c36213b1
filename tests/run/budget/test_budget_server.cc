// A budget by somebody else's account: the mock server's, which counts what it gave, cut or lost.
#include <chrono>
#include <thread>

#include "backends/remote/openai.h"
#include "harness/base/rng.h"
#include "harness/mock/server.h"
#include "tests/run/engine_fixture.h"

namespace assay::test {
namespace {

constexpr std::int64_t kInputPrice = 1'000'000;
constexpr std::int64_t kOutputPrice = 4'000'000;

class Running {
 public:
  explicit Running(mock::MockOptions options) : server_(std::move(options)) {
    if (auto ok = server_.start(); !ok) FAIL(ok.error().message);
    thread_ = std::thread([this] { server_.run(); });
  }
  ~Running() { stop(); }
  std::string base_url() const { return server_.url() + "/v1"; }
  Json stop() {
    if (thread_.joinable()) {
      server_.stop();
      thread_.join();
    }
    return server_.ledger();
  }

 private:
  mock::MockServer server_;
  std::thread thread_;
};

// What the server would bill: every answer it made, whether or not it arrived.
std::int64_t billed_pico(const Json& ledger, std::string* counts) {
  std::int64_t sum = 0;
  for (const char* end : {"complete", "broken", "cut", "unanswered"}) {
    const Json* one = json_find(ledger, end);
    if (one == nullptr) continue;
    const std::int64_t input = json_int(*one, "input_tokens").value_or(0);
    const std::int64_t output = json_int(*one, "output_tokens").value_or(0);
    sum += input * kInputPrice + output * kOutputPrice;
    *counts += format("{} {}/{} ", end, input, output);
  }
  return sum;
}

Result<RunOutcome> run_against(const std::string& base_url, Fixture& f, Rng& rng, std::int64_t limit) {
  Suite s = suite_of(60, "openai");
  ModelEntry& m = s.models[0];
  m.base_url = base_url;
  m.price = {kInputPrice, std::nullopt, std::nullopt, kOutputPrice};
  m.max_connections = static_cast<std::uint32_t>(rng.uniform(1, 24));
  m.timeout_s = 1;
  m.options = {{"stream", rng.chance(0.5)}};
  s.sampling.max_tokens = rng.uniform(8, 200);
  s.epochs = 2;
  s.seed = static_cast<std::uint64_t>(rng.uniform(0, 1'000'000));
  f.options.budget.cost_pico = limit;
  f.options.retry.max_tries = 3;
  f.options.grace_s = 1;
  f.options.stop_requested = [began = std::chrono::steady_clock::now()] {
    return std::chrono::steady_clock::now() > began + std::chrono::seconds(20);
  };
  Plugins plugins = f.world.plugins();
  plugins.backend = [](const std::string&, const BackendOptions& o) { return make_openai(o); };
  return execute(s, *f.store, plugins, f.options, f.progress);
}

TEST_CASE("50 random runs never cost more than their limit by the server's own account", "[slow]") {
  int stopped = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Rng rng(seed);
    mock::MockOptions o;
    o.seed = seed;
    o.tokens = *mock::Distribution::parse("1..150", "tokens");
    o.retry_after_s = 0.001;
    const char* kFaults[] = {"reset-before-body", "reset-mid-body", "close-mid-body", "length-too-long", "invalid-json",
                             "invalid-utf8",      "missing-usage",  "truncated",      "empty-content",   "error-in-stream",
                             "429-fraction",      "500",            "503",            "length-too-short"};
    for (const char* name : kFaults) {
      const mock::Fault* fault = mock::find_fault(name);
      REQUIRE(fault != nullptr);
      o.faults.push_back({fault, 0.2 / static_cast<double>(std::size(kFaults))});
    }
    Running server(o);
    Fixture f;
    const std::int64_t limit = rng.uniform(1'000, 60'000) * 1'000'000;
    auto out = run_against(server.base_url(), f, rng, limit);
    if (!out) FAIL(out.error().message);
    INFO("in flight " << f.progress.last.in_flight << " waits " << f.progress.last.waits << " done " << f.progress.last.done);
    REQUIRE_FALSE(out->interrupted);
    std::string counts;
    const std::int64_t billed = billed_pico(server.stop(), &counts);
    INFO("seed " << seed << ", limit " << limit << ", billed " << billed << ": " << counts);
    REQUIRE(billed <= limit);
    std::int64_t ours = 0;
    const auto spent = *f.store->spent(out->run_id);
    for (const ModelSpend& s : spent) ours += s.cost_pico;
    CHECK(billed <= ours);
    CHECK(ours <= limit);
    CHECK(f.store->check_integrity().ok());
    stopped += out->state == "partial" && out->finished < out->planned;
  }
  CHECK(stopped > 10);  // the limit was in the way often enough
}

}  // namespace
}  // namespace assay::test
