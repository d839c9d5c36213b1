// How the body of an OpenAI chat completion, whole or streamed, becomes Responses.
//
// Total on any bytes, linear in them, and never a shorter answer than the server sent: what is
// damaged or cut is an error. Threads: one at a time. Fields that compatible servers add are read
// too: reasoning_content and reasoning, reasoning_details, content in parts, prompt_cache_hit_tokens, cost.
//
// Usage is the request's and not a choice's: with several choices the first carries the prompt, and
// the output is spread evenly, so that sums are exact.
// Timing, the header's request id and redaction are the caller's.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/remote/sse.h"
#include "harness/api/backend.h"

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
};

// REQUIRES: every choice that was asked for is there or `cut`; missing ones are then empty.
std::vector<Response> chat_responses(const ChatState& state, std::uint32_t choices, bool cut);

// `who` starts error messages: "openai: https://host".
BackendReply read_chat_body(const std::string& who, std::string_view body, std::uint32_t choices);

class ChatStream {
 public:
  // A `secret` that the server repeats is taken out.
  ChatStream(std::string who, std::uint32_t choices, std::string secret = {});
  ChatStream(const ChatStream&) = delete;
  ChatStream& operator=(const ChatStream&) = delete;

  bool feed(std::string_view bytes);             // false: the outcome is settled, nothing more need come
  bool any_token() const { return any_token_; }  // text or reasoning has come

  // The outcome, once the transfer is over. `transport` is its error if it had one: a stream that was
  // complete by then is good all the same; one that ran out of time gives what came.
  BackendReply finish(const std::optional<Error>& transport);

 private:
  bool take_event(std::string_view data);
  bool complete() const;

  const std::string who_;
  const std::uint32_t choices_;
  const std::string secret_;
  SseParser parser_;
  ChatState state_;
  std::optional<BackendError> fault_;
  bool any_token_ = false;
  bool any_event_ = false;
  bool done_mark_ = false;  // [DONE] has come
};

}  // namespace assay
