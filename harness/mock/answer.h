// A planned answer: what goes to the client, when, and how it may go wrong on the way.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "harness/base/http.h"
#include "harness/mock/body.h"
#include "harness/mock/ledger.h"

namespace assay::mock {

// What the connection does beyond sending head and body.
enum class Wire : std::uint8_t {
  plain,
  silence,       // nothing is sent; the connection stays until the client leaves
  reset_before,  // a TCP reset instead of a head
  tls_alert,     // bytes of a TLS alert instead of a head, then a close
  drip,          // the body byte by byte, MockOptions::drip_s apart
};

struct Answer {
  int status = 200;
  std::string content_type = "application/json";
  HttpHeaderList headers;      // others than Content-Type, Content-Length, Transfer-Encoding and Connection
  std::unique_ptr<Body> body;  // null: empty
  // Pieces are sent as they come, in chunks unless `size` is set. Otherwise they are joined first.
  bool streamed = false;
  std::optional<std::uint64_t> size;  // Content-Length, true or not
  bool close_after = false;
  Wire wire = Wire::plain;
  double delay_s = 0;  // before the first byte
  std::optional<Record> record;  // what the ledger keeps of it; none for requests of the server's own pages
};

Answer json_answer(int status, std::string body);
// {"error": {"message", "type", "code"}} as OpenAI writes it.
std::string error_body(std::string_view message, std::string_view type, std::string_view code);

}  // namespace assay::mock
