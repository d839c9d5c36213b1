#include "backends/remote/batch_transfer.h"

#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <future>
#include <unordered_set>

#include "backends/remote/http_errors.h"
#include "backends/remote/openai_response.h"
#include "harness/base/format.h"
#include "harness/base/line_reader.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

constexpr std::size_t kMaxAnswer = std::size_t{64} << 20;   // of a call
constexpr std::size_t kMaxResults = std::size_t{32} << 30;  // of a file
constexpr std::size_t kMaxErrorRead = 256 << 10;
constexpr double kIdleSeconds = 120;
constexpr auto kLongest = std::chrono::hours(6);  // a file, up or down
constexpr std::size_t kSmallBody = 1 << 20;       // of a call that is done within a request's timeout

// A file without a future: removed when it is closed.
class TemporaryFile {
 public:
  TemporaryFile() {
    std::error_code ignored;
    std::filesystem::path folder = std::filesystem::temp_directory_path(ignored);
    if (folder.empty()) folder = "/tmp";
    path_ = (folder / "assay-batch-XXXXXX").string();
    fd_ = ::mkstemp(path_.data());
  }
  ~TemporaryFile() {
    if (fd_ < 0) return;
    ::close(fd_);
    ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  int fd() const { return fd_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int fd_ = -1;
};

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool good(int status) { return status >= 200 && status <= 299; }

bool is_custom_id(std::string_view id) {
  if (id.empty() || id.size() > 64) return false;
  return id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
         std::string_view::npos;
}

}  // namespace

BatchTransfer::BatchTransfer(RemoteSettings settings, std::unique_ptr<Dialect> dialect,
                             HttpHeaderList headers)
    : settings_(std::move(settings)),
      dialect_(std::move(dialect)),
      redactor_(settings_.secrets),
      headers_(settings_.headers) {
  if (!settings_.api_key.empty()) {
    for (auto& header : dialect_->key_headers(settings_.api_key)) headers_.push_back(std::move(header));
  }
  for (auto& header : headers) headers_.push_back(std::move(header));
}

Error BatchTransfer::error(Code code, std::string_view message) const {
  const std::string& origin = settings_.replicas.front().origin;
  const bool names_origin = message.substr(0, origin.size()) == origin;
  std::string text = names_origin ? format("{}: {}", settings_.id, message)
                                  : format("{}: {}: {}", settings_.id, origin, message);
  redactor_.clean(text);
  return {code, std::move(text)};
}

HttpRequest BatchTransfer::request(BatchCall call) const {
  const Replica& replica = settings_.replicas.front();
  HttpRequest out;
  out.method = std::move(call.method);
  out.url = replica.base + call.path;
  if (!replica.query.empty()) {
    out.url += call.path.find('?') != std::string::npos ? "&" + replica.query.substr(1) : replica.query;
  }
  out.headers = headers_;
  if (out.method == "POST") out.headers.emplace_back("Content-Type", call.content_type);
  out.body = std::move(call.body);
  out.max_body = kMaxAnswer;
  out.timeouts = settings_.timeouts;
  out.timeouts.idle_s = kIdleSeconds;
  const auto now = std::chrono::steady_clock::now();
  out.timeouts.deadline = now + kLongest;
  const bool small = out.body.size() < kSmallBody && settings_.timeout_s > 0 && settings_.timeout_s < 1e6;
  if (small)
    out.timeouts.deadline = now + std::chrono::milliseconds(std::llround(settings_.timeout_s * 1000));
  return out;
}

HttpResult BatchTransfer::exchange(HttpRequest request, HttpHandlers handlers) const {
  std::promise<HttpResult> promise;
  handlers.done = [&promise](HttpResult result) { promise.set_value(std::move(result)); };
  std::call_once(once_, [this] { client_ = std::make_unique<HttpClient>(settings_.http); });
  client_->submit(std::move(request), std::move(handlers));
  return promise.get_future().get();
}

Error BatchTransfer::failure(const HttpResult& result, std::string body) const {
  if (good(result.status) || result.status == 0) return error(result.error->code, result.error->message);
  redactor_.clean(body);
  const BackendError said = status_error(result.status, result.headers, body);
  return error(dialect_->error_code(result.status, body).value_or(said.code), said.message);
}

Result<Json> BatchTransfer::call(BatchCall call) const {
  HttpResult result = exchange(request(std::move(call)), {});
  if (result.error || !good(result.status)) return failure(result, std::move(result.body));
  auto parsed = parse_json(result.body);
  if (!parsed || !parsed->is_object()) return error(Code::corrupt, "the response is not a JSON object");
  return std::move(*parsed);
}

Result<void> BatchTransfer::download(const std::string& path, int fd) const {
  HttpRequest get = request({"GET", path, "", ""});
  get.max_body = kMaxResults;
  get.timeouts.deadline = std::chrono::steady_clock::now() + kLongest;
  int status = 0;
  std::string refusal;
  bool full = false;
  HttpHandlers handlers;
  handlers.on_headers = [&status](int s, const HttpHeaderList&) { status = s; };
  handlers.on_chunk = [&](std::string_view bytes) {
    if (good(status)) {
      full = !write_all(fd, bytes);
      return !full;
    }
    refusal += bytes.substr(0, kMaxErrorRead - std::min(kMaxErrorRead, refusal.size()));
    return refusal.size() < kMaxErrorRead;
  };
  const HttpResult result = exchange(std::move(get), std::move(handlers));
  if (full) return error(Code::unavailable, "the results do not fit into the folder for temporary files");
  if (result.error || !good(result.status)) return failure(result, std::move(refusal));
  return {};
}

Result<void> BatchTransfer::lines(const std::string& path, const EachLine& each) const {
  TemporaryFile file;
  if (file.fd() < 0) {
    return error(Code::unavailable, format("no temporary file can be made: {}", std::strerror(errno)));
  }
  if (auto ok = download(path, file.fd()); !ok) return ok;
  auto reader = LineReader::open(file.path());
  if (!reader) return error(Code::corrupt, reader.error().message);
  while (true) {
    auto line = reader->next();
    if (!line) return error(Code::corrupt, format("line {} of the results is too long", reader->line() + 1));
    if (!line->has_value()) return {};
    if ((*line)->find_first_not_of(" \t\r") == std::string_view::npos) continue;
    std::string text(**line);
    redactor_.clean(text);
    auto parsed = parse_server_json(text);
    if (!parsed || !parsed->is_object()) {
      return error(Code::corrupt, format("line {} of the results is not a JSON object", reader->line()));
    }
    if (auto ok = each(*parsed); !ok) return ok;
  }
}

BackendReply BatchTransfer::reply(int status, const Json& body, std::string_view request_id) const {
  const std::string text = dump_json(body);
  BackendReply out;
  if (good(status)) {
    out = dialect_->reader(Request{})->whole(text);
  } else if (dialect_->filtered(status, text)) {
    Response& r = out.responses.emplace_back();
    r.finish = FinishReason::content_filter;
    r.finish_raw = name(r.finish);
    r.refusal = status_error(status, {}, text).message;
  } else {
    out.error = status_error(status, {}, text);
    if (const auto code = dialect_->error_code(status, text)) out.error->code = *code;
    out.error->may_be_billed = may_bill(status);
  }
  if (out.error) out.error->message = error(out.error->code, out.error->message).message;
  out.exchange.endpoint = settings_.replicas.front().shown;
  out.exchange.received = text.substr(0, settings_.max_exchange);
  out.exchange.request_id = request_id;
  for (Response& r : out.responses) {
    if (!request_id.empty() && r.request_id.empty()) r.request_id = request_id;
    if (r.reasoning && r.reasoning_kind == TraceKind::raw &&
        settings_.info.trace_kind == TraceKind::summary) {
      r.reasoning_kind = TraceKind::summary;
    }
    if (settings_.keep_raw) r.raw = text;
  }
  return out;
}

Result<void> check_items(std::span<const BatchItem> items, const BatchLimits& limits) {
  if (items.empty()) return invalid("a batch without requests");
  if (items.size() > limits.max_items) {
    return invalid(
        format("{} requests in a batch; this API takes at most {}", items.size(), limits.max_items));
  }
  std::unordered_set<std::string_view> ids;
  for (const BatchItem& item : items) {
    const std::string shown = printable(truncate_utf8(item.custom_id, 80));
    if (!is_custom_id(item.custom_id)) {
      return invalid(
          format("the id \"{}\" of a batch's request is not 1 to 64 letters, digits, _ and -", shown));
    }
    if (!ids.insert(item.custom_id).second) return invalid(format("the id {} is twice in a batch", shown));
    if (!item.request.prefix.empty()) {
      return invalid(format("request {} goes on from a cut answer; batches cannot", shown));
    }
  }
  return {};
}

Result<void> check_batch_id(const std::string& id) {
  if (is_custom_id(id)) return {};
  return invalid(format("\"{}\" is not the id of a batch", printable(truncate_utf8(id, 80))));
}

Result<WireRequest> batch_request(const Dialect& dialect, const BatchItem& item) {
  Request one = item.request;
  one.choices = 1;
  auto made = dialect.request(one);
  if (!made) return Error{made.error().code, format("request {}: {}", item.custom_id, made.error().message)};
  return made;
}

}  // namespace assay
