// What servers send, on arbitrary bytes, through the readers of Responses, Messages and generateContent. The
// first byte says which, and how the rest is cut: every cut must give the same outcome as none, and what is
// an answer before the end must be the same answer at the end.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "backends/remote/anthropic_reply.h"
#include "backends/remote/gemini_reply.h"
#include "backends/remote/responses_reply.h"

namespace {

using assay::BackendReply;

std::unique_ptr<assay::ReplyReader> reader(unsigned which) {
  switch (which % 4) {
    case 0:
      return assay::responses_reader();
    case 1:
      return assay::anthropic_reader(assay::TraceKind::raw, " \n");
    case 2:
      return assay::gemini_reader(1);
    default:
      return assay::gemini_reader(2);
  }
}

BackendReply stream(unsigned which, std::string_view text, std::size_t piece) {
  const auto r = reader(which);
  while (!text.empty()) {
    const std::string_view part = text.substr(0, piece);
    if (!r->feed(part)) break;
    text.remove_prefix(part.size());
  }
  return r->finish({});
}

void require(bool holds) {
  if (!holds) std::abort();
}

// An answer or an error, never both and never neither.
void check(const BackendReply& reply, std::size_t choices) {
  require(reply.error.has_value() ? reply.responses.empty() : reply.responses.size() == choices);
  if (reply.error) require(reply.error->message.find('\n') == std::string::npos);
  for (const assay::Response& r : reply.responses) {
    const assay::Usage& u = r.usage;
    for (const auto& count :
         {u.input, u.cached_input, u.cache_write, u.output, u.reasoning, u.cache_write_1h}) {
      require(!count || *count >= 0);
    }
    require(u.cache_write_1h.value_or(0) <= u.cache_write.value_or(0));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const unsigned which = data[0] % 4;
  const std::size_t choices = which == 3 ? 2 : 1;
  const BackendReply whole = stream(which, text, text.size());
  const BackendReply pieces = stream(which, text, data[0] / 4 % 16 + 1);
  check(whole, choices);
  check(pieces, choices);
  require(whole.error.has_value() == pieces.error.has_value());
  if (whole.error) require(whole.error->code == pieces.error->code);
  for (std::size_t i = 0; i < whole.responses.size(); ++i) {
    require(whole.responses[i].text == pieces.responses[i].text);
    require(whole.responses[i].reasoning == pieces.responses[i].reasoning);
    require(whole.responses[i].finish == pieces.responses[i].finish);
  }
  check(reader(which)->whole(text), choices);
  // A deadline keeps what came.
  const auto late = reader(which);
  if (late->feed(text) && late->any_token()) {
    const BackendReply kept = late->finish(assay::Error{assay::Code::deadline, "late"});
    if (!kept.error) check(kept, choices);
  }
  assay::anthropic_error_code(text);
  assay::gemini_error_code(429, text);
  const auto delay = assay::gemini_retry_delay(text);
  require(!delay || (*delay >= 0 && *delay <= 86400));
  return 0;
}
