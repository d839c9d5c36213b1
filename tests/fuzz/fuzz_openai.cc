// What a server sends, on arbitrary bytes: the event parser and the mapping of chat completions. The
// first byte says how the rest is cut, so that every cut must give the same outcome as none.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "backends/remote/http_errors.h"
#include "backends/remote/openai_response.h"

namespace {

using assay::BackendReply;

BackendReply stream(std::string_view text, std::size_t piece, std::uint32_t choices) {
  assay::ChatReader s(choices);
  while (!text.empty()) {
    const std::string_view part = text.substr(0, piece);
    if (!s.feed(part)) break;
    text.remove_prefix(part.size());
  }
  return s.finish({});
}

void require(bool holds) {
  if (!holds) std::abort();
}

// An answer or an error, never both and never neither.
void check(const BackendReply& reply, std::uint32_t choices) {
  require(reply.error.has_value() ? reply.responses.empty() : reply.responses.size() == choices);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t piece = data[0] % 16 + 1;
  const std::uint32_t choices = data[0] / 128 + 1;
  const BackendReply whole = stream(text, text.size(), choices);
  const BackendReply pieces = stream(text, piece, choices);
  check(whole, choices);
  check(pieces, choices);
  require(whole.error.has_value() == pieces.error.has_value());
  if (whole.error) require(whole.error->code == pieces.error->code);
  for (std::size_t i = 0; i < whole.responses.size(); ++i) {
    require(whole.responses[i].text == pieces.responses[i].text);
    require(whole.responses[i].reasoning == pieces.responses[i].reasoning);
  }
  check(assay::ChatReader(choices).whole(text), choices);
  const auto error = assay::status_error(429, {{"Retry-After", std::string(text)}}, text);
  require(error.message.find('\n') == std::string::npos);
  require(!error.retry_after || (*error.retry_after >= 0 && *error.retry_after <= 86400));
  return 0;
}
