// Dialect: how one provider's API says a request and a response. Everything else about talking to a server
// (connections, replicas, deadlines, redaction, timing, retry hints) is remote.cc's, once for all dialects.
//
// Threads: a Dialect is const and called concurrently; a ReplyReader belongs to one response and is called by one
//   thread at a time.
// Errors: request(): Code::invalid for what this API cannot say; nothing the user set is left out silently.
//   Messages do not name the server: remote_call.cc does, for all. Every byte that a reader gets has passed the redactor.
//   A reader is total on any bytes, linear in them, and never gives a shorter answer than the server sent: what is
//   damaged or cut is an error (Code::corrupt or unavailable), save what a deadline cut.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "harness/api/backend.h"
#include "harness/base/http.h"

namespace assay {

struct WireRequest {
  std::string path;        // after the base URL, with its query: "/chat/completions"
  HttpHeaderList headers;  // beside Content-Type, Accept and the key
  std::string body;
};

class ReplyReader {
 public:
  virtual ~ReplyReader() = default;
  // The body of a success that is no stream.
  virtual BackendReply whole(std::string_view body) = 0;
  // A piece of a stream. False: the outcome is settled and nothing more need come.
  virtual bool feed(std::string_view bytes) = 0;
  virtual bool any_token() const = 0;  // text or reasoning has come
  // The outcome of a stream once the transfer is over. `transport` is its error if it had one: a stream that was
  // finished before is whole all the same; a deadline makes a Response with FinishReason::deadline of what came.
  virtual BackendReply finish(const std::optional<Error>& transport) = 0;
};

class Dialect {
 public:
  virtual ~Dialect() = default;
  virtual Result<WireRequest> request(const Request&) const = 0;
  virtual std::unique_ptr<ReplyReader> reader(const Request&) const = 0;
  // The key as the API wants it: a header such as Authorization or x-api-key.
  virtual HttpHeaderList key_headers(const std::string& key) const = 0;
  // Further words for an error body: what kind of failure it is, if the status alone does not tell
  // (insufficient_quota behind a 429 is not retried). nullopt: the status decides.
  virtual std::optional<Code> error_code(int status, std::string_view body) const = 0;
  // The error means that a content filter turned the prompt away: then it is no error but a response with
  // FinishReason::content_filter, whose refusal is what the server says.
  virtual bool filtered(int /*status*/, std::string_view /*body*/) const { return false; }
  // Seconds that an error body asks to wait, where an API says so there and not in a header.
  virtual std::optional<double> retry_after(std::string_view) const { return std::nullopt; }
};

}  // namespace assay
