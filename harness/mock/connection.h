// One client's connection: takes requests in, sends answers out, one after the other, never blocking.
//
// The server calls pump() when the socket can be read or written or a moment has come that was asked for.
// Memory: what a request and its answer need, at most 16 KB and one piece of it unsent; an idle one has no buffers.
// Threads: the server's. Ownership: owns the socket. Every request that the ledger was told of ends there, also in
// the destructor.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "harness/mock/answer.h"
#include "harness/mock/context.h"
#include "harness/mock/http_request.h"

namespace assay::mock {

class Connection {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  Connection(int fd, std::uint64_t number, Context& context);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  enum class Step : std::uint8_t {
    idle,    // waits for the socket, or for wake_at()
    again,   // has used its share and has more to do
    closed,  // to be destroyed
  };
  Step pump();

  // What the poller saw, before pump().
  void note(bool readable, bool writable, bool left);
  void wake() { woken_ = true; }         // wake_at() has come
  Time wake_at() const { return wake_at_; }  // max(): never
  Time active_at() const { return active_at_; }
  bool may_expire() const { return phase_ == Phase::reading || phase_ == Phase::sending; }  // it waits for the client

 private:
  enum class Phase : std::uint8_t {
    reading,
    delayed,   // until wake_at_, before the first byte of an answer
    sending,
    pausing,   // until wake_at_, between two pieces
    silent,    // until the client leaves
    draining,  // all is sent; what still comes is read and dropped, since a close would become a reset
  };
  enum class Flow : std::uint8_t { on, wait, close };

  Flow read_on();
  Flow accept_request(MockRequest request);
  Flow refuse(int status, const char* reason);
  Flow begin_answer();
  Flow send_on();
  void fill();
  Flow finish_answer();
  Flow write_out();
  Flow drain();
  void write_head();
  void put_piece(const std::string& piece);
  void pause_until(Time time, Phase phase);
  Flow reset();
  void settle(End end);
  Flow answer_tls();

  Context& context_;
  const int fd_;
  const std::uint64_t number_;
  RequestParser parser_;
  std::string in_;  // what was read after the request that is being answered
  std::string out_;
  std::size_t out_at_ = 0;
  std::size_t head_end_ = 0;  // of out_, for the drip
  Answer answer_;
  Body::Next ending_ = Body::Next::piece;  // how the body ended, once it did
  std::string held_;                       // a piece that waits for its moment
  std::uint64_t sent_ = 0;                 // bytes of this answer
  Phase phase_ = Phase::reading;
  Time wake_at_ = Time::max();
  Time active_at_;
  bool keep_alive_ = true;
  bool head_only_ = false;
  bool readable_ = false;
  bool writable_ = true;
  bool left_ = false;  // the client closed its side
  bool woken_ = false;
  bool first_byte_ = true;
};

}  // namespace assay::mock
