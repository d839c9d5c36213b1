// Envelopes: their files, and several processes that draw on one at once.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "harness/base/clock.h"
#include "harness/base/rng.h"
#include "harness/run/budget/envelope.h"
#include "harness/run/budget/run_budget.h"
#include "harness/store/reservations.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

namespace assay {
namespace {

using test::TempDir;

struct UsdRow {
  const char* text;
  std::int64_t pico;  // -1: refused
};

TEST_CASE("amounts in dollars are read exactly") {
  const UsdRow rows[] = {
      {"0", 0},  {"1", 1'000'000'000'000}, {"12.50", 12'500'000'000'000}, {"0.000000000001", 1}, {".5", 500'000'000'000},
      {"3.", 3'000'000'000'000}, {"1000000", 1'000'000'000'000'000'000}, {"1000001", -1}, {"", -1}, {".", -1}, {"-1", -1},
      {"1e3", -1}, {"1.2.3", -1}, {"0.0000000000001", -1}, {" 1", -1}, {"99999999999999999999999", -1}, {"nan", -1},
  };
  for (const UsdRow& row : rows) {
    INFO(row.text);
    const auto got = parse_usd(row.text);
    CHECK(got.ok() == (row.pico >= 0));
    if (got) CHECK(*got == row.pico);
  }
}

TEST_CASE("an envelope's file says name, limit, period and where reservations are") {
  TempDir dir;
  std::ofstream(dir / "pr.yaml") << "limit_usd: 2.5\n";
  const auto plain = read_envelope(dir / "pr.yaml");
  REQUIRE(plain.ok());
  CHECK(plain->name == "pr");
  CHECK(plain->limit_pico == 2'500'000'000'000);
  CHECK(plain->period == Period::none);
  CHECK(plain->db.string() == dir / "pr.db");
  std::ofstream(dir / "m.yaml") << "name: ci\nlimit_usd: 25\nperiod: month\ndb: other.db\n";
  const auto month = read_envelope(dir / "m.yaml");
  REQUIRE(month.ok());
  CHECK(month->name == "ci");
  CHECK(month->period == Period::month);
  CHECK(month->db.string() == dir / "other.db");
  const std::pair<const char*, const char*> wrong[] = {
      {"name: x\n", "limit_usd"}, {"limit_usd: -1\n", "amount in USD"}, {"limit_usd: 1\nperiod: year\n", "month, day or none"},
      {"limit: 3\n", "unknown"},  {"limit_usd: 1\nname: ''\n", "name"},
  };
  for (const auto& [text, words] : wrong) {
    INFO(text);
    std::ofstream(dir / "w.yaml") << text;
    const auto read = read_envelope(dir / "w.yaml");
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().code == Code::invalid);
    CHECK(read.error().message.find("w.yaml") != std::string::npos);
    CHECK(read.error().message.find(words) != std::string::npos);
  }
  CHECK_FALSE(read_envelope(dir / "none.yaml").ok());
}

TEST_CASE("periods are those of UTC") {
  constexpr std::int64_t kLast = 1'764'547'199'000'000;  // 2025-11-30T23:59:59Z
  CHECK(period_of(Period::month, kLast) == "2025-11");
  CHECK(period_of(Period::month, kLast + 1'000'000) == "2025-12");
  CHECK(period_of(Period::day, kLast) == "2025-11-30");
  CHECK(period_of(Period::none, kLast).empty());
}

constexpr std::int64_t kLimit = 1'000'000;

// One process: asks until the envelope is empty, with requests of random size, a few in flight. Gives what the server
// billed it. `dies`: ends without a word after some requests, some of them in flight.
std::int64_t spend(const std::filesystem::path& db, std::uint64_t seed, bool dies) {
  auto opened = Reservations::open(db);
  if (!opened) return -1;
  Reservation me;
  me.envelope = "ci";
  me.holder = new_ulid();
  me.run_id = new_ulid();
  BudgetSetup setup;
  setup.envelope_pico = kLimit;
  setup.envelope_name = "envelope";
  setup.claim = [&](std::int64_t need, std::int64_t wish) { return (*opened)->claim(me, need, wish, kLimit); };
  std::vector<std::function<void()>> posted;
  setup.executor = [&](std::function<void()> f) { posted.push_back(std::move(f)); };
  auto budget = RunBudget::make(std::move(setup));
  Rng rng(seed);
  std::int64_t billed = 0;
  struct Flying {
    Budget::Hold hold;
    std::int64_t worst;
  };
  std::vector<Flying> flying;
  bool spent = false;
  for (int n = 0; !spent || !flying.empty(); ++n) {
    if (!spent) {
      const std::int64_t worst = rng.uniform(1, 4000);
      budget->reserve("m", {1, worst}, [&, worst](Budget::Answer a, Budget::Hold hold) {
        if (a == Budget::Answer::granted)
          flying.push_back({hold, worst});
        else
          spent = true;
      });
    }
    if (dies && n == 6) {
      for (const Flying& f : flying) billed += f.worst;  // the server finishes what it got
      return billed;
    }
    for (auto& f : std::exchange(posted, {})) f();
    if (flying.size() >= 5 || spent || n % 2 == 0) {
      if (flying.empty()) continue;
      const Flying f = flying.front();
      flying.erase(flying.begin());
      const std::int64_t actual = rng.uniform(0, f.worst);
      billed += actual;
      budget->settle(f.hold, {1, actual});
      for (auto& g : std::exchange(posted, {})) g();
    }
  }
  me.cost_pico = budget->used().cost_pico;
  me.open = false;
  return (*opened)->put(me).ok() && me.cost_pico == billed ? billed : -1;
}

bool wait_for_two(const std::filesystem::path& db) {
  auto opened = Reservations::open(db);
  for (int n = 0; opened.ok() && n < 1000; ++n) {
    const auto rows = (*opened)->list("ci");
    if (rows && rows->size() >= 2) return true;
    usleep(5000);
  }
  return false;
}

TEST_CASE("eight processes at once never spend more than their envelope, and two of them die") {
  TempDir dir;
  constexpr int kProcesses = 8;
  int pipes[kProcesses][2];
  pid_t children[kProcesses];
  for (int i = 0; i < kProcesses; ++i) {
    REQUIRE(pipe(pipes[i]) == 0);
    children[i] = fork();
    REQUIRE(children[i] >= 0);
    if (children[i] == 0) {
      const std::int64_t billed = spend(dir / "ci.db", static_cast<std::uint64_t>(i), i < 2);
      const bool told = write(pipes[i][1], &billed, sizeof billed) == sizeof billed;
      if (told && i < 2) raise(SIGKILL);
      _exit(told ? 0 : 1);
    }
    close(pipes[i][1]);
    // The last six start while the first two are still at it, but not before these have a share.
    if (i == 1) REQUIRE(wait_for_two(dir / "ci.db"));
  }
  std::int64_t sum = 0;
  for (int i = 0; i < kProcesses; ++i) {
    std::int64_t billed = -1;
    CHECK(read(pipes[i][0], &billed, sizeof billed) == sizeof billed);
    close(pipes[i][0]);
    waitpid(children[i], nullptr, 0);
    CHECK(billed >= 0);
    sum += billed;
  }
  CHECK(sum <= kLimit);
  CHECK(sum > kLimit * 85 / 100);  // and what there is can be used: a piece a process stays over
  auto opened = Reservations::open(dir / "ci.db");
  const auto rows = (*opened)->list("ci");
  REQUIRE(rows->size() == kProcesses);
  std::int64_t reserved = 0;
  int open = 0;
  for (const Reservation& r : *rows) {
    reserved += r.cost_pico;
    open += r.open;
    CHECK_FALSE(is_alive(r));
  }
  CHECK(open == 2);
  CHECK(reserved >= sum);
  CHECK(reserved <= kLimit);
}

Reservation row(const std::string& period, const std::string& holder, const std::string& run_id) {
  Reservation r;
  r.envelope = "ci";
  r.period = period;
  r.holder = holder;
  r.run_id = run_id;
  return r;
}

TEST_CASE("a resumed run takes back what a killed one had set aside and not spent") {
  TempDir dir;
  auto opened = Reservations::open(dir / "e.db");
  REQUIRE(opened.ok());
  Reservations& book = **opened;
  const Reservation a = row("2026-10", "h1", "run-1");
  REQUIRE(*book.claim(a, 1, 100, 1000) == 100);
  const Reservation b = row("2026-11", "h2", "run-1");
  REQUIRE(*book.claim(b, 1, 300, 1000) == 300);
  const Reservation other = row("2026-11", "h3", "run-2");
  REQUIRE(*book.claim(other, 1, 600, 1000) == 600);
  CHECK(*book.claim(other, 101, 200, 1000) == 0);
  CHECK(is_alive((*book.list("ci"))[1]));
  REQUIRE(book.adopt("ci", "run-1", 150).ok());
  const auto rows = *book.list("ci");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].cost_pico == 100);
  CHECK_FALSE(rows[0].open);
  CHECK(rows[1].cost_pico == 50);
  CHECK_FALSE(rows[1].open);
  CHECK(rows[2].cost_pico == 600);
  CHECK(rows[2].open);
  CHECK(*book.claim(other, 101, 900, 1000) == 350);
}

}  // namespace
}  // namespace assay
