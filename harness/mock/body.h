// The body of an answer, made piece by piece when it is sent, so that an answer which waits holds a few bytes.
//
// Threads: one. Ownership: what a body needs is its own; it may outlive the request.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace assay::mock {

class Body {
 public:
  enum class Next : std::uint8_t {
    piece,  // something was appended
    end,    // there is no more
    reset,  // here the connection is reset
    close,  // here the connection is closed
  };
  virtual ~Body() = default;
  // Appends the next piece to `out`. `wait_s` is what to wait before it is sent.
  virtual Next next(std::string& out, double& wait_s) = 0;
};

// One piece, whole.
std::unique_ptr<Body> text_body(std::string text);

}  // namespace assay::mock
