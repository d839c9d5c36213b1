// The account of a server under load, against what its clients saw.
#include <sys/resource.h>
#include <sys/socket.h>

#include <fstream>
#include <map>
#include <memory>

#include "harness/base/digest.h"
#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/line_reader.h"
#include "tests/mock/running.h"
#include "tests/support/catch.h"
#include "tests/support/mock_process.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace assay::mock {
namespace {

HttpOptions wide(std::uint32_t connections) {
  HttpOptions o;
  o.use_proxy = false;
  o.max_connections = connections;
  return o;
}

std::int64_t sum(const Json& ledger, const char* what) {
  std::int64_t out = 0;
  for (const char* end : {"complete", "broken", "refused", "cut", "unanswered"}) out += ledger[end][what].get<std::int64_t>();
  return out;
}

TEST_CASE("mock ledger: all faults mixed, 200 in flight: every request ends once and every token is counted") {
  test::TempDir dir;
  MockOptions o;
  o.faults = *parse_faults({"all=0.4"});
  o.tokens = *Distribution::parse("5..60", "t");
  o.reasoning_tokens = *Distribution::parse("0..40", "t");
  o.latency_s = *Distribution::parse("0..0.02", "t");
  o.drip_s = 0.0001;
  o.huge_bytes = 2'000'000;
  o.log = dir / "log.jsonl";
  constexpr int kRequests = 3000;
  Running server(o);
  std::vector<HttpRequest> requests;
  for (int i = 0; i < kRequests; ++i) {
    const char* more = i % 2 == 0 ? R"(,"stream":true,"stream_options":{"include_usage":true})" : ",\"n\":2";
    requests.push_back(post(server.chat(), chat_body(format("question {}", i / 3), more)));
    requests.back().timeouts.first_byte_s = 1;
    requests.back().max_body = 1'000'000;
    requests.back().headers.emplace_back("X-Assay-Sample", format("s{}", i));
  }
  std::vector<std::string> bodies;
  for (const HttpRequest& r : requests) bodies.push_back(r.body);
  std::map<std::string, HttpResult> by_id;
  {
    HttpClient client(wide(200));
    for (HttpResult& r : fetch_all(client, std::move(requests))) {
      if (const auto id = http_header(r.headers, "x-request-id")) by_id.emplace(std::string(*id), std::move(r));
    }
  }
  const Json ledger = server.stop();
  INFO(ledger.dump());
  CHECK(ledger["requests"] == kRequests);
  CHECK(ledger["in_flight"] == 0);
  CHECK(sum(ledger, "responses") == kRequests);
  CHECK(ledger["by_fault"].size() == faults().size());
  // Each line of the log beside what the client got.
  auto log = JsonlReader::open(o.log);
  REQUIRE(log.ok());
  std::map<std::string, int> ends;
  std::int64_t input = 0, output = 0;
  int usages = 0;
  while (true) {
    auto row = log->next();
    REQUIRE(row.ok());
    if (!row->has_value()) break;
    const Json& line = **row;
    const std::string end = line["end"];
    ++ends[end];
    input += line["input_tokens"].get<std::int64_t>();
    output += line["output_tokens"].get<std::int64_t>();
    const std::size_t sample = std::stoul(line["sample"].get<std::string>().substr(1));
    CHECK(line["body_sha256"] == sha256(bodies.at(sample)).hex());
    const auto got = by_id.find(line["id"]);
    if (end != "complete") continue;
    REQUIRE(got != by_id.end());
    const std::string& body = got->second.body;
    const std::size_t at = body.rfind("\"completion_tokens\":");
    if (at == std::string::npos) continue;
    ++usages;
    CHECK(std::stoll(body.substr(at + 20)) == line["output_tokens"].get<std::int64_t>());
  }
  CHECK(usages > kRequests / 2);
  for (const auto& [end, count] : ends) CHECK(ledger[end]["responses"] == count);
  CHECK(sum(ledger, "input_tokens") == input);
  CHECK(sum(ledger, "output_tokens") == output);
}

TEST_CASE("mock ledger: clients that leave are accounted for") {
  MockOptions o;
  o.tokens = Distribution(100'000);
  o.latency_s = Distribution(0.2);
  o.tokens_per_second = Distribution(20'000);
  Running server(o);
  {
    RawClient before(server.port());
    before.send(raw_post(chat_body("before")));
    CHECK(before.read(50).empty());
  }
  {
    RawClient during(server.port());
    during.send(raw_post(chat_body("during", ",\"stream\":true")));
    CHECK_FALSE(during.read(1000, 1).empty());
  }
  RawClient asks(server.port());
  asks.read(100);
  const Json ledger = server.stop();
  CHECK(ledger["unanswered"]["responses"] == 1);
  CHECK(ledger["cut"]["responses"] == 1);
  CHECK(ledger["cut"]["output_tokens"] == 100'000);
  CHECK(ledger["in_flight"] == 0);
}

TEST_CASE("mock ledger: limits refuse what is too much and say when to come back") {
  MockOptions o;
  o.requests_per_minute = 60;
  o.burst_s = 5;
  {
    Running server(o);
    HttpClient client(wide(20));
    std::vector<HttpRequest> requests;
    for (int i = 0; i < 20; ++i) requests.push_back(post(server.chat(), chat_body(format("{}", i))));
    int good = 0;
    for (const HttpResult& r : fetch_all(client, std::move(requests))) {
      good += r.status == 200;
      CHECK(http_header(r.headers, "x-ratelimit-limit-requests") == std::string_view("60"));
      if (r.status != 429) continue;
      CHECK(http_header(r.headers, "Retry-After") == std::string_view("1"));
    }
    CHECK(good >= 5);
    CHECK(good <= 7);
    CHECK(server.stop()["by_status"]["429"] == 20 - good);
  }
  MockOptions few;
  few.max_in_flight = 3;
  few.latency_s = Distribution(0.3);
  few.over_capacity_status = 529;
  Running server(few);
  HttpClient client(wide(10));
  std::vector<HttpRequest> requests;
  for (int i = 0; i < 10; ++i) requests.push_back(post(server.chat(), chat_body(format("{}", i))));
  int good = 0;
  for (const HttpResult& r : fetch_all(client, std::move(requests))) {
    good += r.status == 200;
    CHECK((r.status == 200 || r.status == 529));
  }
  CHECK(good == 3);
}

std::int64_t resident_kb(pid_t pid) {
  std::ifstream status(format("/proc/{}/status", pid));
  std::string word;
  while (status >> word) {
    if (word != "VmRSS:") continue;
    std::int64_t kb = 0;
    status >> kb;
    return kb;
  }
  return -1;
}

TEST_CASE("mock ledger: 4,000 connections that wait for answers take a few kilobytes each") {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  const rlim_t needed = 4300;
  if (files.rlim_cur < needed && files.rlim_max >= needed) {
    files.rlim_cur = needed;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  if (files.rlim_cur < needed) {
    WARN("too few descriptors on this machine");
    return;
  }
  test::MockProcess mock({"--latency", "1.5", "--reasoning-tokens", "4000"});
  REQUIRE_FALSE(mock.url().empty());
  const std::int64_t before = resident_kb(mock.pid());
  const auto port = static_cast<std::uint16_t>(std::stoi(mock.origin().substr(mock.origin().rfind(':') + 1)));
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 4000; ++i) {
    clients.push_back(std::make_unique<RawClient>(port));
    clients.back()->send(raw_post(chat_body(format("{}", i))));
  }
  const std::int64_t during = resident_kb(mock.pid());
  int good = 0;
  for (const auto& c : clients) good += c->read(5000, 15).find("HTTP/1.1 200 OK") == 0;
  CHECK(good == 4000);
  INFO(before << " kB before, " << during << " kB with 4,000");
#ifndef __SANITIZE_ADDRESS__
  CHECK(during - before < 20'000);
#endif
  const Json ledger = mock.stop();
  CHECK(ledger["connections"]["most"] == 4000);
  CHECK(ledger["complete"]["responses"] == 4000);
}

TEST_CASE("mock ledger: the program prints its address, ends when told, and its ledger last") {
  test::MockProcess mock({"--answer", "7"});
  REQUIRE(mock.url().find("http://127.0.0.1:") == 0);
  CHECK(fetch(post(mock.url() + "/chat/completions", chat_body("x"))).body.find("\"content\":\"7\"") != std::string::npos);
  CHECK(mock.stop()["complete"]["responses"] == 1);
  const auto list = test::assay({"mock-server", "--list-faults"});
  CHECK(list.exit_code == 0);
  for (const Fault& f : faults()) CHECK(list.out.find(std::string(f.name)) != std::string::npos);
  CHECK(test::assay({"mock-server", "--stop-after", "0.1"}).exit_code == 0);
  for (const auto& bad : std::vector<std::vector<std::string>>{{"--fault", "nonsense=1"},
                                                               {"--tokens", "x"},
                                                               {"--replay", "/nowhere.jsonl"},
                                                               {"--log", "/nowhere/x"},
                                                               {"--host", "no such host"}}) {
    std::vector<std::string> arguments = {"mock-server", "--stop-after", "5"};
    arguments.insert(arguments.end(), bad.begin(), bad.end());
    const auto r = test::assay(arguments);
    INFO(r.err);
    CHECK(r.exit_code == 3);
    CHECK(r.err.find(bad[0]) != std::string::npos);
  }
}

}  // namespace
}  // namespace assay::mock
