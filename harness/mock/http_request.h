// Requests as HTTP/1.1 clients send them (RFC 9112), taken in piece by piece.
//
//   RequestParser parser(64 << 20);
//   at += parser.feed(bytes.substr(at));
//   if (parser.state() == RequestParser::State::done) serve(parser.take());   // the rest may be fed again
//
// Bodies come with Content-Length or in chunks. What is read is bounded: 64 KB and 128 lines of a head, the body
// by the constructor's argument. Time is linear in the bytes, however they are cut.
// Threads: one at a time. Errors: State::bad with a status for the client, after which nothing is taken any more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/base/http.h"

namespace assay::mock {

struct MockRequest {
  std::string method;
  std::string path;   // without the query
  std::string query;  // what follows the '?'
  HttpHeaderList headers;
  std::string body;  // chunks joined
  bool keep_alive = true;
  std::string header(std::string_view name) const { return std::string(http_header(headers, name).value_or("")); }
};

class RequestParser {
 public:
  enum class State : std::uint8_t { head, body, done, bad };

  explicit RequestParser(std::size_t max_body) : max_body_(max_body) {}

  std::size_t feed(std::string_view bytes);  // how many of them were taken; all of them unless done or bad
  State state() const { return state_; }
  bool fresh() const { return state_ == State::head && text_.empty(); }  // between two requests
  int bad_status() const { return bad_status_; }  // 400, 413, 431, 501, 505
  const char* bad_reason() const { return bad_reason_; }
  // True once a request whose client waits for "100 Continue" before it sends the body.
  bool take_expect();
  MockRequest take();  // REQUIRES: done. The parser is then ready for the next request.

 private:
  enum class Chunk : std::uint8_t { none, size, data, data_end, trailer };

  std::size_t feed_head(std::string_view bytes);
  std::size_t feed_body(std::string_view bytes);
  std::size_t feed_chunks(std::string_view bytes);
  std::size_t feed_line(std::string_view bytes, std::size_t most);  // into text_, up to its '\n'
  void chunk_line();
  void read_head();
  void read_request_line(std::string_view line);
  void read_framing();
  void bad(int status, const char* reason);

  std::size_t max_body_;
  State state_ = State::head;
  Chunk chunk_ = Chunk::none;
  std::string text_;  // of the head, or of a chunk's line
  std::size_t left_ = 0;  // bytes of the body or of the chunk
  std::size_t trailer_bytes_ = 0;
  bool expect_ = false;
  bool line_done_ = false;
  int bad_status_ = 0;
  const char* bad_reason_ = "";
  MockRequest request_;
};

}  // namespace assay::mock
