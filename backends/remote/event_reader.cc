#include "backends/remote/event_reader.h"

#include <utility>

#include "backends/remote/http_errors.h"
#include "backends/remote/openai_response.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {

BackendError reply_error(Code code, std::string message) {
  BackendError error;
  error.code = code;
  error.message = std::move(message);
  return error;
}

BackendReply failed_reply(BackendError error) {
  BackendReply reply;
  reply.error = std::move(error);
  return reply;
}

BackendError reported_error(const Json& error, std::span<const ErrorWord> words) {
  BackendError out = stated_error(error);
  for (const char* key : {"type", "code", "status"}) {
    const auto said = json_string(error, key);
    if (!said) continue;
    for (const ErrorWord& row : words) {
      if (row.word == *said) out.code = row.code;
    }
  }
  return out;
}

EventReader::EventReader()
    : parser_([this](std::string_view data) { return on_event(data); }, std::size_t{64} << 20) {}

BackendReply EventReader::whole(std::string_view body) {
  auto parsed = parse_server_json(body);
  if (!parsed) {
    return failed_reply(reply_error(
        Code::corrupt, format("the response is not JSON: {}", printable(parsed.error().message))));
  }
  if (!parsed->is_object()) {
    return failed_reply(reply_error(Code::corrupt, "the response is not a JSON object"));
  }
  if (auto error = take_body(*parsed)) return failed_reply(std::move(*error));
  BackendReply reply;
  reply.responses = responses(false);
  return reply;
}

bool EventReader::feed(std::string_view bytes) {
  if (fault_) return false;
  if (end_mark_) return true;
  const auto fed = parser_.feed(bytes);
  if (!fed && !fault_ && fed.error().code != Code::cancelled) {
    fault_ = reply_error(fed.error().code, fed.error().message);
  }
  return !fault_;
}

// False stops the parser: the end of the stream, or fault_.
bool EventReader::on_event(std::string_view data) {
  any_event_ = true;
  if (data == "[DONE]") {  // gateways add it to every dialect
    end_mark_ = true;
    return false;
  }
  if (data.find_first_not_of(" \t\n") == std::string_view::npos) return true;
  auto parsed = parse_server_json(data);
  if (!parsed || !parsed->is_object()) {
    fault_ = reply_error(Code::corrupt, format("an event of the stream is not a JSON object{}",
                                               parsed ? "" : ": " + printable(parsed.error().message)));
    return false;
  }
  fault_ = take_event(*parsed);
  return !fault_ && !end_mark_;
}

BackendReply EventReader::finish(const std::optional<Error>& transport) {
  if (!fault_ && !end_mark_ && !transport) {
    // Only a whole last event counts; half of one is a cut, not damage.
    const std::string rest = parser_.finish();
    if (rest == "[DONE]" || (!rest.empty() && parse_server_json(rest).ok())) on_event(rest);
  }
  if (fault_) return failed_reply(std::move(*fault_));
  BackendReply reply;
  if (complete()) {
    reply.responses = responses(false);
  } else if (transport && transport->code == Code::deadline && any_token_) {
    reply.responses = responses(true);
  } else if (transport) {
    return failed_reply(reply_error(transport->code, transport->message));
  } else if (end_mark_) {
    return failed_reply(reply_error(Code::corrupt, "the stream ended before its answer did"));
  } else if (!any_event_) {
    return failed_reply(reply_error(Code::corrupt, "the response holds neither JSON nor an event"));
  } else {
    return failed_reply(reply_error(Code::unavailable, "the stream was cut before its end"));
  }
  return reply;
}

}  // namespace assay
