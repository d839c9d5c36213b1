// A running `assay mock-server` of its own process, for tests of other folders. It ends with this object, and with this
// process.
//
//   MockProcess mock({"--latency", "0.01", "--fault", "all=0.2", "--log", dir / "log.jsonl"});
//   run against mock.url();
//   const Json ledger = mock.stop();
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "harness/base/json.h"

namespace assay::test {

class MockProcess {
 public:
  explicit MockProcess(std::vector<std::string> options = {});
  ~MockProcess();
  MockProcess(const MockProcess&) = delete;
  MockProcess& operator=(const MockProcess&) = delete;

  const std::string& url() const { return url_; }  // "http://127.0.0.1:PORT/v1"; empty: it did not start
  std::string origin() const { return url_.substr(0, url_.size() - 3); }
  pid_t pid() const { return pid_; }
  Json stop();  // asks it to end, waits, and gives its ledger; null if it did not end well

 private:
  pid_t pid_ = -1;
  int out_ = -1;
  int err_ = -1;
  std::string url_;
};

}  // namespace assay::test
