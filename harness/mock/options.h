// Everything that a mock server can be told.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/mock/distribution.h"
#include "harness/mock/faults.h"

namespace assay::mock {

enum class ReasoningAs : std::uint8_t { reasoning_content, reasoning, tags };

struct MockOptions {
  std::string host;         // empty: 127.0.0.1 and, where there is one, ::1
  std::uint16_t port = 0;   // 0: any that is free
  std::uint64_t seed = 1;
  std::vector<std::string> models = {"mock"};  // what /v1/models lists; a request may name any
  std::string api_key;                         // empty: none is asked for

  std::string replay;       // a file of recorded answers; empty: answers are generated
  std::string answer_text;  // the visible answer; empty: generated words
  bool echo = false;        // the visible answer is the last message of the request
  Distribution latency_s;   // to the first byte
  Distribution tokens{64};  // of the visible answer
  Distribution reasoning_tokens;
  Distribution tokens_per_second;  // 0: at once
  std::int64_t event_tokens = 0;   // tokens an event of a stream; 0: 16, or a twentieth of a second's
  ReasoningAs reasoning_as = ReasoningAs::reasoning_content;

  std::vector<FaultRate> faults;
  double retry_after_s = 1;       // what the faults of status 429 and 503 ask for
  double drip_s = 0.002;          // between two bytes
  double split_s = 0.005;         // between the halves of an event
  std::uint64_t huge_bytes = 100'000'000;

  double batch_s = 0;  // from when a batch is made to when it is done

  double requests_per_minute = 0;  // 0: no limit
  double tokens_per_minute = 0;    // input and the most that may be answered; 0: no limit
  double burst_s = 5;              // of the limits: what may come at once is their share of so many seconds
  std::uint64_t max_in_flight = 0;  // 0: no limit
  int over_capacity_status = 503;  // for what is beyond max_in_flight

  std::uint32_t max_connections = 16384;
  std::size_t max_body = std::size_t{64} << 20;  // bytes of a request
  double idle_s = 300;                           // a connection without a request, or in the middle of one
  std::string log;                               // JSON lines, one a request; empty: none
  std::string log_header = "X-Assay-Sample";     // whose value the log keeps
  double stop_after_s = 0;                       // 0: never
  std::function<bool()> stop_requested;          // polled at least every 0.2 s; unset: never
};

}  // namespace assay::mock
