#include "harness/mock/http_request.h"

#include <vector>

#include "harness/base/format.h"
#include "tests/support/catch.h"

namespace assay::mock {
namespace {

using State = RequestParser::State;

struct Read {
  std::vector<MockRequest> requests;
  int bad_status = 0;
  bool open = false;  // in the middle of a request
};

Read read_in_pieces(std::string_view bytes, std::size_t piece, std::size_t max_body = 1000) {
  RequestParser parser(max_body);
  Read out;
  std::string kept;
  while (!bytes.empty() || !kept.empty()) {
    std::string now = std::move(kept) + std::string(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    kept.clear();
    std::string_view rest = now;
    while (!rest.empty()) {
      rest.remove_prefix(parser.feed(rest));
      if (parser.state() == State::bad) {
        out.bad_status = parser.bad_status();
        return out;
      }
      if (parser.state() == State::done) out.requests.push_back(parser.take());
    }
  }
  out.open = !parser.fresh();
  return out;
}

TEST_CASE("requests: every cut of the bytes gives the same requests") {
  const std::string text =
      "POST /a/b?c=d HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nX-Odd:   v w \r\n\r\nhello"
      "\r\n\r\nGET / HTTP/1.1\r\nConnection: close\r\n\r\n"
      "POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n10;ext=1\r\n0123456789abcdef\r\n0\r\nT: v\r\n\r\n"
      "GET http://host:1/e?f HTTP/1.0\r\n\r\n";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    INFO(piece);
    const Read read = read_in_pieces(text, piece);
    REQUIRE(read.bad_status == 0);
    REQUIRE(read.requests.size() == 4);
    CHECK_FALSE(read.open);
    const MockRequest& one = read.requests[0];
    CHECK(one.method == "POST");
    CHECK(one.path == "/a/b");
    CHECK(one.query == "c=d");
    CHECK(one.header("x-odd") == "v w");
    CHECK(one.body == "hello");
    CHECK(one.keep_alive);
    CHECK_FALSE(read.requests[1].keep_alive);
    CHECK(read.requests[2].body == "abc0123456789abcdef");
    CHECK(read.requests[3].path == "/e");
    CHECK_FALSE(read.requests[3].keep_alive);
  }
}

TEST_CASE("requests: what is no request has its status") {
  struct Row {
    std::string text;
    int status;
  };
  const std::string many = [] {
    std::string out = "GET / HTTP/1.1\r\n";
    for (int i = 0; i < 129; ++i) out += format("H{}: v\r\n", i);
    return out + "\r\n";
  }();
  const Row rows[] = {
      {"nonsense\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\n\r\n", 505},
      {"GET / FTP\r\n\r\n", 400},
      {"GET  HTTP/1.1\r\n\r\n", 400},
      {"G@T / HTTP/1.1\r\n\r\n", 400},
      {"GET /a\x01 HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nName : v\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n: v\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n", 413},
      {"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n", 400},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n", 413},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(5000, '1'), 400},
      {many, 431},
      {"GET / HTTP/1.1\r\nA: " + std::string(70'000, 'x'), 431},
  };
  for (const Row& row : rows) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, row.text.size()}) {
      INFO(row.text.substr(0, 80) << " in pieces of " << piece);
      CHECK(read_in_pieces(row.text, piece).bad_status == row.status);
    }
  }
}

TEST_CASE("requests: a client that waits is told once to go on") {
  RequestParser parser(100);
  parser.feed("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(parser.take_expect());
  CHECK_FALSE(parser.take_expect());
  parser.feed("ab");
  REQUIRE(parser.state() == State::done);
  CHECK(parser.take().body == "ab");
  parser.feed("GET / HTTP/1.1\r\n\r\n");
  CHECK_FALSE(parser.take_expect());
}

}  // namespace
}  // namespace assay::mock
