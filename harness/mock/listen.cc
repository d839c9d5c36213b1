#include "harness/mock/listen.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay::mock {
namespace {

constexpr int kBacklog = 4096;
constexpr int kTries = 32;  // for a free port that both families have

struct Address {
  sockaddr_storage at{};
  socklen_t size = 0;
};

Result<Address> resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int rc = ::getaddrinfo(host.c_str(), "0", &hints, &found);
  if (rc != 0) return invalid(format("--host {}: {}", printable(host), gai_strerror(rc)));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, ::freeaddrinfo);
  Address out;
  std::memcpy(&out.at, found->ai_addr, found->ai_addrlen);
  out.size = found->ai_addrlen;
  return out;
}

void set_port(Address& address, std::uint16_t port) {
  if (address.at.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(&address.at)->sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in*>(&address.at)->sin_port = htons(port);
  }
}

std::uint16_t port_of(int fd) {
  Address address;
  address.size = sizeof address.at;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address.at), &address.size) != 0) return 0;
  return ntohs(address.at.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&address.at)->sin6_port
                                                : reinterpret_cast<sockaddr_in*>(&address.at)->sin_port);
}

std::string text_of(const Address& address) {
  char text[INET6_ADDRSTRLEN] = {};
  const bool six = address.at.ss_family == AF_INET6;
  const void* raw = six ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(&address.at)->sin6_addr)
                        : static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(&address.at)->sin_addr);
  ::inet_ntop(address.at.ss_family, raw, text, sizeof text);
  return six ? format("[{}]", text) : std::string(text);
}

// `why` becomes errno of what failed.
Result<int> listen_at(Address address, std::uint16_t port, int& why) {
  set_port(address, port);
  const auto fail = [&](int fd, const char* what) {
    why = errno;
    if (fd >= 0) ::close(fd);
    return Error{Code::unavailable, format("{} {}:{}: {}", what, text_of(address), port, std::strerror(why))};
  };
  const int fd = ::socket(address.at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail(fd, "socket for");
  const int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (address.at.ss_family == AF_INET6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);  // which accepted sockets inherit
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address.at), address.size) != 0) return fail(fd, "cannot bind");
  if (::listen(fd, kBacklog) != 0) return fail(fd, "cannot listen on");
  return fd;
}

}  // namespace

Result<Listening> listen_on(const std::string& host, std::uint16_t port) {
  auto first = resolve(host.empty() ? "127.0.0.1" : host);
  if (!first) return first.error();
  const auto second = host.empty() ? resolve("::1") : Result<Address>(invalid("only one address is asked for"));
  for (int tries = 0;; ++tries) {
    int why = 0;
    auto fd = listen_at(*first, port, why);
    if (!fd) return fd.error();
    Listening out{{*fd}, port_of(*fd), text_of(*first)};
    if (!second) return out;
    auto other = listen_at(*second, out.port, why);
    if (other) out.sockets.push_back(*other);
    // A machine without IPv6 is served by IPv4 alone; a port that is taken there is another one's.
    const bool taken = !other && why == EADDRINUSE;
    if (!taken || port != 0 || tries == kTries) return out;
    ::close(*fd);
  }
}

}  // namespace assay::mock
