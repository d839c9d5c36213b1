// A small HTTP/1.1 server on 127.0.0.1 for tests, which gives a handler every byte of the answer
// into its hands: cut anywhere, drip, reset. One thread a connection. The destructor ends it.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace assay {

struct ServedRequest {
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string header(std::string_view name) const;  // any case; empty when absent
};

// The handler's end of a connection. After it returns the connection serves its next request,
// unless close() or reset() was called.
class Peer {
 public:
  explicit Peer(int fd, const std::atomic<bool>& stopping) : fd_(fd), stopping_(stopping) {}
  bool send(std::string_view bytes);  // false when the other side is gone
  bool wait_ms(int ms);               // false when the server stops or the other side is gone
  void close() { open_ = false; }
  void reset();  // a TCP reset instead of an orderly end
  // A whole response with Content-Length. Extra headers as "A: b\r\n" lines.
  bool respond(int status, std::string_view body, std::string_view type = "application/json",
               std::string_view extra = "");
  bool begin_stream(std::string_view type = "text/event-stream", std::string_view extra = "");  // chunked
  bool chunk(std::string_view bytes);  // one chunk; an empty one ends the response
  bool open() const { return open_; }
  int fd() const { return fd_; }       // for what is not HTTP any more: a tunnel

 private:
  int fd_;
  const std::atomic<bool>& stopping_;
  bool open_ = true;
};

class HttpServer {
 public:
  using Handler = std::function<void(const ServedRequest&, Peer&)>;
  enum class Family { v4, v6 };
  explicit HttpServer(Handler handler, Family family = Family::v4);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string url() const;  // "http://127.0.0.1:PORT", "http://[::1]:PORT"
  int port() const { return port_; }
  bool listens() const { return listener_ >= 0; }  // false: this machine has no such family
  int connections() const { return connections_; }
  int requests() const { return requests_; }

 private:
  void accept_loop();
  void serve(int fd);

  Handler handler_;
  Family family_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0};
  std::atomic<int> requests_{0};
  std::mutex mutex_;  // guards the next two
  std::set<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// A port on which nothing listens.
int unused_port();

}  // namespace assay
