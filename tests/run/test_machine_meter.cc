#include "harness/run/machine_meter.h"

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include "harness/base/rng.h"
#include "tests/support/catch.h"

using namespace assay;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t kDollar = 1'000'000;           // micro-dollars
constexpr std::int64_t kPico = 1'000'000'000'000;     // pico-dollars a dollar
const MachineMeter::Clock::time_point kStart{1h};

}  // namespace

TEST_CASE("a call alone pays for its time") {
  MachineMeter meter;
  const auto a = meter.enter(kStart);
  CHECK(meter.leave(a, kStart + 3600s, 2 * kDollar) == 2 * kPico);
  const auto b = meter.enter(kStart + 9000s);  // what lies between costs nobody anything
  CHECK(meter.leave(b, kStart + 9036s, 2 * kDollar) == 2 * kPico / 100);
}

TEST_CASE("calls at once share each instant") {
  // a: 0 to 30 s, b: 10 to 40 s, c: 20 to 30 s. a = 10 + 10/2 + 10/3, b = 10/2 + 10/3 + 10, c = 10/3.
  MachineMeter meter;
  const std::int64_t price = 36 * kDollar;  // a cent a second
  const auto a = meter.enter(kStart);
  const auto b = meter.enter(kStart + 10s);
  const auto c = meter.enter(kStart + 20s);
  const std::int64_t third = kPico / 100 * 10 / 3;
  const std::int64_t a_paid = meter.leave(a, kStart + 30s, price);
  const std::int64_t c_paid = meter.leave(c, kStart + 30s, price);
  const std::int64_t b_paid = meter.leave(b, kStart + 40s, price);
  CHECK(std::abs(a_paid - (kPico / 100 * 15 + third)) < 20'000'000);  // a few nanoseconds' worth
  CHECK(std::abs(c_paid - third) < 20'000'000);
  CHECK(a_paid + b_paid + c_paid == kPico / 100 * 40);
}

TEST_CASE("charges add up to price times busy time, to the pico-dollar") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Rng rng(seed);
    MachineMeter meter;
    auto now = kStart;
    std::int64_t busy_ns = 0, paid = 0;
    std::vector<MachineMeter::Ticket> in;
    const auto price = rng.uniform(0, 5 * kDollar);
    for (int i = 0; i < 4000; ++i) {
      const std::chrono::nanoseconds passed(rng.uniform(0, 1000000007));
      if (!in.empty()) busy_ns += passed.count();
      now += passed;
      if (in.empty() || (rng.chance(0.5) && in.size() < 70)) {
        in.push_back(meter.enter(now));
      } else {
        const auto which = static_cast<std::size_t>(rng.uniform(0, static_cast<std::int64_t>(in.size()) - 1));
        const std::int64_t cost = meter.leave(in[which], now, price);
        CHECK(cost >= 0);
        paid += cost;
        in.erase(in.begin() + static_cast<std::ptrdiff_t>(which));
      }
    }
    for (const auto& ticket : in) paid += meter.leave(ticket, now, price);
    // The whole and the remainder apart, so that the product fits.
    const std::int64_t whole = busy_ns / 3'600'000, rest = busy_ns % 3'600'000;
    CHECK(paid == whole * price + rest * price / 3'600'000);
  }
}

TEST_CASE("models of different prices pay their own for their share") {
  MachineMeter meter;
  const auto a = meter.enter(kStart);
  const auto b = meter.enter(kStart);
  CHECK(meter.leave(a, kStart + 3600s, 2 * kDollar) == kPico);
  CHECK(meter.leave(b, kStart + 3600s, 8 * kDollar) == 4 * kPico);
}

TEST_CASE("a clock that stands or goes back charges nothing") {
  MachineMeter meter;
  const auto a = meter.enter(kStart);
  CHECK(meter.leave(a, kStart - 5s, kDollar) == 0);
  const auto b = meter.enter(kStart);
  CHECK(meter.leave(b, kStart, 1'000'000 * kDollar) == 0);
}

TEST_CASE("calls of many threads lose nothing") {
  MachineMeter meter;
  std::atomic<std::int64_t> paid{0}, left{0};
  const auto began = MachineMeter::Clock::now();
  const auto outer = meter.enter(began);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        const auto ticket = meter.enter(MachineMeter::Clock::now());
        paid += meter.leave(ticket, MachineMeter::Clock::now(), kDollar);
        ++left;
      }
    });
  }
  for (std::thread& t : threads) t.join();
  const auto ended = MachineMeter::Clock::now() + 1s;
  paid += meter.leave(outer, ended, kDollar);
  const std::int64_t busy = std::chrono::nanoseconds(ended - began).count();
  CHECK(paid == busy * kDollar / 3'600'000);
  CHECK(left == 8000);
}
