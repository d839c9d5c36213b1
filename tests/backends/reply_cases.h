// Drives a ReplyReader in tests: a stream in one piece, cut in two at every byte, and byte by byte.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backends/remote/dialect.h"
#include "tests/support/catch.h"

namespace assay {

using MakeReader = std::function<std::unique_ptr<ReplyReader>()>;

inline const Response& only_response(const BackendReply& reply) {
  INFO((reply.error ? reply.error->message : std::string()));
  REQUIRE_FALSE(reply.error.has_value());
  REQUIRE(reply.responses.size() == 1);
  return reply.responses.front();
}

inline std::string as_events(const std::vector<std::string>& events) {
  std::string out;
  for (std::string event : events) {
    std::replace(event.begin(), event.end(), '\n', ' ');  // of rows that are written over several lines
    out += "event: any\ndata: " + event + "\n\n";
  }
  return out;
}

inline BackendReply read_stream(ReplyReader& reader, std::string_view text, std::size_t piece,
                                const std::optional<Error>& transport = {}) {
  while (!text.empty()) {
    const std::string_view part = text.substr(0, piece);
    if (!reader.feed(part)) break;
    text.remove_prefix(part.size());
  }
  return reader.finish(transport);
}

inline BackendReply read_events(const MakeReader& make, const std::vector<std::string>& events,
                                const std::optional<Error>& transport = {}) {
  const std::string text = as_events(events);
  return read_stream(*make(), text, text.size() + 1, transport);
}

inline bool same_outcome(const BackendReply& a, const BackendReply& b) {
  if (a.error.has_value() != b.error.has_value() || a.responses.size() != b.responses.size()) return false;
  if (a.error) return a.error->code == b.error->code && a.error->message == b.error->message;
  for (std::size_t i = 0; i < a.responses.size(); ++i) {
    const Response& x = a.responses[i];
    const Response& y = b.responses[i];
    if (x.text != y.text || x.reasoning != y.reasoning || x.reasoning_kind != y.reasoning_kind ||
        x.finish != y.finish || x.finish_raw != y.finish_raw || x.refusal != y.refusal ||
        x.usage.input != y.usage.input || x.usage.output != y.usage.output ||
        x.usage.reasoning != y.usage.reasoning) {
      return false;
    }
  }
  return true;
}

// Every way to cut the stream in two gives the same, and a stream that ends early gives the whole answer or
// an error.
inline void check_cuts(const MakeReader& make, const std::vector<std::string>& events) {
  const std::string text = as_events(events);
  const BackendReply whole = read_stream(*make(), text, text.size());
  CHECK(same_outcome(whole, read_stream(*make(), text, 1)));
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    const auto reader = make();
    reader->feed(std::string_view(text).substr(0, cut));
    reader->feed(std::string_view(text).substr(cut));
    if (!same_outcome(whole, reader->finish({}))) FAIL("cut at " << cut);
    const auto early = make();
    const BackendReply part = read_stream(*early, std::string_view(text).substr(0, cut), cut);
    if (part.error) continue;
    if (whole.error || part.responses.front().text != whole.responses.front().text) FAIL("ended at " << cut);
  }
}

}  // namespace assay
