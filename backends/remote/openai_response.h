// How the body of an OpenAI chat completion, whole or streamed, becomes Responses.
//
// Total on any bytes, linear in them, and never a shorter answer than the server sent: what is
// damaged or cut is an error. Threads: one at a time. Fields that compatible servers add are read
// too: reasoning_content and reasoning, reasoning_details, content in parts, prompt_cache_hit_tokens, cost.
//
// Usage is the request's and not a choice's: with several choices the first carries the prompt, and
// the output is spread evenly, so that sums are exact.
// Timing, the header's request id, redaction and the server's name in messages are the caller's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/remote/dialect.h"
#include "backends/remote/sse.h"

namespace assay {

// Parses what a server wrote, more patiently than parse_json: invalid UTF-8 and the lone halves of
// surrogate pairs, which servers produce when they cut a character in two, become U+FFFD.
Result<Json> parse_server_json(std::string_view text);

// What one choice has so far.
struct ChatChoice {
  std::string text;
  std::string reasoning;
  TraceKind reasoning_kind = TraceKind::raw;
  std::string refusal;
  std::string finish_raw;
  bool finished = false;
};

// What a whole completion has so far.
struct ChatState {
  std::map<std::uint32_t, ChatChoice> choices;  // by index
  std::optional<Json> usage;
  std::string id;
  std::string model;
  std::string fingerprint;
  std::string served_by;  // OpenRouter: who made the answer
};

// What there is of it as `choices` responses; those that have not begun are empty. `cut`: by a deadline.
std::vector<Response> chat_responses(const ChatState& state, std::uint32_t choices, bool cut);

// Reads chat completions and, where a choice has a `text` of its own, raw completions.
class ChatReader final : public ReplyReader {
 public:
  explicit ChatReader(std::uint32_t choices);
  ChatReader(const ChatReader&) = delete;
  ChatReader& operator=(const ChatReader&) = delete;

  BackendReply whole(std::string_view body) override;
  bool feed(std::string_view bytes) override;
  bool any_token() const override { return any_token_; }
  BackendReply finish(const std::optional<Error>& transport) override;

 private:
  bool take_event(std::string_view data);
  bool complete() const;
  BackendReply reply(bool cut) const;

  const std::uint32_t choices_;
  SseParser parser_;
  ChatState state_;
  std::optional<BackendError> fault_;
  bool any_token_ = false;
  bool any_event_ = false;
  bool done_mark_ = false;  // [DONE] has come
};

}  // namespace assay
