#include "backends/remote/openai.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "backends/remote/http_errors.h"
#include "backends/remote/openai_response.h"
#include "backends/remote/openai_settings.h"
#include "harness/base/format.h"

namespace assay {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxErrorRead = 256 << 10;  // bytes of an error's body that are read

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

BackendReply failure(BackendError error) {
  BackendReply reply;
  reply.error = std::move(error);
  return reply;
}

BackendReply failure(const Error& error) {
  BackendError out;
  out.code = error.code;
  out.message = error.message;
  return failure(std::move(out));
}

// One request on its way. Lives in its handlers, on the HTTP client's thread.
class Call {
 public:
  Call(const OpenAiSettings& settings, const Request& request)
      : settings_(settings),
        choices_(request.choices),
        start_(Clock::now()),
        stream_(settings.who, request.choices, settings.api_key) {}

  void on_headers(int status, const HttpHeaderList& headers) {
    status_ = status;
    if (status < 200 || status > 299) {
      form_ = Form::error;
      return;
    }
    const std::string_view type = http_header(headers, "Content-Type").value_or("");
    if (type.find("event-stream") != std::string_view::npos) form_ = Form::stream;
    if (type.find("json") != std::string_view::npos) form_ = Form::whole;
  }

  bool on_chunk(std::string_view bytes) {
    if (form_ == Form::unknown) sniff(bytes);
    if (form_ == Form::error) {
      body_.append(bytes.substr(0, kMaxErrorRead - body_.size()));
      return go_on(body_.size() < kMaxErrorRead);
    }
    if (form_ != Form::stream || settings_.keep_raw) body_ += bytes;
    if (form_ != Form::stream) return true;
    const bool goes_on = stream_.feed(bytes);
    if (!first_token_ && stream_.any_token()) first_token_ = seconds_since(start_);
    return go_on(goes_on);
  }

  BackendReply finish(const HttpResult& result) {
    redact(body_, settings_.api_key);
    BackendReply reply = outcome(result);
    if (reply.error) {
      redact(reply.error->message, settings_.api_key);
      redact(reply.error->body, settings_.api_key);
      if (reply.error->http_status == 0) reply.error->http_status = status_;
    }
    std::string id(http_header(result.headers, "x-request-id").value_or(""));
    for (Response& r : reply.responses) {
      if (r.request_id.empty()) r.request_id = id;
      r.timing.first_token = form_ == Form::stream ? first_token_ : std::nullopt;
      r.timing.total = seconds_since(start_);
      if (r.reasoning && settings_.info.trace_kind == TraceKind::summary &&
          r.reasoning_kind == TraceKind::raw) {
        r.reasoning_kind = TraceKind::summary;
      }
      for (std::string* text :
           {&r.text, &r.refusal, &r.finish_raw, &r.server_model, &r.fingerprint, &r.request_id}) {
        redact(*text, settings_.api_key);
      }
      if (r.reasoning) redact(*r.reasoning, settings_.api_key);
    }
    if (settings_.keep_raw && !reply.responses.empty()) reply.responses.front().raw = std::move(body_);
    return reply;
  }

 private:
  enum class Form : std::uint8_t { unknown, whole, stream, error };

  // A server that names no usable type: JSON begins with a bracket, events do not.
  void sniff(std::string_view bytes) {
    const std::size_t at = bytes.find_first_not_of(" \t\r\n");
    if (at == std::string_view::npos) return;
    form_ = bytes[at] == '{' || bytes[at] == '[' ? Form::whole : Form::stream;
  }

  bool go_on(bool yes) {
    ended_by_us_ = !yes;
    return yes;
  }

  BackendReply outcome(const HttpResult& result) {
    std::optional<Error> transport = result.error;
    if (ended_by_us_ && transport && transport->code == Code::cancelled) transport.reset();
    const bool cancelled = transport && transport->code == Code::cancelled;
    if (form_ == Form::error && !cancelled)
      return failure(status_error(settings_.who, status_, result.headers, body_));
    if (transport) transport->message = "openai: " + transport->message;
    if (form_ == Form::stream) return stream_.finish(transport);
    if (transport) return failure(*transport);
    return read_chat_body(settings_.who, body_, choices_);
  }

  const OpenAiSettings& settings_;
  const std::uint32_t choices_;
  const Clock::time_point start_;
  ChatStream stream_;
  Form form_ = Form::unknown;
  int status_ = 0;
  bool ended_by_us_ = false;  // on_chunk wanted no more
  std::string body_;
  std::optional<double> first_token_;
};

class OpenAi final : public Backend {
 public:
  explicit OpenAi(OpenAiSettings settings) : settings_(std::move(settings)), client_(settings_.http) {}

  BackendInfo describe() const override { return settings_.info; }

  // No tokenizer of this kind makes more tokens than there are bytes; the template's own are allowed
  // for by message.
  TokenBound bound(const Request& r) const override {
    std::size_t bytes = 16 + r.prefix.size();
    for (const Message& m : r.messages) bytes += m.content.size() + 16;
    TokenBound out;
    out.input = static_cast<std::int64_t>(bytes);
    out.output = r.sampling.max_tokens;
    if (settings_.info.output_limit) {
      out.output = std::min(out.output.value_or(*settings_.info.output_limit), *settings_.info.output_limit);
    }
    if (out.output) *out.output *= r.choices;
    return out;
  }

  void submit(Request r, Done done) override {
    auto body = openai_body(settings_.form, r);
    if (!body) return done(failure(body.error()));
    HttpRequest http;
    http.method = "POST";
    http.url = settings_.url;
    http.headers = settings_.headers;
    http.body = std::move(*body);
    http.max_body = settings_.max_response;
    http.timeouts = settings_.timeouts;
    http.timeouts.deadline = r.deadline;
    if (settings_.timeout_s > 0 && settings_.timeout_s < 1e9) {
      const auto latest = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                             std::chrono::duration<double>(settings_.timeout_s));
      http.timeouts.deadline = std::min(r.deadline, latest);
    }
    auto call = std::make_shared<Call>(settings_, r);  // shared by three handlers
    auto http_id = std::make_shared<HttpId>(0);        // written below, before `done` gets the mutex
    HttpHandlers handlers;
    handlers.on_headers = [call](int status, const HttpHeaderList& headers) {
      call->on_headers(status, headers);
    };
    handlers.on_chunk = [call](std::string_view bytes) { return call->on_chunk(bytes); };
    handlers.done = [this, call, http_id, id = r.id, done = std::move(done)](const HttpResult& result) {
      forget(id, *http_id);
      done(call->finish(result));
    };
    const std::lock_guard<std::mutex> lock(mutex_);
    *http_id = client_.submit(std::move(http), std::move(handlers));
    in_flight_.emplace(r.id, *http_id);
  }

  void cancel(RequestId id) override {
    std::vector<HttpId> found;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      const auto range = in_flight_.equal_range(id);
      for (auto it = range.first; it != range.second; ++it) found.push_back(it->second);
    }
    for (const HttpId http_id : found) client_.cancel(http_id);
  }

 private:
  void forget(RequestId id, const HttpId& http_id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto range = in_flight_.equal_range(id);
    for (auto it = range.first; it != range.second; ++it) {
      if (it->second != http_id) continue;
      in_flight_.erase(it);
      return;
    }
  }

  const OpenAiSettings settings_;
  std::mutex mutex_;  // guards in_flight_
  std::unordered_multimap<RequestId, HttpId> in_flight_;
  HttpClient client_;  // last: its destructor makes the last calls of `done`
};

}  // namespace

Result<std::unique_ptr<Backend>> make_openai(const BackendOptions& options) {
  auto settings = openai_settings(options);
  if (!settings) return settings.error();
  return std::unique_ptr<Backend>(std::make_unique<OpenAi>(std::move(*settings)));
}

}  // namespace assay
