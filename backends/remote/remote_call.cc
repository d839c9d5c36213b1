#include "backends/remote/remote_call.h"

#include <algorithm>

#include "backends/remote/http_errors.h"
#include "backends/remote/rate_limits.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxErrorRead = 256 << 10;  // bytes of an error's body that are read

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double unix_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

BackendReply failure(const Error& error) {
  BackendReply reply;
  reply.error.emplace();
  reply.error->code = error.code;
  reply.error->message = error.message;
  return reply;
}

std::string header_id(const HttpHeaderList& headers) {
  for (const char* name : {"x-request-id", "request-id", "apim-request-id", "x-amzn-requestid"}) {
    if (const auto id = http_header(headers, name)) return std::string(*id);
  }
  return {};
}

bool expected_type(std::string_view type) {
  return type.find("json") != std::string_view::npos || type.find("event-stream") != std::string_view::npos;
}

}  // namespace

BackendReply not_sent(const RemoteSettings& settings, const Error& error) {
  BackendReply reply = failure(error);
  reply.error->message = format("{}: {}", settings.id, error.message);
  reply.error->may_be_billed = false;
  return reply;
}

RemoteCall::RemoteCall(const RemoteSettings& settings, const Dialect& dialect, const Redactor& redactor,
                       const Replica& replica, const Request& request)
    : settings_(settings),
      dialect_(dialect),
      redactor_(redactor),
      replica_(replica),
      reader_(dialect.reader(request)),
      choices_(request.choices),
      stream_(redactor),
      start_(Clock::now()),
      kept_(settings.max_exchange) {}

void RemoteCall::sending(const WireRequest& wire) {
  exchange_.endpoint = format("{}{}", replica_.shown, wire.path.substr(0, wire.path.find('?')));
  redactor_.clean(exchange_.endpoint);
  if (settings_.max_exchange == 0) return;
  exchange_.sent = wire.body;
  redactor_.clean(exchange_.sent);
}

void RemoteCall::on_headers(int status, const HttpHeaderList& headers) {
  status_ = status;
  content_type_ = http_header(headers, "Content-Type").value_or("");
  for (char& c : content_type_) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  if (status < 200 || status > 299) {
    form_ = Form::error;
  } else if (content_type_.find("event-stream") != std::string::npos) {
    form_ = Form::stream;
  } else if (content_type_.find("json") != std::string::npos) {
    form_ = Form::whole;
  }
}

// A server that names no usable type: JSON begins with a bracket, events do not.
void RemoteCall::sniff(std::string_view bytes) {
  const std::size_t at = bytes.find_first_not_of(" \t\r\n");
  if (at == std::string_view::npos) return;
  form_ = bytes[at] == '{' || bytes[at] == '[' ? Form::whole : Form::stream;
}

bool RemoteCall::go_on(bool yes) {
  ended_by_us_ = !yes;
  return yes;
}

void RemoteCall::keep(std::string_view clean) {
  if (settings_.keep_raw) body_ += clean;
  kept_.add(clean);
}

bool RemoteCall::feed(std::string_view clean) {
  keep(clean);
  const bool goes_on = reader_->feed(clean);
  if (!first_token_ && reader_->any_token()) first_token_ = seconds_since(start_);
  return goes_on;
}

bool RemoteCall::on_chunk(std::string_view bytes) {
  if (form_ == Form::unknown) sniff(bytes);
  if (form_ == Form::stream) return go_on(feed(stream_.feed(bytes)));
  if (form_ == Form::error) bytes = bytes.substr(0, kMaxErrorRead - std::min(kMaxErrorRead, body_.size()));
  body_ += bytes;
  return form_ != Form::error || go_on(body_.size() < kMaxErrorRead);
}

std::string RemoteCall::prefixed(const std::string& message) const {
  const bool names_origin = message.rfind(replica_.origin, 0) == 0;
  return names_origin ? format("{}: {}", settings_.id, message)
                      : format("{}: {}: {}", settings_.id, replica_.origin, message);
}

BackendReply RemoteCall::error_reply(const HttpResult& result) const {
  BackendReply reply;
  BackendError error = status_error(status_, result.headers, body_);
  if (dialect_.filtered(status_, body_)) {
    reply.responses.resize(choices_);
    for (Response& r : reply.responses) {
      r.finish = FinishReason::content_filter;
      r.finish_raw = name(FinishReason::content_filter);
      r.refusal = error.message;
    }
    return reply;
  }
  if (const auto code = dialect_.error_code(status_, body_)) error.code = *code;
  if (!error.retry_after) error.retry_after = dialect_.retry_after(body_);
  reply.error = std::move(error);
  return reply;
}

BackendReply RemoteCall::outcome(const HttpResult& result) {
  std::optional<Error> transport = result.error;
  if (ended_by_us_ && transport && transport->code == Code::cancelled) transport.reset();
  const bool cancelled = transport && transport->code == Code::cancelled;
  if (form_ == Form::error && !cancelled) return error_reply(result);
  if (form_ == Form::stream) return reader_->finish(transport);
  if (transport) return failure(*transport);
  return reader_->whole(body_);
}

void RemoteCall::settle_error(BackendError& error, const HttpResult& result) {
  if (error.code == Code::corrupt && status_ != 0 && !expected_type(content_type_)) {
    error.message += content_type_.empty()
                         ? std::string("; it names no content type")
                         : format("; its content type is {}", printable(truncate_utf8(content_type_, 80)));
  }
  error.message = prefixed(error.message);
  redactor_.clean(error.message);
  redactor_.clean(error.body);
  if (error.http_status == 0) error.http_status = status_;
  if (!error.retry_after) {
    error.retry_after = retry_after(result.headers, static_cast<std::int64_t>(unix_seconds()));
  }
  const bool refused = error.http_status != 0 && !may_bill(error.http_status);
  error.may_be_billed = status_ == 0 ? result.sent : !refused || reader_->any_token();
}

void RemoteCall::settle_response(Response& r, const std::string& request_id) const {
  if (!request_id.empty()) r.request_id = request_id;  // the body's id names the answer, not the request
  r.timing.first_token = form_ == Form::stream ? first_token_ : std::nullopt;
  r.timing.total = seconds_since(start_);
  // What the user, or the model table, knows about the reasoning field that the response does not say itself.
  if (r.reasoning && r.reasoning_kind == TraceKind::raw && settings_.info.trace_kind == TraceKind::summary) {
    r.reasoning_kind = TraceKind::summary;
  }
  for (std::string* text :
       {&r.text, &r.refusal, &r.finish_raw, &r.server_model, &r.fingerprint, &r.request_id}) {
    redactor_.clean(*text);
  }
  if (r.reasoning) redactor_.clean(*r.reasoning);
  if (r.finish == FinishReason::deadline) redactor_.clean_cut(r.reasoning && r.text.empty() ? *r.reasoning : r.text);
}

BackendReply RemoteCall::finish(const HttpResult& result) {
  if (form_ == Form::stream) {
    const std::string rest = stream_.finish();
    if (!rest.empty()) feed(rest);
    exchange_.received = kept_.take();
  } else {
    redactor_.clean_cut(body_);
    exchange_.received = body_.substr(0, settings_.max_exchange);
  }
  BackendReply reply = outcome(result);
  if (reply.error) settle_error(*reply.error, result);
  exchange_.request_id = header_id(result.headers);
  redactor_.clean(exchange_.request_id);
  for (Response& r : reply.responses) settle_response(r, exchange_.request_id);
  if (exchange_.request_id.empty() && !reply.responses.empty()) {
    exchange_.request_id = reply.responses.front().request_id;
  }
  if (settings_.keep_raw && !reply.responses.empty()) reply.responses.front().raw = std::move(body_);
  reply.rate = rate_limits(result.headers, unix_seconds());
  reply.exchange = std::move(exchange_);
  return reply;
}

}  // namespace assay
