#include "backends/remote/replicas.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <set>

#include "harness/api/catalog.h"
#include "harness/base/format.h"
#include "tests/backends/openai_server.h"
#include "tests/backends/remote_client.h"
#include "tests/support/catch.h"
#include "tests/support/http_server.h"

namespace assay {
namespace {

using End = Replicas::End;
using Time = Replicas::Clock::time_point;

const Time kStart = Time(std::chrono::hours(1));
Time after(double s) {
  return kStart + std::chrono::duration_cast<Replicas::Clock::duration>(std::chrono::duration<double>(s));
}

TEST_CASE("replicas: a sample stays where it was, whatever else runs, within the slack") {
  Replicas all({"a", "b", "c", "d"});
  std::map<std::string, std::size_t> home;
  std::array<int, 4> load{};
  for (int i = 0; i < 400; ++i) {
    const std::string sample = format("s{}", i);
    const std::size_t at = all.take("t", sample, kStart);
    home[sample] = at;
    ++load[at];
    all.give_back(at, End::good, {}, kStart);
  }
  for (const int n : load) CHECK((n > 60 && n < 140));  // 100 expected, standard deviation 8.7
  int moved = 0;
  for (const auto& [sample, at] : home) {
    for (int epoch = 0; epoch < 3; ++epoch) {
      const std::size_t now_at = all.take("t", sample, kStart);
      moved += now_at != at;
      all.give_back(now_at, End::good, {}, kStart);
    }
  }
  CHECK(moved == 0);
  // Three epochs at once fit within the slack; of 60 at once no server has more than its share and the slack.
  std::set<std::size_t> seen;
  for (int i = 0; i < 3; ++i) seen.insert(all.take("t", "s0", kStart));
  CHECK(seen == std::set<std::size_t>{home["s0"]});
  for (int i = 0; i < 57; ++i) all.take("t", "s0", kStart);
  for (std::size_t i = 0; i < 4; ++i) CHECK((all.in_flight(i) >= 12 && all.in_flight(i) <= 18));
}

TEST_CASE("replicas: a server that fails is avoided, longer each time, then tried once") {
  Replicas all({"a", "b"});
  const auto fail = [&all](Time now) {
    for (int i = 0; i < 8; ++i) {  // until "a" is met
      const std::string sample = format("x{}", i);
      const std::size_t at = all.take("t", sample, now);
      all.give_back(at, at == 0 ? End::failed : End::good, {}, now);
      if (at == 0) return true;
    }
    return false;
  };
  const auto meets = [&all](Time now) {
    int met = 0;
    for (int i = 0; i < 8; ++i) {
      const std::size_t at = all.take("t", format("x{}", i), now);
      met += at == 0;
      all.give_back(at, End::ended, {}, now);
    }
    return met;
  };
  REQUIRE(fail(kStart));
  CHECK(meets(after(0.9)) == 0);
  REQUIRE(fail(after(1.1)));  // its second failure: two seconds
  CHECK(meets(after(2.9)) == 0);
  CHECK(meets(after(3.2)) > 0);
  // One at a time until it answers.
  std::vector<std::size_t> taken;
  for (int i = 0; i < 8; ++i) taken.push_back(all.take("t", format("x{}", i), after(3.2)));
  CHECK(std::count(taken.begin(), taken.end(), std::size_t{0}) == 1);
  for (const std::size_t at : taken) all.give_back(at, End::good, {}, after(3.3));
  taken.clear();
  for (int i = 0; i < 8; ++i) taken.push_back(all.take("t", format("x{}", i), after(3.4)));
  CHECK(std::count(taken.begin(), taken.end(), std::size_t{0}) > 1);
  for (const std::size_t at : taken) all.give_back(at, End::ended, {}, after(3.4));
}

TEST_CASE("replicas: many failures at once are one, the server's own wait counts, and someone is always taken") {
  Replicas all({"a", "b"});
  std::vector<std::size_t> taken;
  for (int i = 0; i < 20; ++i) taken.push_back(all.take("t", format("x{}", i), kStart));
  for (const std::size_t at : taken) all.give_back(at, at == 0 ? End::failed : End::good, {}, kStart);
  std::size_t at = 1;
  for (int i = 0; i < 20 && at == 1; ++i) {
    at = all.take("t", format("x{}", i), after(1.1));
    all.give_back(at, End::ended, {}, after(1.1));
  }
  CHECK(at == 0);  // avoided for one second, not for 2^9
  all.give_back(all.take("t", "x", after(2)), End::ended, {}, after(2));
  Replicas two({"a", "b"});
  const std::size_t first = two.take("t", "s", kStart);
  two.give_back(first, End::failed, 7.0, kStart);
  const std::size_t second = two.take("t", "s", after(0.1));
  CHECK(second != first);
  two.give_back(second, End::failed, 30.0, after(0.1));
  CHECK(two.take("t", "s", after(0.2)) == first);  // it is free first
}

TEST_CASE("replicas: requests go round a server that refuses, and the record says who answered") {
  std::atomic<int> refused{0};
  HttpServer bad([&refused](const ServedRequest&, Peer& peer) {
    ++refused;
    peer.respond(503, R"({"error":{"message":"no"}})");
  });
  HttpServer good([](const ServedRequest&, Peer& peer) { peer.respond(200, test::kWholeAnswer); });
  BackendOptions o;
  o.base_url = bad.url() + "/v1";
  o.replicas = {good.url() + "/v1", format("http://127.0.0.1:{}/v1", unused_port())};
  auto b = test::remote("openai", o);
  int answered = 0;
  int failed = 0;
  for (int i = 0; i < 60; ++i) {
    Request r = test::request();
    r.sample_key = format("s{}", i);
    const BackendReply reply = test::ask(*b, r);
    if (reply.error) {
      ++failed;
      if (reply.error->http_status == 0) CHECK_FALSE(reply.error->may_be_billed);
      continue;
    }
    ++answered;
    CHECK(reply.exchange.endpoint == good.url() + "/v1/chat/completions");
  }
  CHECK(answered >= 57);
  CHECK(failed >= 1);
  CHECK(refused <= 2);
}

TEST_CASE("replicas: a server that says nothing until the time is over is avoided too") {
  std::atomic<int> asked{0};
  HttpServer silent([&asked](const ServedRequest&, Peer& peer) {
    ++asked;
    peer.wait_ms(3000);
  });
  HttpServer good([](const ServedRequest&, Peer& peer) { peer.respond(200, test::kWholeAnswer); });
  BackendOptions o;
  o.base_url = silent.url() + "/v1";
  o.replicas = {good.url() + "/v1"};
  o.timeout_s = 0.6;
  auto b = test::remote("openai", o);
  int failed = 0;
  for (int i = 0; i < 20; ++i) {
    Request r = test::request();
    r.sample_key = format("s{}", i);
    const BackendReply reply = test::ask(*b, r);
    failed += reply.error.has_value();
    if (reply.error) CHECK(reply.error->code == Code::deadline);
  }
  CHECK((failed >= 1 && failed <= 3));  // one, but for a machine so busy that a second goes by
  CHECK(asked <= failed);
}

TEST_CASE("replicas: a sample's epochs share one server's prefix cache, the samples spread") {
  std::array<std::atomic<int>, 3> served{};
  const auto handler = [&served](std::size_t i) {
    return [&served, i](const ServedRequest&, Peer& peer) {
      ++served[i];
      peer.respond(200, test::kWholeAnswer);
    };
  };
  HttpServer s0(handler(0)), s1(handler(1)), s2(handler(2));
  BackendOptions o;
  o.base_url = s0.url() + "/v1";
  o.replicas = {s1.url() + "/v1", s2.url() + "/v1"};
  auto b = test::remote("openai", o);
  std::map<std::string, std::set<std::string>> where;
  for (std::uint32_t epoch = 0; epoch < 4; ++epoch) {
    for (int i = 0; i < 30; ++i) {
      Request r = test::request();
      r.sample_key = format("s{}", i);
      r.epoch = epoch;
      where[r.sample_key].insert(test::ask(*b, r).exchange.endpoint);
    }
  }
  for (const auto& [sample, endpoints] : where) CHECK(endpoints.size() == 1);
  for (const auto& n : served) CHECK(n >= 12);
}

TEST_CASE("replicas: each address once, all of them valid") {
  BackendOptions o;
  o.base_url = "http://127.0.0.1:1/v1/";
  o.model = "m";
  for (const std::string other : {"http://127.0.0.1:1/v1", "ftp://h", "h"}) {
    o.replicas = {other};
    for (const BackendEntry& entry : backend_catalog()) {
      if (entry.id != "openai") continue;
      auto made = entry.make(o);
      REQUIRE_FALSE(made.ok());
      CHECK(made.error().code == Code::invalid);
    }
  }
}

}  // namespace
}  // namespace assay
