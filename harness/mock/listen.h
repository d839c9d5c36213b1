// Sockets that listen.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/result.h"

namespace assay::mock {

struct Listening {
  std::vector<int> sockets;  // nonblocking; the caller's
  std::uint16_t port = 0;
  std::string host;          // of the first, for a URL: IPv6 addresses in brackets
};

// An empty host means 127.0.0.1 and, where the machine has it, ::1 on the same port.
// Error: Code::invalid for a host that is no address, Code::unavailable when it cannot be listened on.
Result<Listening> listen_on(const std::string& host, std::uint16_t port);

}  // namespace assay::mock
