// What a client sends to the mock server, on arbitrary bytes: its HTTP request parser, cut anywhere, and the readers of
// model requests. The first byte says how the rest is cut; every cut must give the same requests.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "harness/mock/fault_bodies.h"
#include "harness/mock/routes.h"

namespace {

using assay::mock::MockRequest;
using assay::mock::RequestParser;

constexpr std::size_t kMaxBody = 1000;

struct Read {
  std::vector<MockRequest> requests;
  int bad_status = 0;
  bool fresh = true;
};

Read read(std::string_view bytes, std::size_t piece) {
  RequestParser parser(kMaxBody);
  Read out;
  while (!bytes.empty()) {
    std::string_view now = bytes.substr(0, piece);
    bytes.remove_prefix(now.size());
    while (!now.empty()) {
      const std::size_t taken = parser.feed(now);
      if (taken > now.size()) std::abort();
      now.remove_prefix(taken);
      if (parser.state() == RequestParser::State::bad) {
        out.bad_status = parser.bad_status();
        return out;
      }
      if (parser.state() == RequestParser::State::done) out.requests.push_back(parser.take());
    }
  }
  out.fresh = parser.fresh();
  return out;
}

void require(bool holds) {
  if (!holds) std::abort();
}

bool same(const MockRequest& a, const MockRequest& b) {
  return a.method == b.method && a.path == b.path && a.query == b.query && a.headers == b.headers && a.body == b.body &&
         a.keep_alive == b.keep_alive;
}

// Every route takes any body, and what it answers ends.
void serve(const MockRequest& request) {
  assay::mock::MockOptions options;
  options.tokens = assay::mock::Distribution(20);
  assay::mock::Context context(options);
  for (const char* path : {"/v1/chat/completions", "/v1/completions"}) {
    MockRequest model = request;
    model.method = "POST";
    model.path = path;
    auto answer = assay::mock::answer(model, context);
    double wait_s = 0;
    require(answer.body && !assay::mock::drained(*answer.body, wait_s).empty());
    require(answer.record.has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Read whole = read(text, text.size());
  const Read pieces = read(text, data[0] % 16 + 1U);
  require(whole.bad_status == pieces.bad_status);
  require(whole.fresh == pieces.fresh);
  require(whole.requests.size() == pieces.requests.size());
  for (std::size_t i = 0; i < whole.requests.size(); ++i) {
    require(same(whole.requests[i], pieces.requests[i]));
    require(whole.requests[i].body.size() <= kMaxBody);
  }
  if (!whole.requests.empty()) serve(whole.requests.front());
  MockRequest raw;
  raw.body = text;
  serve(raw);
  return 0;
}
