#include "tests/support/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "harness/base/format.h"

namespace assay {
namespace {

int listen_on_loopback(int* port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd, 4096) != 0) {
    std::perror("test server");
    std::abort();
  }
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  *port = ntohs(address.sin_port);
  return fd;
}

int listen_on_loopback_v6(int* port) {
  const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  if (fd < 0) return -1;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(fd, 4096) != 0) {
    ::close(fd);
    return -1;
  }
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  *port = ntohs(address.sin6_port);
  return fd;
}

std::string folded(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

// Reads one request; `rest` keeps what came after it.
std::optional<ServedRequest> read_request(int fd, std::string& rest) {
  const auto more = [fd, &rest] {
    char buffer[65536];
    const ssize_t n = ::recv(fd, buffer, sizeof buffer, 0);
    if (n > 0) rest.append(buffer, static_cast<std::size_t>(n));
    return n > 0;
  };
  std::size_t end = 0;
  while ((end = rest.find("\r\n\r\n")) == std::string::npos) {
    if (!more()) return std::nullopt;
  }
  ServedRequest r;
  std::size_t at = rest.find("\r\n");
  const std::string line = rest.substr(0, at);
  r.method = line.substr(0, line.find(' '));
  r.target = line.substr(r.method.size() + 1, line.rfind(' ') - r.method.size() - 1);
  while (at < end) {
    const std::size_t next = rest.find("\r\n", at + 2);
    const std::string header = rest.substr(at + 2, next - at - 2);
    const std::size_t colon = header.find(':');
    r.headers.emplace_back(header.substr(0, colon), header.substr(std::min(header.size(), colon + 2)));
    at = next;
  }
  const std::size_t length = static_cast<std::size_t>(std::atoll(r.header("Content-Length").c_str()));
  while (rest.size() < end + 4 + length) {
    if (!more()) return std::nullopt;
  }
  r.body = rest.substr(end + 4, length);
  rest.erase(0, end + 4 + length);
  return r;
}

}  // namespace

std::string ServedRequest::header(std::string_view name) const {
  for (const auto& h : headers) {
    if (folded(h.first) == folded(name)) return h.second;
  }
  return {};
}

bool Peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) {
      open_ = false;
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool Peer::wait_ms(int ms) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
  while (std::chrono::steady_clock::now() < until) {
    pollfd p{fd_, POLLRDHUP, 0};
    ::poll(&p, 1, std::min(ms, 10));
    if (stopping_ || (p.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) {
      open_ = false;
      return false;
    }
  }
  return true;
}

void Peer::reset() {
  const linger now{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  open_ = false;
}

bool Peer::respond(int status, std::string_view body, std::string_view type, std::string_view extra) {
  return send(format("HTTP/1.1 {} Status\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}\r\n{}", status, type,
                     body.size(), extra, body));
}

bool Peer::begin_stream(std::string_view type, std::string_view extra) {
  return send(
      format("HTTP/1.1 200 OK\r\nContent-Type: {}\r\nTransfer-Encoding: chunked\r\n{}\r\n", type, extra));
}

bool Peer::chunk(std::string_view bytes) { return send(format("{:x}\r\n{}\r\n", bytes.size(), bytes)); }

HttpServer::HttpServer(Handler handler, Family family) : handler_(std::move(handler)), family_(family) {
  listener_ = family == Family::v4 ? listen_on_loopback(&port_) : listen_on_loopback_v6(&port_);
  if (listener_ < 0) return;
  acceptor_ = std::thread([this] { accept_loop(); });
}

HttpServer::~HttpServer() {
  stopping_ = true;
  if (listener_ < 0) return;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  std::vector<std::thread> threads;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    threads.swap(threads_);
  }
  for (std::thread& t : threads) t.join();
}

std::string HttpServer::url() const {
  return format("http://{}:{}", family_ == Family::v4 ? "127.0.0.1" : "[::1]", port_);
}

void HttpServer::accept_loop() {
  while (!stopping_) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ++connections_;
    const std::lock_guard<std::mutex> lock(mutex_);
    open_.insert(fd);
    threads_.emplace_back([this, fd] { serve(fd); });
  }
}

void HttpServer::serve(int fd) {
  std::string rest;
  Peer peer(fd, stopping_);
  while (peer.open() && !stopping_) {
    const auto request = read_request(fd, rest);
    if (!request) break;
    ++requests_;
    handler_(*request, peer);
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  open_.erase(fd);
  ::close(fd);
}

int unused_port() {
  int port = 0;
  ::close(listen_on_loopback(&port));
  return port;
}

}  // namespace assay
