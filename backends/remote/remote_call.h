// One request on its way to a server, from dispatch to BackendReply. Used by remote.cc alone.
//
// Threads: built on any thread, then called on the HTTP client's thread only. Every byte a server sent passes the
// Redactor before a dialect, a message or the record sees it; texts are cleaned once more at the end, since a
// server may spread a key over several events.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "backends/remote/dialect.h"
#include "backends/remote/kept_bytes.h"
#include "backends/remote/redact.h"
#include "backends/remote/remote_settings.h"

namespace assay {

// A refusal to send: nothing has left this process.
BackendReply not_sent(const RemoteSettings& settings, const Error& error);

class RemoteCall {
 public:
  // All but the request outlive the call.
  RemoteCall(const RemoteSettings& settings, const Dialect& dialect, const Redactor& redactor,
             const Replica& replica, const Request& request);

  void sending(const WireRequest& wire);  // before the transfer begins
  void on_headers(int status, const HttpHeaderList& headers);
  bool on_chunk(std::string_view bytes);
  BackendReply finish(const HttpResult& result);

 private:
  enum class Form : std::uint8_t { unknown, whole, stream, error };

  void sniff(std::string_view bytes);
  bool go_on(bool yes);
  bool feed(std::string_view clean);
  void keep(std::string_view clean);
  BackendReply outcome(const HttpResult& result);
  BackendReply error_reply(const HttpResult& result) const;
  void settle_error(BackendError& error, const HttpResult& result);
  void settle_response(Response& response, const std::string& request_id) const;
  std::string prefixed(const std::string& message) const;

  const RemoteSettings& settings_;
  const Dialect& dialect_;
  const Redactor& redactor_;
  const Replica& replica_;
  const std::unique_ptr<ReplyReader> reader_;
  const std::uint32_t choices_;
  StreamRedactor stream_;
  const std::chrono::steady_clock::time_point start_;
  Form form_ = Form::unknown;
  int status_ = 0;
  bool ended_by_us_ = false;  // on_chunk wanted no more
  std::string content_type_;
  std::string body_;          // of a whole response or an error
  KeptBytes kept_;            // of a stream
  Exchange exchange_;
  std::optional<double> first_token_;
};

}  // namespace assay
