// Ways to a server: proxies, private certificates, IPv6, kept connections, packed bodies. All on the loopback
// interface, with real sockets.
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>

#include "harness/base/compress.h"
#include "harness/base/format.h"
#include "tests/backends/openai_server.h"
#include "tests/backends/remote_client.h"
#include "tests/backends/tls_front.h"
#include "tests/support/catch.h"
#include "tests/support/environment.h"
#include "tests/support/http_server.h"
#include "tests/support/temp_dir.h"

namespace assay {
namespace {

using test::ask;
using test::Environment;
using test::remote;

// Passes bytes on in both directions until one side ends.
void tunnel(int a, int b) {
  char buffer[65536];
  while (true) {
    pollfd both[] = {{a, POLLIN, 0}, {b, POLLIN, 0}};
    if (::poll(both, 2, 10'000) <= 0) return;
    for (int i = 0; i < 2; ++i) {
      if (both[i].revents == 0) continue;
      const ssize_t n = ::recv(both[i].fd, buffer, sizeof buffer, 0);
      if (n <= 0) return;
      if (::send(i == 0 ? b : a, buffer, static_cast<std::size_t>(n), MSG_NOSIGNAL) != n) return;
    }
  }
}

int connect_to(const std::string& host_and_port) {
  const std::size_t colon = host_and_port.rfind(':');
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string host = host_and_port.substr(0, colon);
  if (::getaddrinfo(host.c_str(), host_and_port.c_str() + colon + 1, &hints, &found) != 0) return -1;
  const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool ok = ::connect(fd, found->ai_addr, found->ai_addrlen) == 0;
  ::freeaddrinfo(found);
  if (!ok) ::close(fd);
  return ok ? fd : -1;
}

// A proxy: forwards nothing itself for http (it answers in the server's place), tunnels for https.
class Proxy {
 public:
  Proxy() : server_([this](const ServedRequest& r, Peer& peer) { serve(r, peer); }) {}
  std::string url() const { return server_.url(); }
  std::vector<ServedRequest> seen() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return seen_;
  }

 private:
  void serve(const ServedRequest& r, Peer& peer) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      seen_.push_back(r);
    }
    if (r.method != "CONNECT") {
      peer.respond(200, test::kWholeAnswer);
      return;
    }
    const int fd = connect_to(r.target);
    if (fd < 0) {
      peer.respond(502, "");
      return;
    }
    peer.send("HTTP/1.1 200 Connected\r\n\r\n");
    tunnel(peer.fd(), fd);
    ::close(fd);
    peer.close();
  }

  std::mutex mutex_;  // guards seen_
  std::vector<ServedRequest> seen_;
  HttpServer server_;
};

TEST_CASE("network: http goes through http_proxy, unless use_proxy is off or NO_PROXY names the host") {
  Proxy proxy;
  HttpServer server([](const ServedRequest&, Peer& peer) { peer.respond(500, "{}"); });
  const Environment variable("http_proxy", proxy.url());
  const Environment none("no_proxy", std::nullopt);
  const Environment none_upper("NO_PROXY", std::nullopt);
  const BackendReply through = ask(*remote("openai", "http://model.example/v1", {{"use_proxy", true}}));
  REQUIRE(through.responses.size() == 1);
  CHECK(through.exchange.endpoint == "http://model.example/v1/chat/completions");
  REQUIRE(proxy.seen().size() == 1);
  CHECK(proxy.seen()[0].target == "http://model.example/v1/chat/completions");
  CHECK(ask(*remote("openai", server.url(), {{"use_proxy", false}})).error->http_status == 500);
  const Environment exception("no_proxy", "127.0.0.1");
  CHECK(ask(*remote("openai", server.url(), {{"use_proxy", true}})).error->http_status == 500);
  CHECK(proxy.seen().size() == 1);
}

TEST_CASE("network: a proxy that is not there is no connection, and nothing is billed") {
  const Environment variable("http_proxy", format("http://user:{}@127.0.0.1:{}", test::kCanary, unused_port()));
  const Environment none("no_proxy", std::nullopt);
  const Environment none_upper("NO_PROXY", std::nullopt);
  const BackendReply reply = ask(*remote("openai", "http://model.example/v1", {{"use_proxy", true}}));
  REQUIRE(reply.error.has_value());
  CHECK(reply.error->code == Code::unavailable);
  CHECK_FALSE(reply.error->may_be_billed);
  CHECK(test::everything(reply).find("canary") == std::string::npos);
}

TEST_CASE("network: a certificate that does not verify is the user's to settle; ca_file settles it, through a tunnel too") {
  const test::TempDir dir;
  const std::string response =
      format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
             test::kWholeAnswer.size(), test::kWholeAnswer);
  const auto server = test::TlsFront::start(dir.str(), response);
  if (!server) {
    WARN("no openssl program: TLS is not tested");
    return;
  }
  const BackendReply distrusted = ask(*remote("openai", server->url()));
  REQUIRE(distrusted.error.has_value());
  INFO(distrusted.error->message);
  CHECK(distrusted.error->code == Code::invalid);
  CHECK_FALSE(distrusted.error->may_be_billed);
  CHECK(distrusted.error->message.find('\n') == std::string::npos);
  const Json trust = {{"ca_file", server->certificate()}};
  const BackendReply trusted = ask(*remote("openai", server->url(), trust));
  INFO((trusted.error ? trusted.error->message : std::string()));
  REQUIRE(trusted.responses.size() == 1);
  CHECK(trusted.responses[0].text == "18");
  Proxy proxy;
  const Environment variable("https_proxy", proxy.url());
  const Environment none("no_proxy", std::nullopt);
  const Environment none_upper("NO_PROXY", std::nullopt);
  Json tunnelled = trust;
  tunnelled["use_proxy"] = true;
  const BackendReply through = ask(*remote("openai", server->url(), tunnelled));
  INFO((through.error ? through.error->message : std::string()));
  REQUIRE(through.responses.size() == 1);
  const std::vector<ServedRequest> seen = proxy.seen();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].method == "CONNECT");
  for (const auto& [name, value] : seen[0].headers) CHECK(value.find("canary") == std::string::npos);
  const BackendReply bad = ask(*remote("openai", server->url(), {{"ca_file", dir / "missing.pem"}}));
  CHECK(bad.error->code == Code::invalid);
}

TEST_CASE("network: IPv6 addresses in brackets") {
  HttpServer server([](const ServedRequest&, Peer& peer) { peer.respond(200, test::kWholeAnswer); },
                    HttpServer::Family::v6);
  if (!server.listens()) {
    WARN("no IPv6 here");
    return;
  }
  const BackendReply reply = ask(*remote("openai", server.url() + "/v1"));
  INFO((reply.error ? reply.error->message : std::string()));
  REQUIRE(reply.responses.size() == 1);
  CHECK(reply.exchange.endpoint == server.url() + "/v1/chat/completions");
}

TEST_CASE("network: connections are kept, and a packed answer is unpacked, whole and streamed") {
  const auto handler = [](const ServedRequest& r, Peer& peer) {
    if (r.header("Accept-Encoding").find("gzip") == std::string::npos) {
      peer.respond(400, "{}");
      return;
    }
    if (r.target == "/chat/completions") {
      peer.respond(200, gzip_compress(test::kWholeAnswer), "application/json", "Content-Encoding: gzip\r\n");
      return;
    }
    const std::string packed = gzip_compress(
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"18\"},\"finish_reason\":\"stop\"}]}\n\n"
        "data: [DONE]\n\n");
    peer.begin_stream("text/event-stream", "Content-Encoding: gzip\r\n");
    for (std::size_t i = 0; i < packed.size(); i += 7) peer.chunk(packed.substr(i, 7));
    peer.chunk("");
  };
  HttpServer server(handler);
  auto whole = remote("openai", server.url());
  for (int i = 0; i < 20; ++i) {
    const BackendReply reply = ask(*whole);
    REQUIRE(reply.responses.size() == 1);
    CHECK(reply.responses[0].text == "18");
    CHECK(reply.exchange.received == test::kWholeAnswer);
  }
  CHECK(server.connections() == 1);
  CHECK(ask(*remote("openai", server.url(), {{"path", "/stream"}})).responses.at(0).text == "18");
}

}  // namespace
}  // namespace assay
