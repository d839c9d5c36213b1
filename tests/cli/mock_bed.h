// A mock server and a store, both made by the real `assay`, and the books of the two compared call by call.
//
// Threads: one. The server ends with the bed, and by itself if the test dies.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace assay::test {

// A request as the server's log has it.
struct Served {
  std::string id, digest, fault, end;
  int status = 0;
  std::int64_t tokens = 0;  // input and output
  std::int64_t began_us = 0;
};

// A call as the store has it.
struct Booked {
  std::string place;  // sample, epoch, step, draw
  std::string status, id, error_code, finish;
  int http_status = 0;
  std::optional<std::int64_t> tokens;  // all buckets; unknown where the server did not say
  std::optional<std::int64_t> bound;
};

class MockBed {
 public:
  // Arguments of `assay mock-server` beside the port and the log.
  explicit MockBed(std::vector<std::string> server_args, double stop_after_s = 600);
  ~MockBed();

  const std::string& url() const { return url_; }
  std::string db() const { return dir_ / "a.db"; }
  const TempDir& dir() const { return dir_; }

  // Writes the suite: `samples` of math/arithmetic, `model` the lines of a model entry beside name, backend
  // and URL.
  std::string suite(int samples, const std::string& model, int tries, int epochs = 1) const;

  void stop_server();  // its log is whole afterwards
  std::vector<Served> served() const;
  std::vector<Booked> booked() const;
  std::int64_t number(const std::string& query) const;  // the one that a query gives

 private:
  TempDir dir_;
  pid_t server_ = -1;
  std::string url_;
};

// What comparing the books says, for a line of figures.
struct Books {
  std::size_t served = 0, booked = 0, complete = 0, ok = 0;
  std::size_t lost_on_the_way = 0;  // complete at the server, and not here: reserved at their bound
  std::int64_t server_tokens = 0, known_tokens = 0, bound_tokens = 0;
  int most_tries = 0;
};

// Checks, with Catch2, that every attempt ended in exactly one state, that no response is lost or counted
// twice, that failures are not wrong answers, that tokens agree and that everything else is reserved.
// REQUIRES: a stopped server.
Books check_books(const MockBed& bed, std::int64_t attempts, int tries);

}  // namespace assay::test
