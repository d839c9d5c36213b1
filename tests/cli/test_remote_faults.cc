// A run against a server that breaks in every way there is: the books of both must agree to the token.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <chrono>
#include <iostream>
#include <set>
#include <thread>

#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/rng.h"
#include "tests/cli/mock_bed.h"
#include "tests/support/catch.h"

using namespace assay;
using namespace assay::test;

namespace {

constexpr const char* kHaste =
    "    timeout_s: 60\n    options: {first_byte_timeout_s: 4, idle_timeout_s: 4, max_response_bytes: "
    "4000000}\n";

std::vector<std::string> run_args(const MockBed& bed, const std::string& suite, int in_flight) {
  return {"run",
          suite,
          "--db",
          bed.db(),
          "--quiet",
          "--allow-incomplete",
          "--max-connections",
          std::to_string(in_flight)};
}

void print(const std::string& what, const Books& b) {
  std::cout << format(
      "{}: {} requests at the server, {} calls booked, {} complete, {} ok, {} lost on the way; tokens: "
      "server {} <= known {} + reserved {}; at most {} tries\n",
      what, b.served, b.booked, b.complete, b.ok, b.lost_on_the_way, b.server_tokens, b.known_tokens,
      b.bound_tokens, b.most_tries);
}

std::vector<std::string> fault_names() {
  const ProcessResult listed = assay::test::assay({"mock-server", "--list-faults", "--json"});
  REQUIRE(listed.exit_code == 0);
  const auto json = parse_json(listed.out);
  REQUIRE(json.ok());
  std::vector<std::string> out;
  for (const Json& row : *json) out.push_back(row["fault"].get<std::string>());
  return out;
}

void mixed(int samples, int in_flight) {
  MockBed bed({"--tokens", "5..120", "--latency", "0..0.05", "--fault", "all=0.2", "--retry-after", "0.2",
               "--seed", "11"});
  const std::string suite = bed.suite(samples, kHaste, 6);
  const ProcessResult r = assay::test::assay(run_args(bed, suite, in_flight));
  INFO(r.err);
  CHECK(r.exit_code == 0);
  bed.stop_server();
  const Books books = check_books(bed, samples, 6);
  print(format("all faults mixed at 20 %, {} attempts, {} in flight", samples, in_flight), books);
  CHECK(books.ok > static_cast<std::size_t>(samples) * 9 / 10);
  CHECK(books.lost_on_the_way == 0);
}

}  // namespace

TEST_CASE("each fault of a server ends attempts in one state, and every token is booked or reserved",
          "[faults][slow]") {
  for (const std::string& fault : fault_names()) {
    INFO(fault);
    MockBed bed({"--tokens", "5..60", "--fault", fault + "=0.3", "--retry-after", "0.05", "--drip", "0.0005",
                 "--seed", "5"});
    const std::string suite = bed.suite(30, kHaste, 8);
    const ProcessResult r = assay::test::assay(run_args(bed, suite, 16));
    INFO(r.err);
    CHECK((r.exit_code == 0 || r.exit_code == 4));
    bed.stop_server();
    const Books books = check_books(bed, 30, 8);
    CHECK(books.lost_on_the_way == 0);
    CHECK(books.ok > 10);
  }
}

TEST_CASE("all faults mixed: the books of client and server agree", "[faults]") { mixed(600, 100); }

TEST_CASE("all faults mixed over 5,000 attempts with 200 in flight", "[faults][slow]") { mixed(5000, 200); }

namespace {

// The real program, killed after `s` seconds; false when it had ended before.
bool run_and_kill(const std::vector<std::string>& arguments, double s) {
  std::vector<std::string> argv = {ASSAY_BINARY};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  std::vector<char*> raw;
  for (const std::string& a : argv) raw.push_back(const_cast<char*>(a.c_str()));
  raw.push_back(nullptr);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const int null = open("/dev/null", O_RDWR);
    dup2(null, 1);
    dup2(null, 2);
    execv(raw[0], raw.data());
    _exit(127);
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(s);
  int status = 0;
  while (std::chrono::steady_clock::now() < until) {
    if (waitpid(child, &status, WNOHANG) == child) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  return true;
}

// Bodies that were answered for good before a kill must not come again after it. Requests of one body are
// told apart by their samples, which all have their own question.
void killed(int samples, int in_flight, int kills, double longest_s) {
  MockBed bed({"--tokens", "5..120", "--latency", "0..0.2", "--fault", "all=0.2", "--retry-after", "0.2",
               "--seed", "12"});
  const std::string suite = bed.suite(samples, kHaste, 6);
  Rng rng(Rng::seed_for(99, {"kills"}));
  std::size_t asked_again = 0;
  int hit = 0;
  std::set<std::string> answered;  // ids of committed responses at the last kill
  std::vector<std::pair<std::int64_t, std::set<std::string>>> marks;
  bool begun = false;
  for (int i = 0; i < kills; ++i) {
    std::vector<std::string> args = run_args(bed, suite, in_flight);
    if (begun) {
      args[1] = "--resume";
      args.insert(args.begin() + 2, "--db");
      args.erase(args.begin() + 3, args.begin() + 4);
    }
    if (!run_and_kill(args, 0.15 + longest_s * rng.unit())) break;
    ++hit;
    const ProcessResult there =
        assay::test::assay({"sql", "--db", bed.db(), "--format", "csv", "SELECT count(*) FROM run"});
    begun = there.exit_code == 0 && there.out.find("1") != std::string::npos;
    if (!begun) continue;
    std::set<std::string> ok;
    for (const Booked& b : bed.booked()) {
      if (b.status == "ok") ok.insert(b.id);
    }
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    marks.emplace_back(std::chrono::duration_cast<std::chrono::microseconds>(now).count(), std::move(ok));
  }
  const ProcessResult last =
      assay::test::assay({"run", "--resume", "--db", bed.db(), "--quiet", "--allow-incomplete",
                          "--max-connections", std::to_string(in_flight)});
  INFO(last.err);
  // Nothing is left to do where the last of the killed runs ended before its time was up.
  CHECK((last.exit_code == 0 || last.err.find("no unfinished run") != std::string::npos));
  bed.stop_server();
  const std::vector<Served> served = bed.served();
  std::map<std::string, std::string> body_of;
  for (const Served& s : served) body_of[s.id] = s.digest;
  for (const auto& [when, ok] : marks) {
    std::set<std::string> bodies;
    for (const std::string& id : ok) bodies.insert(body_of[id]);
    for (const Served& s : served) asked_again += s.began_us > when && bodies.count(s.digest) > 0;
  }
  CHECK(asked_again == 0);
  CHECK(bed.number("SELECT count(DISTINCT identity) FROM sample") == samples);
  CHECK(bed.number("SELECT count(*) FROM attempt WHERE outcome IS NOT NULL") == samples);
  CHECK(bed.number("SELECT count(*) FROM (SELECT attempt FROM call WHERE status = 1 GROUP BY attempt HAVING "
                   "count(*) > 1)") == 0);
  std::cout << format(
      "{} kills of {} attempts with {} in flight: {} requests at the server, {} committed responses "
      "asked for again\n",
      hit, samples, in_flight, served.size(), asked_again);
  CHECK(hit >= kills / 2);
}

}  // namespace

TEST_CASE("a run that is killed asks the server again only for what was in flight", "[faults]") {
  killed(300, 50, 4, 0.6);
}

TEST_CASE("killed at random instants over 5,000 attempts with 200 in flight", "[faults][slow]") {
  killed(5000, 200, 25, 3);
}
