// What was asked, answered and left unanswered: the server's own account, which a client's is compared with.
//
// A request of a model's endpoint ends in exactly one way:
//   complete    a whole answer of status 200 that can be used, tokens as its usage says
//   broken      a whole answer of status 200 that cannot be used (invalid JSON, a wrong type, ...)
//   refused     a whole answer of another status
//   cut         a part of an answer was sent, by a fault, or because the client left
//   unanswered  nothing was sent
// "Sent" means handed to the kernel: what a client has not read when it is killed counts as sent.
// The tokens of answers that are broken, cut or unanswered are those of the answer that was to be sent.
//
// Threads: one; the log is complete on disk after flush(). Errors: opening the log.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "harness/base/digest.h"
#include "harness/base/json.h"
#include "harness/base/result.h"

namespace assay::mock {

enum class End : std::uint8_t { complete, broken, refused, cut, unanswered };
inline constexpr std::size_t kEnds = 5;
const char* name(End end);

struct Record {
  std::string id;  // as in the header x-request-id
  std::string path;
  std::string model;
  std::string sample;  // the value of the header named by --log-header
  Digest digest;       // SHA-256 of the request's body
  std::uint32_t occurrence = 0;  // how often this body came before
  std::uint32_t choices = 1;
  bool stream = false;
  int status = 0;
  std::string_view fault;  // empty: none
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;  // reasoning among them
  End planned = End::complete;     // how it ends if it is sent whole
  std::int64_t began_us = 0;       // unix time at which the request was complete
};

class Ledger {
 public:
  ~Ledger();
  Result<void> open_log(const std::string& path);  // appended to

  void began(const Record&);
  void ended(const Record&, End end, std::uint64_t bytes_sent);
  void flush();

  // Connections and requests that no Record tells of.
  void connected(std::uint64_t open_now);
  void spoke_tls() { ++tls_; }
  void bad_request() { ++bad_; }
  std::uint64_t in_flight() const { return in_flight_; }

  Json to_json(std::uint64_t open_now) const;

 private:
  struct Sum {
    std::uint64_t responses = 0;
    std::int64_t input = 0;
    std::int64_t output = 0;
    void add(const Record& r);
  };
  static Json json_of(const Sum& sum);
  void log(const Record& r, End end, std::uint64_t bytes_sent);

  std::uint64_t requests_ = 0;
  std::uint64_t in_flight_ = 0;
  std::uint64_t in_flight_most_ = 0;
  std::uint64_t accepted_ = 0;
  std::uint64_t open_most_ = 0;
  std::uint64_t tls_ = 0;
  std::uint64_t bad_ = 0;
  std::array<Sum, kEnds> by_end_;
  std::map<int, std::uint64_t> by_status_;
  std::map<std::string_view, std::array<Sum, kEnds>> by_fault_;
  int log_fd_ = -1;
  std::string log_;
};

}  // namespace assay::mock
