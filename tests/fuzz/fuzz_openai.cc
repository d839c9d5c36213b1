// What a server sends, on arbitrary bytes: the event parser and the mapping of chat completions. The
// first byte says how the rest is cut, so that every cut must give the same outcome as none.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "backends/remote/http_errors.h"
#include "backends/remote/openai_response.h"
#include "backends/remote/rate_limits.h"
#include "backends/remote/redact.h"

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

// A key is found alike in a text and in its pieces.
std::string redacted(const assay::Redactor& redactor, std::string_view text, std::size_t piece) {
  assay::StreamRedactor stream(redactor);
  std::string out;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) out += stream.feed(text.substr(0, piece));
  return out + stream.finish();
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
  const auto rate = assay::rate_limits(
      {{"x-ratelimit-remaining-tokens", std::string(text)}, {"x-ratelimit-reset-tokens", std::string(text)}}, 1e9);
  require(!rate.tokens.remaining || *rate.tokens.remaining >= 0);
  require(!rate.tokens.reset_s || *rate.tokens.reset_s >= 0);
  const std::string key(text.substr(0, 12));
  const assay::Redactor redactor({key});
  std::string clean(text);
  redactor.clean_cut(clean);
  require(key.size() < 8 || key.find_first_of("[key]") != std::string::npos || clean.find(key) == std::string::npos);
  require(redacted(redactor, text, piece) == clean);
  return 0;
}
