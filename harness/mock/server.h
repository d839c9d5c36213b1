// A server of models that do not exist: HTTP/1.1 on one thread, thousands of connections, faults on demand.
//
//   MockServer server(options);
//   if (auto ok = server.start(); !ok) return ok.error();
//   std::thread thread([&] { server.run(); });
//   ... "http://127.0.0.1:" + std::to_string(server.port()) + "/v1" ...
//   server.stop();
//   thread.join();
//
// Answers depend on (options, seed, a request's body, how often that body came before) and on nothing else; which
// address answers what is in routes.h, the faults are in faults.h, the account in ledger.h.
// Threads: start(), run() and ledger() from one thread at a time; stop() from any, also before run().
// Errors of start(): Code::invalid for options, a log or a replay file that cannot be used; Code::unavailable for an
//   address that cannot be listened on.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "harness/base/json.h"
#include "harness/base/result.h"
#include "harness/mock/options.h"

namespace assay::mock {

class MockServer {
 public:
  explicit MockServer(MockOptions options);
  ~MockServer();
  MockServer(const MockServer&) = delete;
  MockServer& operator=(const MockServer&) = delete;

  Result<void> start();  // listens; connections wait until run()
  std::uint16_t port() const;
  std::string url() const;  // "http://127.0.0.1:PORT", without "/v1"
  void run();               // until stop(), stop_requested or stop_after_s
  void stop();
  Json ledger() const;  // when run() has returned, or before it is called

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay::mock
