#include "harness/base/http.h"

#include <atomic>
#include <future>
#include <mutex>
#include <thread>

#include "harness/base/format.h"
#include "tests/support/catch.h"
#include "tests/support/http_server.h"

namespace assay {
namespace {

using Clock = std::chrono::steady_clock;

HttpOptions direct(std::uint32_t connections = 16) {
  HttpOptions o;
  o.max_connections = connections;
  o.use_proxy = false;
  return o;
}

HttpRequest get(std::string url) {
  HttpRequest r;
  r.url = std::move(url);
  return r;
}

HttpResult fetch(HttpClient& client, HttpRequest request, HttpHandlers handlers = {}) {
  auto promise = std::make_shared<std::promise<HttpResult>>();
  auto future = promise->get_future();
  handlers.done = [promise](HttpResult r) { promise->set_value(std::move(r)); };
  client.submit(std::move(request), std::move(handlers));
  return future.get();
}

HttpResult fetch(HttpRequest request) {
  HttpClient client(direct());
  return fetch(client, std::move(request));
}

// {"text": "hello hello hello"} as gzip.
constexpr unsigned char kGzip[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03,
                                   0xab, 0x56, 0x2a, 0x49, 0xad, 0x28, 0x51, 0xb2, 0x52, 0x50,
                                   0xca, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0x40, 0x22, 0x95, 0x6a,
                                   0x01, 0x73, 0xce, 0x89, 0xd1, 0x1d, 0x00, 0x00, 0x00};

TEST_CASE("http: a request and its response keep method, headers, status and bytes") {
  HttpServer server([](const ServedRequest& r, Peer& peer) {
    peer.respond(201,
                 r.method + " " + r.target + " " + r.header("X-One") + "|" + r.header("Empty") + "|" + r.body,
                 "text/plain", "X-Two: first\r\nx-two: second\r\n");
  });
  HttpClient client(direct());
  HttpRequest r = get(server.url() + "/a?b=c");
  r.method = "POST";
  r.headers = {{"X-One", "yes"}, {"Empty", ""}};
  r.body = std::string("nul\0 and \xff", 10);
  const HttpResult result = fetch(client, r);
  REQUIRE_FALSE(result.error.has_value());
  CHECK(result.status == 201);
  CHECK(result.body == "POST /a?b=c yes||" + r.body);
  CHECK(http_header(result.headers, "X-TWO") == std::string_view("first"));
  CHECK_FALSE(http_header(result.headers, "X-Three").has_value());
  CHECK(result.first_byte_s.value() <= result.total_s);
  CHECK(fetch(client, get(server.url())).body == "GET / ||");
  r.method = "PUT";
  CHECK(fetch(client, r).body == "PUT /a?b=c yes||" + r.body);
  CHECK(server.connections() == 1);
}

TEST_CASE("http: what goes wrong maps to a code") {
  HttpServer server([](const ServedRequest& r, Peer& peer) {
    if (r.target == "/reset") {
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
      peer.wait_ms(20);
      peer.reset();
    } else if (r.target == "/short") {
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
      peer.close();
    } else if (r.target == "/cutchunk") {
      peer.begin_stream();
      peer.chunk("half");
      peer.close();
    } else if (r.target == "/nothing") {
      peer.close();
    } else if (r.target == "/nothttp") {
      peer.send("220 mail.example.org ESMTP\r\n\r\n");
      peer.close();
    } else if (r.target == "/badgzip") {
      peer.respond(200, "this is not gzip", "text/plain", "Content-Encoding: gzip\r\n");
    } else if (r.target == "/manyheaders") {
      std::string extra;
      for (int i = 0; i < 5000; ++i) extra += format("X-{}: {}\r\n", i, std::string(100, 'x'));
      peer.respond(200, "", "text/plain", extra);
    } else if (r.target == "/redirect") {
      peer.respond(302, "moved", "text/plain", "Location: /elsewhere\r\n");
    } else {
      peer.respond(200, std::string(100'000, 'x'), "text/plain");
    }
  });
  HttpClient client(direct());
  struct Row {
    std::string url;
    std::optional<Code> code;
    std::string body;
  };
  const Row rows[] = {
      {server.url() + "/reset", Code::unavailable, "half"},
      {server.url() + "/short", Code::unavailable, "half"},
      {server.url() + "/cutchunk", Code::unavailable, "half"},
      {server.url() + "/nothing", Code::unavailable, ""},
      {server.url() + "/nothttp", Code::corrupt, ""},
      {server.url() + "/badgzip", Code::corrupt, ""},
      {server.url() + "/redirect", std::nullopt, "moved"},
      {format("http://127.0.0.1:{}/", unused_port()), Code::unavailable, ""},
      {"http://nowhere.invalid/", Code::unavailable, ""},
      {"ftp://127.0.0.1/x", Code::invalid, ""},
      {"file:///etc/passwd", Code::invalid, ""},
      {"127.0.0.1/x", Code::invalid, ""},
      {"http://", Code::invalid, ""},
      {"http://host:99999/", Code::invalid, ""},
      {"http://127.0.0.1/a b", Code::invalid, ""},
      {"http://127.0.0.1/a\r\nX: y", Code::invalid, ""},
      {"", Code::invalid, ""},
  };
  for (const Row& row : rows) {
    INFO(row.url);
    const HttpResult result = fetch(client, get(row.url));
    INFO((result.error ? result.error->message : std::string("no error")));
    CHECK(result.error.has_value() == row.code.has_value());
    if (result.error && row.code) CHECK(std::string(name(result.error->code)) == name(*row.code));
    CHECK(result.body == row.body);
  }
  const HttpResult many = fetch(client, get(server.url() + "/manyheaders"));
  CHECK(many.error.has_value());
  HttpRequest big = get(server.url() + "/big");
  big.max_body = 99'999;
  CHECK(fetch(client, big).error->code == Code::corrupt);
  big.max_body = 100'000;
  CHECK(fetch(client, big).body.size() == 100'000);
  HttpRequest sly = get(server.url());
  sly.headers = {{"X", "a\r\nY: b"}};
  CHECK(fetch(client, sly).error->code == Code::invalid);
}

TEST_CASE("http: an error names the origin and nothing that may hold a key") {
  const int port = unused_port();
  HttpRequest r = get(format("http://user:CANARY1@127.0.0.1:{}/CANARY2?key=CANARY3", port));
  r.headers = {{"Authorization", "Bearer CANARY4"}};
  r.body = "CANARY5";
  r.method = "POST";
  const HttpResult result = fetch(r);
  INFO(result.error->message);
  CHECK(result.error->message.find("CANARY") == std::string::npos);
  CHECK(result.error->message.find(format("http://127.0.0.1:{}", port)) == 0);
}

TEST_CASE("http: gzip is unpacked, whole and in pieces, and the bound holds for what is unpacked") {
  const std::string packed(reinterpret_cast<const char*>(kGzip), sizeof kGzip);
  std::atomic<int> asked{0};
  HttpServer server([&packed, &asked](const ServedRequest& r, Peer& peer) {
    asked += r.header("Accept-Encoding") == "gzip";
    peer.begin_stream("application/json", "Content-Encoding: gzip\r\n");
    for (const char c : packed) peer.chunk(std::string(1, c));
    peer.chunk("");
  });
  CHECK(fetch(get(server.url())).body == R"({"text": "hello hello hello"})");
  HttpRequest small = get(server.url());
  small.max_body = 20;
  CHECK(fetch(small).error->code == Code::corrupt);
  CHECK(asked == 2);
}

TEST_CASE("http: chunks come as they arrive, and the reader may end the transfer") {
  HttpServer server([](const ServedRequest&, Peer& peer) {
    peer.begin_stream();
    for (int i = 0; i < 5; ++i) {
      peer.chunk(format("{}", i));
      if (!peer.wait_ms(20)) return;
    }
    peer.chunk("");
  });
  HttpClient client(direct());
  std::string seen;
  int head = 0;
  HttpHandlers handlers;
  handlers.on_headers = [&](int status, const HttpHeaderList&) { head = status; };
  handlers.on_chunk = [&](std::string_view bytes) {
    seen += bytes;
    return true;
  };
  HttpResult result = fetch(client, get(server.url()), handlers);
  CHECK_FALSE(result.error.has_value());
  CHECK(seen == "01234");
  CHECK(head == 200);
  CHECK(result.body.empty());
  CHECK(result.total_s - result.first_byte_s.value() > 0.05);
  handlers.on_chunk = [](std::string_view bytes) { return bytes.find('2') == std::string_view::npos; };
  CHECK(fetch(client, get(server.url()), handlers).error->code == Code::cancelled);
}

TEST_CASE("http: each timeout has its code") {
  HttpServer server([](const ServedRequest& r, Peer& peer) {
    if (r.target == "/silent") {
      peer.wait_ms(5000);
    } else if (r.target == "/stall") {
      peer.begin_stream();
      peer.chunk("first");
      peer.wait_ms(5000);
    } else {
      peer.begin_stream();
      while (peer.chunk("x") && peer.wait_ms(10)) {
      }
    }
  });
  HttpClient client(direct());
  const auto in_ms = [](int ms) { return Clock::now() + std::chrono::milliseconds(ms); };
  const auto start = Clock::now();
  HttpRequest r = get(server.url() + "/silent");
  r.timeouts.first_byte_s = 0.1;
  CHECK(fetch(client, r).error->code == Code::unavailable);
  r.timeouts.first_byte_s = 10;
  r.timeouts.idle_s = 0.05;  // counts from the first byte on
  r.timeouts.deadline = in_ms(150);
  HttpResult result = fetch(client, r);
  CHECK(result.error->code == Code::deadline);
  CHECK_FALSE(result.first_byte_s.has_value());
  r = get(server.url() + "/stall");
  r.timeouts.first_byte_s = 10;
  r.timeouts.idle_s = 0.1;
  result = fetch(client, r);
  CHECK(result.error->code == Code::unavailable);
  CHECK(result.body == "first");
  r = get(server.url() + "/drip");
  r.timeouts.idle_s = 1;
  r.timeouts.deadline = in_ms(200);
  result = fetch(client, r);
  CHECK(result.error->code == Code::deadline);
  CHECK(result.status == 200);
  CHECK(result.body.size() > 3);
  CHECK(Clock::now() - start < std::chrono::seconds(3));
  r.timeouts.deadline = in_ms(-1);
  CHECK(fetch(client, r).error->code == Code::deadline);
  r = get("http://192.0.2.1/");  // a documentation network: nobody answers, or there is no route
  r.timeouts.connect_s = 0.1;
  CHECK(fetch(client, r).error->code == Code::unavailable);
}

TEST_CASE("http: at most max_connections at once, the rest in order, connections reused") {
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  HttpServer server([&](const ServedRequest&, Peer& peer) {
    const int n = ++now;
    int seen = most;
    while (n > seen && !most.compare_exchange_weak(seen, n)) {
    }
    peer.wait_ms(2);
    --now;
    peer.respond(200, "ok");
  });
  HttpClient client(direct(8));
  std::atomic<int> good{0};
  std::promise<void> all;
  constexpr int kCount = 400;
  for (int i = 0; i < kCount; ++i) {
    HttpHandlers handlers;
    handlers.done = [&](const HttpResult& r) {
      if (!r.error && r.body == "ok" && ++good == kCount) all.set_value();
    };
    client.submit(get(server.url()), std::move(handlers));
  }
  CHECK(all.get_future().wait_for(std::chrono::seconds(30)) == std::future_status::ready);
  CHECK(good == kCount);
  CHECK(most <= 8);
  CHECK(server.connections() <= 8);
}

TEST_CASE("http: a POST whose kept connection ends without an answer is not sent again; a GET is") {
  HttpServer server([n = std::make_shared<std::atomic<int>>(0)](const ServedRequest& r, Peer& peer) {
    if (r.target == "/first" || ++*n % 2 == 0) {
      peer.respond(200, "ok");
    } else {
      peer.reset();
    }
  });
  HttpClient client(direct(1));
  for (const std::string method : {"POST", "GET"}) {
    CHECK(fetch(client, get(server.url() + "/first")).status == 200);
    const int before = server.requests();
    HttpRequest r = get(server.url() + "/second");
    r.method = method;
    if (method == "POST") r.body = "x";
    const HttpResult result = fetch(client, r);
    CHECK(result.error.has_value() == (method == "POST"));
    if (result.error) CHECK(result.error->code == Code::unavailable);
    CHECK(server.requests() - before == (method == "POST" ? 1 : 2));
    if (method == "POST") CHECK(fetch(client, r).status == 200);  // the caller's own second try
  }
}

TEST_CASE("http: no submission is slept through") {
  constexpr int kThreads = 4;
  constexpr int kEach = 20'000;
  HttpClient client(direct());
  std::atomic<int> done{0};
  const auto start = Clock::now();
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      std::atomic<bool> mine{false};
      for (int i = 0; i < kEach; ++i) {
        mine = false;
        HttpHandlers handlers;
        handlers.done = [&](HttpResult) {
          ++done;
          mine = true;
          mine.notify_one();
        };
        client.submit(get("no address"), std::move(handlers));  // ends at once on the client's thread
        mine.wait(false);
      }
    });
  }
  for (std::thread& t : threads) t.join();
  CHECK(done == kThreads * kEach);
  CHECK(Clock::now() - start < std::chrono::seconds(30));  // a sleep that is not ended lasts 60
}

TEST_CASE("http: done is called once under cancel, new submissions and destruction") {
  HttpServer server([](const ServedRequest& r, Peer& peer) {
    if (r.target == "/slow") peer.wait_ms(30);
    peer.respond(200, "ok");
  });
  for (int round = 0; round < 20; ++round) {
    constexpr int kThreads = 4;
    constexpr int kEach = 30;
    std::vector<std::atomic<int>> calls(kThreads * kEach);
    std::atomic<int> again{0};
    auto* client = new HttpClient(direct(6));
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          HttpHandlers handlers;
          const std::size_t slot = static_cast<std::size_t>(t * kEach + i);
          handlers.done = [&, slot](HttpResult) {
            if (++calls[slot] == 1 && slot % 7 == 0) {
              HttpHandlers second;
              second.done = [&](HttpResult) { ++again; };
              client->submit(get(server.url()), std::move(second));
            }
          };
          const HttpId id =
              client->submit(get(server.url() + (i % 2 == 0 ? "/slow" : "/")), std::move(handlers));
          if (i % 3 == 0) client->cancel(id);
          if (i % 5 == 0) client->cancel(id - 3);
        }
      });
    }
    for (std::thread& t : threads) t.join();
    if (round % 2 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(round));
    delete client;  // the handlers that it still calls may use it
    int once = 0;
    for (const auto& n : calls) once += n == 1;
    CHECK(once == kThreads * kEach);
    int sevenths = 0;
    for (std::size_t slot = 0; slot < calls.size(); ++slot) sevenths += slot % 7 == 0;
    CHECK(again == sevenths);
  }
}

}  // namespace
}  // namespace assay
