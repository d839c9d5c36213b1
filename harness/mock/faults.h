// Faults by name: what can go wrong between a client and a server, to be asked for by a rate each.
//
// Threads: any; the table is constant.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/mock/ledger.h"

namespace assay::mock {

enum class FaultKind : std::uint8_t {
  status,  // an error status with a JSON body; the next say how long to wait
  status_html,  // likewise with a page, as a proxy in front of a server writes it
  retry_seconds,
  retry_fraction,
  retry_date,
  retry_ms,
  ratelimit_reset,
  redirect,
  reset_before,
  reset_in_body,
  close_in_body,
  silence,
  tls,
  // These change the body that is sent.
  split,
  drip,
  bad_json,
  bad_utf8,
  length_short,
  length_long,
  huge,
  html,
  mislabelled,
  gzip,
  bad_gzip,
  // These change what the answer says.
  no_usage,
  empty,
  truncated,
  filtered,
  stream_error,
  no_done,
};

struct Fault {
  std::string_view name;
  FaultKind kind;
  int status;  // of the answer, where there is one
  End end;     // in the ledger, when the client stays to the end
  std::string_view summary;
};

std::span<const Fault> faults();
const Fault* find_fault(std::string_view name);

struct FaultRate {
  const Fault* fault = nullptr;
  double rate = 0;
};

// "NAME=RATE"; "all=RATE" shares the rate evenly among all faults, "429=RATE" among those of that status.
// Error: Code::invalid for an unknown name (with the nearest), a rate outside [0, 1], or a sum above 1.
Result<std::vector<FaultRate>> parse_faults(const std::vector<std::string>& texts);

// The fault of the request with this key, or null. Depends on the key and the list alone.
const Fault* draw_fault(const std::vector<FaultRate>& rates, std::uint64_t key);

}  // namespace assay::mock
