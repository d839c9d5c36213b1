#include "tests/mock/running.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <future>
#include <memory>

#include "harness/base/format.h"

namespace assay::mock {

Running::Running(MockOptions options) : server_(std::move(options)) {
  if (auto ok = server_.start(); !ok) {
    std::fprintf(stderr, "%s\n", ok.error().message.c_str());
    std::abort();
  }
  thread_ = std::thread([this] { server_.run(); });
}

Json Running::stop() {
  server_.stop();
  if (thread_.joinable()) thread_.join();
  return server_.ledger();
}

std::string chat_body(const std::string& text, const std::string& more) {
  return format(R"({{"model":"m","messages":[{{"role":"user","content":"{}"}}]{}}})", text, more);
}

HttpRequest post(const std::string& url, std::string body) {
  HttpRequest r;
  r.method = "POST";
  r.url = url;
  r.headers = {{"Content-Type", "application/json"}};
  r.body = std::move(body);
  return r;
}

HttpRequest get(const std::string& url) {
  HttpRequest r;
  r.url = url;
  return r;
}

std::vector<HttpResult> fetch_all(HttpClient& client, std::vector<HttpRequest> requests) {
  std::vector<HttpResult> out(requests.size());
  std::promise<void> all;
  std::atomic<std::size_t> left{requests.size()};
  if (requests.empty()) return out;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    HttpHandlers handlers;
    handlers.done = [&, i](HttpResult r) {
      out[i] = std::move(r);
      if (--left == 0) all.set_value();
    };
    client.submit(std::move(requests[i]), std::move(handlers));
  }
  all.get_future().get();
  return out;
}

HttpResult fetch(HttpClient& client, HttpRequest request) {
  std::vector<HttpRequest> one;
  one.push_back(std::move(request));
  return std::move(fetch_all(client, std::move(one)).front());
}

HttpResult fetch(HttpRequest request, double first_byte_s) {
  HttpOptions options;
  options.use_proxy = false;
  HttpClient client(options);
  request.timeouts.first_byte_s = first_byte_s;
  return fetch(client, std::move(request));
}

RawClient::RawClient(std::uint16_t port, bool six) {
  fd_ = ::socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(port);
  four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 other{};
  other.sin6_family = AF_INET6;
  other.sin6_port = htons(port);
  other.sin6_addr = in6addr_loopback;
  const int rc = six ? ::connect(fd_, reinterpret_cast<const sockaddr*>(&other), sizeof other)
                     : ::connect(fd_, reinterpret_cast<const sockaddr*>(&four), sizeof four);
  if (rc != 0) {
    ::close(fd_);
    fd_ = -1;
    return;
  }
  const int yes = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

RawClient::~RawClient() {
  if (fd_ >= 0) ::close(fd_);
}

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void RawClient::end_writing() { ::shutdown(fd_, SHUT_WR); }

std::string RawClient::read(int ms, std::size_t enough) {
  std::string out;
  char buffer[65536];
  while (out.size() < enough) {
    pollfd p{fd_, POLLIN, 0};
    if (::poll(&p, 1, ms) <= 0) return out;
    const ssize_t n = ::recv(fd_, buffer, sizeof buffer, 0);
    if (n < 0 && errno == EINTR) continue;
    reset_ = n < 0 && errno == ECONNRESET;
    ended_ = n <= 0;
    if (n <= 0) return out;
    ++pieces_;
    out.append(buffer, static_cast<std::size_t>(n));
  }
  return out;
}

std::string raw_post(const std::string& body, const std::string& headers) {
  return format("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{}Content-Length: {}\r\n\r\n{}",
                headers, body.size(), body);
}

}  // namespace assay::mock
