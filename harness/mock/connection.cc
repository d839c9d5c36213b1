#include "harness/mock/connection.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "harness/base/format.h"
#include "harness/mock/fault_bodies.h"
#include "harness/mock/routes.h"

namespace assay::mock {
namespace {

constexpr std::size_t kFill = 16 << 10;
constexpr int kTurns = 64;  // of one pump(), so that no client keeps the others waiting
constexpr auto kDrain = std::chrono::seconds(1);
constexpr char kTlsHandshake = 0x16;  // the first byte of a TLS record with a ClientHello (RFC 8446, section 5.1)
// A fatal alert, handshake_failure (RFC 8446, section 6).
constexpr std::string_view kTlsAlert("\x15\x03\x03\x00\x02\x02\x28", 7);

Connection::Time after(Connection::Time start, double seconds) {
  return start + std::chrono::duration_cast<Connection::Clock::duration>(
                     std::chrono::duration<double>(std::min(seconds, 1e9)));
}

const char* reason_phrase(int status) {
  struct Row {
    int status;
    const char* phrase;
  };
  constexpr Row kRows[] = {{200, "OK"}, {307, "Temporary Redirect"}, {400, "Bad Request"}, {401, "Unauthorized"},
                           {403, "Forbidden"}, {404, "Not Found"}, {429, "Too Many Requests"},
                           {500, "Internal Server Error"}, {502, "Bad Gateway"}, {503, "Service Unavailable"},
                           {504, "Gateway Timeout"}};
  for (const Row& row : kRows) {
    if (row.status == status) return row.phrase;
  }
  return status < 300 ? "OK" : "Error";
}

// 64 KB for all connections, since one thread serves them.
char* read_buffer() {
  thread_local char buffer[64 << 10];
  return buffer;
}
constexpr std::size_t kReadBytes = 64 << 10;

}  // namespace

Connection::Connection(int fd, std::uint64_t number, Context& context)
    : context_(context), fd_(fd), number_(number), parser_(context.options.max_body), active_at_(Clock::now()) {}

Connection::~Connection() {
  settle(sent_ > 0 ? End::cut : End::unanswered);
  ::close(fd_);
}

void Connection::note(bool readable, bool writable, bool left) {
  readable_ = readable_ || readable || left;
  writable_ = writable_ || writable;
  left_ = left_ || left;
}

void Connection::settle(End end) {
  if (!answer_.record) return;
  context_.ledger.ended(*answer_.record, end, sent_);
  answer_.record.reset();
}

void Connection::pause_until(Time time, Phase phase) {
  wake_at_ = time;
  woken_ = false;
  phase_ = phase;
}

Connection::Step Connection::pump() {
  for (int turn = 0; turn < kTurns; ++turn) {
    Flow flow = Flow::wait;
    const bool woken = std::exchange(woken_, false);
    if (woken) wake_at_ = Time::max();
    switch (phase_) {
      case Phase::reading: flow = read_on(); break;
      case Phase::delayed:
        if (woken) flow = begin_answer();
        break;
      case Phase::pausing:
        if (woken) {
          phase_ = Phase::sending;
          flow = Flow::on;
        }
        break;
      case Phase::sending: flow = send_on(); break;
      case Phase::silent: break;
      case Phase::draining: flow = woken ? Flow::close : drain(); break;
    }
    if (flow == Flow::close) return Step::closed;
    // A client that closes its side while it waits for an answer has gone away.
    const bool answering = phase_ != Phase::reading && phase_ != Phase::draining;
    if (left_ && answering && flow == Flow::wait) return Step::closed;
    if (flow == Flow::wait) return Step::idle;
  }
  return Step::again;
}

Connection::Flow Connection::read_on() {
  std::string_view bytes;
  std::string kept;
  if (!in_.empty()) {
    kept = std::exchange(in_, std::string());
    bytes = kept;
  } else {
    if (!readable_) return Flow::wait;
    const ssize_t n = ::recv(fd_, read_buffer(), kReadBytes, 0);
    if (n < 0 && errno == EINTR) return Flow::on;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      readable_ = false;
      return Flow::wait;
    }
    if (n <= 0) return Flow::close;
    // The poller tells edges: a short read has emptied the socket, and the next bytes are a new edge.
    if (static_cast<std::size_t>(n) < kReadBytes && !left_) readable_ = false;
    active_at_ = Clock::now();
    bytes = {read_buffer(), static_cast<std::size_t>(n)};
  }
  if (std::exchange(first_byte_, false) && bytes[0] == kTlsHandshake) return answer_tls();
  const std::size_t taken = parser_.feed(bytes);
  if (parser_.take_expect()) out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  if (taken < bytes.size()) in_ = bytes.substr(taken);
  if (parser_.state() == RequestParser::State::bad) return refuse(parser_.bad_status(), parser_.bad_reason());
  if (parser_.state() == RequestParser::State::done) return accept_request(parser_.take());
  return out_.empty() ? Flow::on : write_out();
}

// The server speaks no TLS: every other client is told so, the others hear something that is no TLS at all.
Connection::Flow Connection::answer_tls() {
  context_.ledger.spoke_tls();
  out_ += number_ % 2 == 0 ? kTlsAlert : std::string_view("220 mock ready\r\n");
  answer_ = Answer();
  keep_alive_ = false;
  ending_ = Body::Next::close;
  phase_ = Phase::sending;
  return Flow::on;
}

Connection::Flow Connection::refuse(int status, const char* reason) {
  context_.ledger.bad_request();
  answer_ = json_answer(status, error_body(reason, "invalid_request_error", "bad_request"));
  keep_alive_ = false;
  head_only_ = false;
  return begin_answer();
}

Connection::Flow Connection::accept_request(MockRequest request) {
  sent_ = 0;
  keep_alive_ = request.keep_alive;
  head_only_ = request.method == "HEAD";
  if (head_only_) request.method = "GET";
  answer_ = answer(request, context_);
  if (answer_.record) context_.ledger.began(*answer_.record);
  if (answer_.delay_s <= 0) return begin_answer();
  pause_until(after(Clock::now(), answer_.delay_s), Phase::delayed);
  return Flow::wait;
}

Connection::Flow Connection::begin_answer() {
  ending_ = Body::Next::piece;
  switch (answer_.wire) {
    case Wire::silence: phase_ = Phase::silent; return Flow::wait;
    case Wire::reset_before: return reset();
    case Wire::tls_alert:
      out_ += kTlsAlert;
      keep_alive_ = false;
      ending_ = Body::Next::close;
      phase_ = Phase::sending;
      return Flow::on;
    default: break;
  }
  keep_alive_ = keep_alive_ && !answer_.close_after;
  phase_ = Phase::sending;
  std::string whole;
  if (!answer_.streamed) {
    double wait_s = 0;
    if (answer_.body) whole = drained(*answer_.body, wait_s);
    if (!answer_.size) answer_.size = whole.size();
    ending_ = Body::Next::end;
  }
  write_head();
  head_end_ = out_.size();
  if (head_only_) {
    ending_ = Body::Next::end;
    return Flow::on;
  }
  out_ += whole;
  return Flow::on;
}

void Connection::write_head() {
  const bool ok = answer_.status == 200;
  out_ += ok ? std::string("HTTP/1.1 200 OK\r\n")
             : format("HTTP/1.1 {} {}\r\n", answer_.status, reason_phrase(answer_.status));
  out_ += "Content-Type: ";
  out_ += answer_.content_type;
  out_ += "\r\n";
  for (const auto& [name, value] : answer_.headers) {
    out_ += name;
    out_ += ": ";
    out_ += value;
    out_ += "\r\n";
  }
  if (answer_.size) {
    out_ += "Content-Length: ";
    out_ += std::to_string(*answer_.size);
    out_ += "\r\n";
  } else {
    out_ += "Transfer-Encoding: chunked\r\n";
  }
  if (!keep_alive_) out_ += "Connection: close\r\n";
  out_ += "\r\n";
}

void Connection::put_piece(const std::string& piece) {
  if (answer_.size) {
    out_ += piece;
    return;
  }
  out_ += format("{:x}\r\n", piece.size());
  out_ += piece;
  out_ += "\r\n";
}

// Makes pieces until there is enough to send, or what comes next has to wait until wake_at_.
void Connection::fill() {
  while (ending_ == Body::Next::piece && out_.size() - out_at_ < kFill) {
    if (!held_.empty()) {
      put_piece(std::exchange(held_, std::string()));
      continue;
    }
    std::string piece;
    double wait_s = 0;
    const Body::Next what = answer_.body->next(piece, wait_s);
    if (what != Body::Next::piece) {
      ending_ = what;
      if (what == Body::Next::end && !answer_.size) out_ += "0\r\n\r\n";
    } else if (wait_s > 0) {
      held_ = std::move(piece);
    } else if (!piece.empty()) {
      put_piece(piece);
    }
    if (wait_s > 0) {
      wake_at_ = after(Clock::now(), wait_s);
      return;
    }
  }
}

Connection::Flow Connection::send_on() {
  if (wake_at_ == Time::max()) fill();
  if (out_at_ < out_.size()) {
    const Flow flow = write_out();
    if (flow != Flow::on || out_at_ < out_.size()) return flow;
  }
  if (wake_at_ != Time::max()) {
    pause_until(wake_at_, Phase::pausing);
    return Flow::wait;
  }
  return ending_ == Body::Next::piece ? Flow::on : finish_answer();
}

Connection::Flow Connection::write_out() {
  std::size_t n = out_.size() - out_at_;
  const bool drips = answer_.wire == Wire::drip && phase_ == Phase::sending;
  if (drips) n = out_at_ < head_end_ ? head_end_ - out_at_ : 1;
  const ssize_t sent = ::send(fd_, out_.data() + out_at_, n, MSG_NOSIGNAL);
  if (sent < 0 && errno == EINTR) return Flow::on;
  if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    writable_ = false;
    return Flow::wait;
  }
  if (sent < 0) return Flow::close;
  out_at_ += static_cast<std::size_t>(sent);
  sent_ += static_cast<std::uint64_t>(sent);
  active_at_ = Clock::now();
  if (out_at_ == out_.size()) {
    out_at_ = head_end_ = 0;
    if (out_.capacity() > kFill) {
      out_ = std::string();
    } else {
      out_.clear();
    }
  }
  const bool all = out_.empty() && ending_ != Body::Next::piece;  // then nothing keeps the client from leaving
  if (drips && !all && wake_at_ == Time::max()) {
    pause_until(after(active_at_, context_.options.drip_s), Phase::pausing);
    return Flow::wait;
  }
  return Flow::on;
}

Connection::Flow Connection::reset() {
  const linger hard{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  return Flow::close;
}

Connection::Flow Connection::finish_answer() {
  if (ending_ == Body::Next::reset) return reset();
  if (answer_.record) settle(answer_.record->planned);
  if (ending_ == Body::Next::close) keep_alive_ = false;
  answer_ = Answer();
  sent_ = 0;
  active_at_ = Clock::now();
  if (keep_alive_) {
    phase_ = Phase::reading;
    if (out_.capacity() > 1024) out_ = std::string();
    return Flow::on;
  }
  ::shutdown(fd_, SHUT_WR);
  in_ = std::string();
  readable_ = true;
  pause_until(Clock::now() + kDrain, Phase::draining);
  return Flow::on;
}

Connection::Flow Connection::drain() {
  if (!readable_) return Flow::wait;
  const ssize_t n = ::recv(fd_, read_buffer(), kReadBytes, 0);
  if (n < 0 && errno == EINTR) return Flow::on;
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    readable_ = false;
    return Flow::wait;
  }
  return n <= 0 ? Flow::close : Flow::on;
}

}  // namespace assay::mock
