// The real program, killed at random instants of a run and resumed each time.
//
// What must hold afterwards: the database is whole, every attempt is there exactly once, and no response that
// was committed was asked for again. The scripted backend logs each request before it answers; which
// responses were committed at a kill is read from the database itself.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <ctime>

#include <chrono>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/rng.h"
#include "harness/store/store.h"
#include "tests/support/catch.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

using namespace assay;
using namespace assay::test;

namespace {

using CallKey = std::string;  // sample, epoch, step, draw

CallKey key_of(const std::string& sample, std::int64_t epoch, std::int64_t step, std::int64_t draw) {
  return format("{} {} {} {}", sample, epoch, step, draw);
}

struct Bed {
  TempDir dir;
  std::string suite;
  int samples;
  int connections = 32;
  std::string db = dir / "a.db";
  std::string log = dir / "requests.log";
  std::size_t log_read = 0;
  std::map<CallKey, int> asked;

  Bed(const std::string& strategy, int n, double latency_ms) : samples(n) {
    suite =
        dir.file("suite.yaml",
                 format("suite: kill\nseed: 3\ntasks: [{{task: math/arithmetic, limit: {}}}]\nstrategy: {}\n"
                        "sampling: {{max_tokens: 512}}\n"
                        "models:\n  - name: slow\n    backend: scripted\n"
                        "    options: {{accuracy: 0.8, truncate_rate: 0.2, fail_rate: 0.02, latency_ms: "
                        "{{min: 0, max: {}}}, log: \"{}\"}}\n",
                        n, strategy, latency_ms, log));
  }

  std::vector<std::string> command(bool resume) const {
    std::vector<std::string> out = {ASSAY_BINARY, "run"};
    if (resume)
      out.push_back("--resume");
    else
      out.push_back(suite);
    for (const char* a : {"--quiet", "--allow-incomplete"}) out.push_back(a);
    out.insert(out.end(), {"--db", db, "--max-connections", std::to_string(connections)});
    return out;
  }

  // Starts the program; its standard error goes to `err`.
  pid_t start(bool resume, const std::string& err = "/dev/null") const {
    const std::vector<std::string> argv = command(resume);
    std::vector<char*> raw;
    for (const std::string& a : argv) raw.push_back(const_cast<char*>(a.c_str()));
    raw.push_back(nullptr);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      dup2(open("/dev/null", O_RDWR), 1);
      dup2(open(err.c_str(), O_CREAT | O_WRONLY, 0644), 2);
      execv(raw[0], raw.data());
      _exit(127);
    }
    return child;
  }

  // Until that much is in the request log.
  void wait_for_requests(std::size_t bytes) const {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (read_file(log).size() < bytes && std::chrono::steady_clock::now() < patience) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  // Runs and kills after `s` seconds; false when the run ended by itself before.
  bool run_and_kill(bool resume, double s) {
    const pid_t child = start(resume);
    const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(s);
    int status = 0;
    while (std::chrono::steady_clock::now() < until) {
      if (waitpid(child, &status, WNOHANG) == child) {
        INFO("exit status " << status);
        REQUIRE(WIFEXITED(status));
        REQUIRE(WEXITSTATUS(status) == 0);
        return false;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return true;
  }

  // Reads what was asked since the last time.
  std::vector<CallKey> new_requests() {
    const std::string text = read_file(log);
    std::vector<CallKey> out;
    while (log_read < text.size()) {
      const std::size_t end = text.find('\n', log_read);
      REQUIRE(end != std::string::npos);
      auto row = parse_json(text.substr(log_read, end - log_read));
      REQUIRE(row.ok());
      out.push_back(key_of(*json_string(*row, "sample_key"), *json_int(*row, "epoch"),
                           *json_int(*row, "step"), *json_int(*row, "draw")));
      log_read = end + 1;
    }
    return out;
  }
};

std::string sql(const Bed& bed, const std::string& query) {
  const ProcessResult r = assay::test::assay({"sql", "--db", bed.db, "--format", "csv", query});
  INFO(r.err);
  REQUIRE(r.exit_code == 0);
  return r.out;
}

// The one number that a query gives.
std::int64_t number(const Bed& bed, const std::string& query) {
  const std::string out = sql(bed, query);
  const std::size_t line = out.find('\n');
  REQUIRE(line != std::string::npos);
  return std::stoll(out.substr(line + 1));
}

// False also for a file that a kill left before its first table.
bool has_run(const Bed& bed) {
  auto store = Store::open(bed.db, StoreMode::read_only);
  if (!store) return false;
  auto runs = (*store)->runs();
  REQUIRE(runs.ok());
  return runs->size() == 1;
}

// Every call with a committed response, by its place.
std::set<CallKey> committed(const Bed& bed) {
  std::istringstream lines(
      sql(bed, "SELECT sample_key, epoch, step, draw FROM v_calls WHERE status <> 'failed'"));
  std::set<CallKey> out;
  std::string line;
  std::getline(lines, line);  // the header
  while (std::getline(lines, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    for (char& c : line) c = c == ',' ? ' ' : c;
    out.insert(line);
  }
  return out;
}

std::string state_of(const Bed& bed) {
  auto store = Store::open(bed.db, StoreMode::read_only);
  REQUIRE(store.ok());
  auto runs = (*store)->runs();
  REQUIRE(runs.ok());
  REQUIRE(runs->size() == 1);
  return (*runs)[0].state;
}

bool is_whole(const Bed& bed) {
  auto store = Store::open(bed.db, StoreMode::read_only);
  return store.ok() && (*store)->check_integrity().ok();
}

void check_whole(const Bed& bed, const std::map<CallKey, int>& responses_asked_again) {
  CHECK(is_whole(bed));
  for (const auto& [what, n] : responses_asked_again) {
    INFO(what);
    CHECK(n == 0);
  }
}

struct Loop {
  int samples, kills, connections;
  double latency_ms, longest_s;  // at most
  int at_least;                  // kills that must have hit
};

void kill_loop(const std::string& strategy, const Loop& loop) {
  INFO(strategy);
  Bed bed(strategy, loop.samples, loop.latency_ms);
  bed.connections = loop.connections;
  const int samples = loop.samples;
  Rng rng(static_cast<std::uint64_t>(std::time(nullptr)));
  std::set<CallKey> known;
  std::map<CallKey, int> again;
  int killed = 0;
  bool begun = false, ended = false;
  while (!ended) {
    // The last one runs to its end.
    const double s = killed < loop.kills ? rng.unit() * loop.longest_s : 600;
    const bool was_killed = bed.run_and_kill(begun, s);
    for (const CallKey& k : bed.new_requests()) {
      if (known.count(k) > 0) ++again[k];
    }
    if (!was_killed) {
      ended = true;
      break;
    }
    ++killed;
    if (!std::filesystem::exists(bed.db)) continue;
    begun = begun || has_run(bed);
    if (begun) known = committed(bed);
    // Killed between its last commit and its end: there is nothing to resume.
    ended = begun && state_of(bed) == "complete";
  }
  CHECK(killed >= loop.at_least);
  check_whole(bed, again);
  const std::string finished = " FROM attempt WHERE outcome IS NOT NULL AND outcome <> 7";
  CHECK(number(bed, "SELECT count(*)" + finished) == samples);
  CHECK(number(bed, "SELECT count(DISTINCT sample_index)" + finished) == samples);
  CHECK(number(bed, "SELECT count(*) FROM attempt") == samples);
  CHECK(number(bed, "SELECT count(*) FROM v_attempts WHERE is_primary") == samples);
  // Two committed responses for one question would be one paid too many.
  CHECK(number(bed,
               "SELECT count(*) FROM (SELECT 1 FROM call WHERE status <> 2 GROUP BY attempt, step, draw "
               "HAVING count(*) > 1)") == 0);
  CHECK(state_of(bed) == "complete");
}

constexpr const char* kStrategies[] = {"single", "{self_consistency: {k: 3}}",
                                       "{continue_truncated: {max_tokens: 4096, rounds: 2}}"};

}  // namespace

TEST_CASE("a run killed at random instants and resumed pays for no committed response twice") {
  for (const char* strategy : kStrategies) kill_loop(strategy, {300, 4, 32, 150, 0.4, 1});
}

TEST_CASE("a hundred kills of a run of two thousand samples", "[slow]") {
  for (const char* strategy : kStrategies) kill_loop(strategy, {2000, 100, 4, 200, 0.8, 100});
}

TEST_CASE("SIGINT, SIGTERM and SIGHUP stop a run within its grace, which says how to resume and exits 130") {
  const int signal = GENERATE(SIGINT, SIGTERM, SIGHUP);
  Bed bed("single", 10000, 50);  // far more than it gets through
  const std::string err = bed.dir / "err";
  const pid_t child = bed.start(false, err);
  bed.wait_for_requests(2000);
  kill(child, SIGPIPE);  // a reader that goes away is no reason to end
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  kill(child, signal);
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 130);
  CHECK(read_file(err).find("--resume") != std::string::npos);
  // What was in flight has been waited for: every request has its call on record.
  const std::vector<CallKey> requests = bed.new_requests();
  const std::set<CallKey> kept = committed(bed);
  const std::set<CallKey> asked(requests.begin(), requests.end());
  std::size_t lost = 0;
  for (const CallKey& k : asked) lost += kept.count(k) == 0;
  CHECK(asked.size() > 10);
  CHECK(lost <= asked.size() / 10);  // those that had failed and were waiting for their next try
  CHECK(is_whole(bed));
  CHECK(state_of(bed) == "interrupted");
}

TEST_CASE("a run that another process is working on is not resumed; one that was killed is") {
  Bed bed("single", 40, 2500);
  const pid_t first = bed.start(false);
  bed.wait_for_requests(500);
  const std::string err = bed.dir / "err";
  int status = 0;
  waitpid(bed.start(true, err), &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 3);
  kill(first, SIGKILL);
  waitpid(first, &status, 0);
  waitpid(bed.start(true), &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(state_of(bed) == "complete");
}

TEST_CASE("a second SIGINT ends the program at once, and the database is whole") {
  Bed bed("single", 200, 60000);
  const pid_t child = bed.start(false);
  bed.wait_for_requests(1000);
  kill(child, SIGINT);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  int status = 0;
  const bool waited = waitpid(child, &status, WNOHANG) == 0;  // the first alone waits for what is in flight
  const auto second = std::chrono::steady_clock::now();
  kill(child, SIGINT);
  if (waited) waitpid(child, &status, 0);
  CHECK(waited);
  CHECK(std::chrono::steady_clock::now() - second < std::chrono::seconds(5));
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 130);
  CHECK(is_whole(bed));
}
