// What the readers of Responses, Messages and generateContent have in common: a body is one JSON object, a
// stream is server-sent events that are each one, and how the outcome follows from what has come and how the
// transfer ended.
//
// Threads, errors: as in dialect.h. Memory: what came of the answer, and one event of at most 64 MiB, since
// the last event of some streams repeats the whole answer.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/remote/dialect.h"
#include "backends/remote/sse.h"

namespace assay {

BackendError reply_error(Code code, std::string message);
BackendReply failed_reply(BackendError error);

// What an error object's `type`, `code` or `status` means, where its HTTP status does not tell or tells
// wrongly.
struct ErrorWord {
  std::string_view word;
  Code code;
};
BackendError reported_error(const Json& error, std::span<const ErrorWord> words);

class EventReader : public ReplyReader {
 public:
  EventReader();
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;

  BackendReply whole(std::string_view body) final;
  bool feed(std::string_view bytes) final;
  bool any_token() const final { return any_token_; }
  BackendReply finish(const std::optional<Error>& transport) final;

 protected:
  // Both take an object in. Error: the server reports one, or what came cannot be understood.
  virtual std::optional<BackendError> take_body(const Json& body) = 0;
  virtual std::optional<BackendError> take_event(const Json& event) = 0;
  // Nothing that belongs to the answer can still come.
  virtual bool complete() const = 0;
  // REQUIRES: complete(), or take_body() succeeded, or `cut`: by a deadline.
  virtual std::vector<Response> responses(bool cut) const = 0;

  void saw_token(bool yes) { any_token_ = any_token_ || yes; }
  void end_of_stream() { end_mark_ = true; }  // what a server adds behind it is not read

 private:
  bool on_event(std::string_view data);

  SseParser parser_;
  std::optional<BackendError> fault_;
  bool any_token_ = false;
  bool any_event_ = false;
  bool end_mark_ = false;
};

}  // namespace assay
