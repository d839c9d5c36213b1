// Remote models: what the run engine and its HTTP client add to a server's own time. Each part runs in a process of
// its own against an `assay mock-server` of its own, and prints its wall time, CPU seconds a thousand requests and peak
// memory (of Assay's process; the server's are not counted, though it shares the machine).
//
//   bench_remote [client|commit|wait|latency|replicas]...     (all of them without arguments)
//
// client    the HTTP client alone, 1,000 in flight, a server that answers at once
// commit    the same through the engine, from dispatch to commit
// wait      a server that answers after 2 s, 2,000 in flight, 20,000 requests: the ideal is 20 s
// latency   a server that answers after 0.25 to 0.75 s, 512 in flight: what is added to its own time
// replicas  eight servers, lengths as long reasoning traces have them: makespan against its lower bound
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "harness/base/format.h"
#include "harness/base/http.h"
#include "harness/base/line_reader.h"
#include "harness/run/run.h"
#include "harness/store/sql_shell.h"
#include "tests/support/mock_process.h"
#include "tests/support/temp_dir.h"

namespace {

using namespace assay;
using test::MockProcess;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class Quiet final : public Progress {
 public:
  void started(const Plan&, const std::string&) override {}
  void tick(const Snapshot& s) override { most_in_flight = std::max(most_in_flight, s.in_flight); }
  void finished(const RunOutcome&) override {}
  std::uint64_t most_in_flight = 0;
};

struct Ran {
  double wall_s = 0;
  std::uint64_t calls = 0;
  std::uint64_t retries = 0;
  std::uint64_t most_in_flight = 0;
};

// `requests` different questions through the engine into a real store. Ends the process when that is impossible.
Ran run_suite(const std::string& base_url, std::uint64_t requests, std::uint32_t in_flight, const std::string& db) {
  const std::string yaml = format(
      "suite: remote\nseed: 1\ntasks: [{{task: math/arithmetic, limit: {}}}]\nsampling: {{max_tokens: 40000}}\n"
      "models: [{{name: mock, backend: openai, base_url: {}}}]\n",
      requests, base_url);
  auto suite = parse_suite(yaml, "bench");
  auto plugins = catalog_plugins();
  auto store = Store::open(db, StoreMode::read_write);
  if (!suite || !plugins || !store) {
    const Error& e = !suite ? suite.error() : !plugins ? plugins.error() : store.error();
    std::fprintf(stderr, "%s\n", e.message.c_str());
    std::exit(1);
  }
  RunOptions options;
  options.max_connections = in_flight;
  options.program = "bench";
  Quiet progress;
  const auto start = Clock::now();
  auto out = execute(*suite, **store, *plugins, options, progress);
  if (!out) {
    std::fprintf(stderr, "%s\n", out.error().message.c_str());
    std::exit(1);
  }
  return {seconds_since(start), out->calls, out->retries, progress.most_in_flight};
}

void print_machine(std::uint64_t requests) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
  std::printf("  CPU %.3f s a 1,000 requests (%.0f %% in the kernel), peak memory %.0f MB\n",
              (seconds(usage.ru_utime) + seconds(usage.ru_stime)) * 1000 / static_cast<double>(requests),
              100 * seconds(usage.ru_stime) / (seconds(usage.ru_utime) + seconds(usage.ru_stime)),
              static_cast<double>(usage.ru_maxrss) / 1024);
}

void print_ran(const Ran& ran) {
  std::printf("  %llu requests, %llu retries, at most %llu in flight seen\n", static_cast<unsigned long long>(ran.calls),
              static_cast<unsigned long long>(ran.retries), static_cast<unsigned long long>(ran.most_in_flight));
  print_machine(ran.calls);
}

void client() {
  constexpr int kRequests = 50'000;
  constexpr int kInFlight = 1000;
  MockProcess mock;
  HttpOptions options;
  options.max_connections = kInFlight;
  options.use_proxy = false;
  std::atomic<int> sent{0}, done{0}, bad{0};
  std::promise<void> all;
  auto client = std::make_unique<HttpClient>(options);
  std::function<void()> next = [&] {
    const int i = sent++;
    if (i >= kRequests) return;
    HttpRequest r;
    r.method = "POST";
    r.url = mock.url() + "/chat/completions";
    r.headers = {{"Content-Type", "application/json"}};
    r.timeouts.first_byte_s = 60;
    r.body = format(R"({{"model":"m","messages":[{{"role":"user","content":"What is {} + 3?"}}],"max_tokens":100}})", i);
    HttpHandlers handlers;
    handlers.done = [&](const HttpResult& result) {
      bad += result.error || result.status != 200;
      next();
      if (++done == kRequests) all.set_value();
    };
    client->submit(std::move(r), std::move(handlers));
  };
  const auto start = Clock::now();
  for (int i = 0; i < kInFlight; ++i) next();
  all.get_future().get();
  const double wall = seconds_since(start);
  std::printf("client: %d requests, %d in flight: %.0f a second, %d failed\n", kRequests, kInFlight, kRequests / wall,
              bad.load());
  print_machine(kRequests);
}

void commit() {
  constexpr std::uint64_t kRequests = 30'000;
  test::TempDir dir;
  MockProcess mock;
  const Ran ran = run_suite(mock.url(), kRequests, 1000, dir / "a.db");
  std::printf("commit: %.0f requests a second from dispatch to commit, 1,000 in flight (goal 5,000)\n",
              static_cast<double>(ran.calls) / ran.wall_s);
  print_ran(ran);
}

void wait() {
  constexpr std::uint64_t kRequests = 20'000;
  constexpr std::uint32_t kInFlight = 2000;
  test::TempDir dir;
  MockProcess mock({"--latency", "2"});
  const Ran ran = run_suite(mock.url(), kRequests, kInFlight, dir / "a.db");
  const double ideal = 2.0 * kRequests / kInFlight;
  std::printf("wait: %.1f s, %.3f of the ideal %.0f s (goal 1.10), %u in flight\n", ran.wall_s, ran.wall_s / ideal, ideal,
              kInFlight);
  print_ran(ran);
}

// "mock-12ab" and "chatcmpl-12ab" are of one request.
std::string tail(const std::string& id) { return id.substr(id.rfind('-') + 1); }

// What each call took beyond the server's own time for it, in the order in which they were sent; in milliseconds.
std::vector<double> added_ms(const std::string& db, const std::string& log_file) {
  std::map<std::string, double> served_s;
  auto log = JsonlReader::open(log_file);
  while (log) {
    auto row = log->next();
    if (!row || !row->has_value()) break;
    served_s[tail(json_string(**row, "id").value_or(""))] =
        1e-6 * static_cast<double>(json_int(**row, "ended_us").value_or(0) - json_int(**row, "began_us").value_or(0));
  }
  std::ostringstream out;
  const char* sql = "SELECT response.request_id, seconds FROM call JOIN response ON response.call = call.id ORDER BY started";
  std::vector<double> added;
  if (auto ok = run_sql(db, sql, out, SqlFormat::csv); !ok) return added;
  std::istringstream lines(out.str());
  std::string line;
  while (std::getline(lines, line)) {
    const std::size_t comma = line.find(',');
    const auto served = served_s.find(tail(line.substr(0, comma)));
    if (comma == std::string::npos || served == served_s.end()) continue;
    added.push_back(1000 * (std::atof(line.c_str() + comma + 1) - served->second));
  }
  return added;
}

// The first wave queues behind itself, since all its requests are made at one moment: it is told apart.
void latency() {
  constexpr std::size_t kInFlight = 512;
  test::TempDir dir;
  MockProcess mock({"--latency", "0.25..0.75", "--log", dir / "log.jsonl"});
  const Ran ran = run_suite(mock.url(), 15'000, kInFlight, dir / "a.db");
  mock.stop();
  std::vector<double> all = added_ms(dir / "a.db", dir / "log.jsonl");
  std::vector<double> steady(all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), kInFlight)), all.end());
  std::printf("latency: added to a server's 250 to 750 ms, 512 in flight (goal of the 99th percentile: 5 ms)\n");
  for (auto* values : {&all, &steady}) {
    std::sort(values->begin(), values->end());
    const auto at = [&](double share) {
      return values->empty() ? -1 : (*values)[static_cast<std::size_t>(share * static_cast<double>(values->size() - 1))];
    };
    std::printf("  %s: median %.2f ms, p90 %.2f ms, p99 %.2f ms of %zu calls\n",
                values == &all ? "all" : "without the first 512", at(0.5), at(0.9), at(0.99), values->size());
  }
  print_ran(ran);
}

void replicas() {
  constexpr std::uint64_t kRequests = 4000;
  constexpr int kServers = 8;
  constexpr std::uint32_t kInFlight = 128;
  test::TempDir dir;
  std::vector<std::unique_ptr<MockProcess>> servers;
  std::string urls;
  for (int i = 0; i < kServers; ++i) {
    servers.push_back(std::make_unique<MockProcess>(std::vector<std::string>{
        "--reasoning-tokens", "r1", "--tokens-per-second", "16000", "--log", dir / format("{}.jsonl", i)}));
    urls += (i == 0 ? "[" : ", ") + servers.back()->url();
  }
  const Ran ran = run_suite(urls + "]", kRequests, kInFlight, dir / "a.db");
  double sum = 0, longest = 0;
  std::string shares;
  for (int i = 0; i < kServers; ++i) {
    servers[static_cast<std::size_t>(i)]->stop();
    auto log = JsonlReader::open(dir / format("{}.jsonl", i));
    int requests = 0;
    while (log) {
      auto row = log->next();
      if (!row || !row->has_value()) break;
      const double took = 1e-6 * static_cast<double>(json_int(**row, "ended_us").value_or(0) -
                                                     json_int(**row, "began_us").value_or(0));
      sum += took;
      longest = std::max(longest, took);
      ++requests;
    }
    shares += format(" {}", requests);
  }
  const double bound = std::max(longest, sum / kInFlight);
  std::printf("replicas: %.2f s, %.3f of the lower bound %.2f s (goal 1.10); requests a server:%s\n", ran.wall_s,
              ran.wall_s / bound, bound, shares.c_str());
  print_ran(ran);
}

struct Part {
  const char* name;
  void (*run)();
};
constexpr Part kParts[] = {
    {"client", client}, {"commit", commit}, {"wait", wait}, {"latency", latency}, {"replicas", replicas}};

// In a process of its own, so that peak memory and CPU time are its own.
bool run_apart(const Part& part) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    part.run();
    std::fflush(stdout);
    _exit(0);
  }
  int status = 0;
  return waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> wanted(argv + 1, argv + argc);
  bool good = true;
  for (const Part& part : kParts) {
    const bool asked = wanted.empty() || std::find(wanted.begin(), wanted.end(), part.name) != wanted.end();
    if (asked) good = run_apart(part) && good;
  }
  return good ? 0 : 1;
}
