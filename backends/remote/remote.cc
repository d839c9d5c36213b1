#include "backends/remote/remote.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "backends/remote/redact.h"
#include "backends/remote/remote_call.h"
#include "backends/remote/replicas.h"

namespace assay {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<std::string> names(const RemoteSettings& settings) {
  std::vector<std::string> out;
  for (const Replica& r : settings.replicas) out.push_back(r.base + r.query);
  return out;
}

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [lower](char x, char y) { return lower(x) == lower(y); });
}

// Adds those of `more` whose names are not there yet.
void add_headers(HttpHeaderList& to, const HttpHeaderList& more) {
  for (const auto& header : more) {
    const bool there = std::any_of(to.begin(), to.end(),
                                   [&header](const auto& h) { return same_name(h.first, header.first); });
    if (!there) to.push_back(header);
  }
}

// `silent`: it was asked, and not one byte came back.
Replicas::End end_of(const BackendReply& reply, bool silent) {
  if (!reply.error) return Replicas::End::good;
  switch (reply.error->code) {
    case Code::cancelled: return Replicas::End::ended;
    case Code::invalid: return Replicas::End::good;  // it answers
    case Code::deadline: return silent ? Replicas::End::failed : Replicas::End::ended;
    default: return Replicas::End::failed;
  }
}

class RemoteBackend final : public Backend {
 public:
  RemoteBackend(RemoteSettings settings, std::unique_ptr<Dialect> dialect, std::unique_ptr<BatchBackend> batch)
      : settings_(std::move(settings)),
        dialect_(std::move(dialect)),
        batch_(std::move(batch)),
        redactor_(settings_.secrets),
        replicas_(names(settings_)),
        headers_(settings_.headers),
        client_(settings_.http) {
    const char* accept = settings_.stream ? "text/event-stream, application/json" : "application/json";
    if (!settings_.api_key.empty()) add_headers(headers_, dialect_->key_headers(settings_.api_key));
    add_headers(headers_, {{"Content-Type", "application/json"}, {"Accept", accept}});
  }

  BackendInfo describe() const override { return settings_.info; }
  BatchBackend* batches() override { return batch_.get(); }

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
    auto wire = dialect_->request(r);
    if (!wire) return done(not_sent(settings_, wire.error()));
    const std::size_t at = replicas_.take(r.task, r.sample_key);
    const Replica& replica = settings_.replicas[at];
    // Shared by three handlers.
    auto call = std::make_shared<RemoteCall>(settings_, *dialect_, redactor_, replica, r);
    call->sending(*wire);
    auto http_id = std::make_shared<HttpId>(0);  // written below, before `done` gets the mutex
    HttpHandlers handlers;
    handlers.on_headers = [call](int status, const HttpHeaderList& headers) {
      call->on_headers(status, headers);
    };
    handlers.on_chunk = [call](std::string_view bytes) { return call->on_chunk(bytes); };
    handlers.done = [this, call, http_id, at, id = r.id, done = std::move(done)](const HttpResult& result) {
      forget(id, *http_id);
      BackendReply reply = call->finish(result);
      const bool silent = result.sent && !result.first_byte_s;
      replicas_.give_back(at, end_of(reply, silent), reply.error ? reply.error->retry_after : std::nullopt);
      done(std::move(reply));
    };
    HttpRequest http = http_request(replica, std::move(*wire), r.deadline);
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
  HttpRequest http_request(const Replica& replica, WireRequest wire, Clock::time_point deadline) const {
    HttpRequest http;
    http.method = "POST";
    http.url = replica.base + wire.path;
    if (!replica.query.empty()) {
      http.url += wire.path.find('?') == std::string::npos ? '?' : '&';
      http.url.append(replica.query, 1, std::string::npos);
    }
    http.headers = headers_;
    add_headers(http.headers, wire.headers);
    http.body = std::move(wire.body);
    http.max_body = settings_.max_response;
    http.timeouts = settings_.timeouts;
    http.timeouts.deadline = deadline;
    if (settings_.timeout_s > 0 && settings_.timeout_s < 1e9) {
      const auto latest = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                             std::chrono::duration<double>(settings_.timeout_s));
      http.timeouts.deadline = std::min(deadline, latest);
    }
    return http;
  }

  void forget(RequestId id, const HttpId& http_id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto range = in_flight_.equal_range(id);
    for (auto it = range.first; it != range.second; ++it) {
      if (it->second != http_id) continue;
      in_flight_.erase(it);
      return;
    }
  }

  const RemoteSettings settings_;
  const std::unique_ptr<Dialect> dialect_;
  const std::unique_ptr<BatchBackend> batch_;
  const Redactor redactor_;
  Replicas replicas_;
  HttpHeaderList headers_;
  std::mutex mutex_;  // guards in_flight_
  std::unordered_multimap<RequestId, HttpId> in_flight_;
  HttpClient client_;  // last: its destructor makes the last calls of `done`
};

}  // namespace

std::unique_ptr<Backend> make_remote(RemoteSettings settings, std::unique_ptr<Dialect> dialect,
                                     std::unique_ptr<BatchBackend> batch) {
  return std::make_unique<RemoteBackend>(std::move(settings), std::move(dialect), std::move(batch));
}

}  // namespace assay
