// A server in this process and the two kinds of clients that talk to it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "harness/base/http.h"
#include "harness/mock/server.h"

namespace assay::mock {

class Running {
 public:
  explicit Running(MockOptions options = {});
  ~Running() { stop(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  std::string chat() const { return server_.url() + "/v1/chat/completions"; }
  std::string at(const std::string& path) const { return server_.url() + path; }
  std::uint16_t port() const { return server_.port(); }
  Json stop();  // the ledger

 private:
  MockServer server_;
  std::thread thread_;
};

// A request with one message; `more` are further members, as `,"stream":true`.
std::string chat_body(const std::string& text, const std::string& more = "");

HttpRequest post(const std::string& url, std::string body);
HttpRequest get(const std::string& url);
HttpResult fetch(HttpClient& client, HttpRequest request);
HttpResult fetch(HttpRequest request, double first_byte_s = 10);
// All at once, results in the order of the requests.
std::vector<HttpResult> fetch_all(HttpClient& client, std::vector<HttpRequest> requests);

// Bytes over a plain socket.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port, bool six = false);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  bool connected() const { return fd_ >= 0; }
  void send(std::string_view bytes);
  void end_writing();
  // Until the other side ends, nothing came for `ms`, or there are `enough` bytes.
  std::string read(int ms = 2000, std::size_t enough = SIZE_MAX);
  bool was_reset() const { return reset_; }
  bool ended() const { return ended_; }
  int pieces() const { return pieces_; }

 private:
  int fd_ = -1;
  bool reset_ = false;
  bool ended_ = false;
  int pieces_ = 0;
};

std::string raw_post(const std::string& body, const std::string& headers = "");

}  // namespace assay::mock
