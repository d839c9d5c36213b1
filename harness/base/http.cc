#include "harness/base/http.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>

#include "harness/base/format.h"
#include "harness/base/http_curl.h"
#include "harness/base/http_multi.h"

namespace assay {
namespace {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

constexpr std::size_t kMaxHeaderBytes = 256 << 10;

Time after(Time start, double seconds) {
  if (seconds >= 1e9) return Time::max();
  return start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

double seconds_between(Time from, Time to) { return std::chrono::duration<double>(to - from).count(); }

// A line break within a header would let its value write further headers.
bool clean_header(const std::pair<std::string, std::string>& header) {
  const auto bad = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  return !header.first.empty() && header.first.find(':') == std::string::npos &&
         std::none_of(header.first.begin(), header.first.end(), bad) &&
         std::none_of(header.second.begin(), header.second.end(), bad);
}

struct Transfer {
  HttpId id = 0;
  HttpRequest request;
  HttpHandlers handlers;
  std::string origin;
  HttpResult result;
  std::optional<Error> fault;  // our own reason to end it, which goes before libcurl's
  CURL* easy = nullptr;        // null while queued
  std::size_t shard = internal::HttpMulti::kNone;
  curl_slist* header_list = nullptr;
  char detail[CURL_ERROR_SIZE] = {};
  Time submitted;
  Time started;
  Time last_arrival;
  Time timer = Time::max();  // its entry in the set of timers
  std::size_t header_bytes = 0;
  std::size_t body_bytes = 0;  // unpacked
  bool arrived = false;        // a byte of the response
  bool head_done = false;
  bool sent = false;           // the request went out on a connection
  std::function<void(Transfer&)> rearm;
};

// The moment at which something must be done about this transfer if nothing else happens.
Time next_event(const Transfer& t) {
  Time next = t.request.timeouts.deadline;
  if (t.easy == nullptr) return next;
  if (!t.arrived && t.request.timeouts.first_byte_s > 0) {
    next = std::min(next, after(t.started, t.request.timeouts.first_byte_s));
  }
  if (t.arrived && t.request.timeouts.idle_s > 0) {
    next = std::min(next, after(t.last_arrival, t.request.timeouts.idle_s));
  }
  return next;
}

Error event_error(const Transfer& t, Time now) {
  if (now >= t.request.timeouts.deadline) return {Code::deadline, t.origin + ": out of time"};
  if (!t.arrived) {
    return {Code::unavailable,
            format("{}: no answer within {} s", t.origin, t.request.timeouts.first_byte_s)};
  }
  return {Code::unavailable, format("{}: nothing came for {} s", t.origin, t.request.timeouts.idle_s)};
}

void note_arrival(Transfer& t) {
  t.last_arrival = Clock::now();
  if (t.arrived) return;
  t.arrived = true;
  t.result.first_byte_s = seconds_between(t.submitted, t.last_arrival);
  t.rearm(t);
}

// libcurl calls these from C: nothing may be thrown through it, hence noexcept.
std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) noexcept {
  Transfer& t = *static_cast<Transfer*>(user);
  note_arrival(t);
  const std::string_view line(data, size);
  if (const auto status = internal::status_of_line(line); status && !t.head_done) {
    t.result.status = *status;  // again after 1xx and after a redirect
    t.result.headers.clear();
    return size;
  }
  t.header_bytes += size;
  if (t.header_bytes > kMaxHeaderBytes) {
    t.fault =
        Error{Code::corrupt, format("{}: response headers larger than {} bytes", t.origin, kMaxHeaderBytes)};
    return 0;
  }
  if (auto header = internal::header_of_line(line); header && !t.head_done)
    t.result.headers.push_back(std::move(*header));
  return size;
}

// Called before the request is sent. libcurl sends it again by itself when a reused connection ends without an answer;
// but the server may have had it, and what it costs twice must be the caller's decision, and counted.
int on_send(void* user, char*, char*, int, int) noexcept {
  Transfer& t = *static_cast<Transfer*>(user);
  if (!std::exchange(t.sent, true)) return CURL_PREREQFUNC_OK;
  t.fault = Error{Code::unavailable, t.origin + ": the connection ended before an answer came"};
  return CURL_PREREQFUNC_ABORT;
}

void finish_head(Transfer& t) {
  if (t.head_done) return;
  t.head_done = true;
  if (t.handlers.on_headers) t.handlers.on_headers(t.result.status, t.result.headers);
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) noexcept {
  Transfer& t = *static_cast<Transfer*>(user);
  note_arrival(t);
  finish_head(t);
  t.body_bytes += size;
  if (t.body_bytes > t.request.max_body) {
    t.fault = Error{Code::corrupt, format("{}: response larger than {} bytes", t.origin, t.request.max_body)};
    return 0;
  }
  if (!t.handlers.on_chunk) {
    t.result.body.append(data, size);
    return size;
  }
  if (t.handlers.on_chunk({data, size})) return size;
  t.fault = Error{Code::cancelled, t.origin + ": ended by its reader"};
  return 0;
}

}  // namespace

class HttpClient::Impl {
 public:
  explicit Impl(HttpOptions options) : options_(std::move(options)) {
    internal::init_curl();
    options_.ca_file = internal::ca_file_or_environment(options_.ca_file);
    options_.max_connections = std::max<std::uint32_t>(options_.max_connections, 1);
    multi_ = std::make_unique<internal::HttpMulti>(options_.max_connections);
    thread_ = std::thread([this] { loop(); });
  }

  ~Impl() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    multi_->wake();
    thread_.join();
    for (CURL* easy : spare_) curl_easy_cleanup(easy);
  }

  HttpId submit(HttpRequest request, HttpHandlers handlers) {
    auto transfer = std::make_unique<Transfer>();
    transfer->request = std::move(request);
    transfer->handlers = std::move(handlers);
    transfer->submitted = Clock::now();
    HttpId id = 0;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      id = transfer->id = next_id_++;
      incoming_.push_back(std::move(transfer));
    }
    wake();
    return id;
  }

  void cancel(HttpId id) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      cancels_.push_back(id);
    }
    wake();
  }

 private:
  using Owned = std::unique_ptr<Transfer>;

  // A handler that submits need not wake the thread that it runs on.
  void wake() {
    if (std::this_thread::get_id() == thread_.get_id()) {
      again_ = true;
    } else {
      multi_->wake();
    }
  }

  void loop() {
    while (true) {
      const bool stopping = take_commands();
      if (stopping) {
        if (transfers_.empty()) return;
        while (!transfers_.empty()) {
          Transfer& t = *transfers_.begin()->second;
          finish(t, Error{Code::cancelled, t.origin + ": cancelled"});
        }
        continue;  // a handler may have submitted again
      }
      start_queued();
      multi_->turn(std::exchange(again_, false) ? 0 : wait_ms());
      bool freed = collect();
      freed = fire_timers() || freed;
      again_ = again_ || (freed && !queue_.empty());
    }
  }

  // Takes in what other threads asked for. True when the destructor waits.
  bool take_commands() {
    std::vector<Owned> incoming;
    std::vector<HttpId> cancels;
    bool stopping = false;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      incoming.swap(incoming_);
      cancels.swap(cancels_);
      stopping = stopping_;
    }
    for (Owned& owned : incoming) admit(std::move(owned));
    for (const HttpId id : cancels) {
      const auto it = transfers_.find(id);
      if (it != transfers_.end())
        finish(*it->second, Error{Code::cancelled, it->second->origin + ": cancelled"});
    }
    return stopping;
  }

  void admit(Owned owned) {
    Transfer& t = *owned;
    t.rearm = [this](Transfer& changed) { arm(changed); };
    transfers_.emplace(t.id, std::move(owned));
    auto origin = http_origin(t.request.url);
    if (!origin) return finish(t, origin.error());
    t.origin = std::move(*origin);
    for (const auto& header : t.request.headers) {
      if (!clean_header(header)) {
        return finish(
            t, invalid(t.origin +
                       ": a request header holds a line break, or its name is empty or holds a colon"));
      }
    }
    queue_.push_back(t.id);
    arm(t);
  }

  // Ours and not libcurl's queue, whose connect timeout runs while a transfer waits for its turn.
  void start_queued() {
    while (active_ < options_.max_connections && !queue_.empty()) {
      const auto it = transfers_.find(queue_.front());
      queue_.pop_front();
      if (it != transfers_.end()) start(*it->second);
    }
  }

  void start(Transfer& t) {
    if (spare_.empty()) {
      t.easy = curl_easy_init();
    } else {
      t.easy = spare_.back();
      spare_.pop_back();
    }
    if (t.easy == nullptr) return finish(t, Error{Code::internal, "out of memory"});
    ++active_;
    t.started = Clock::now();
    configure(t);
    arm(t);
    t.shard = multi_->add(t.easy);
    if (t.shard == internal::HttpMulti::kNone) finish(t, Error{Code::internal, t.origin + ": cannot be started"});
  }

  void configure(Transfer& t) {
    CURL* easy = t.easy;
    const HttpRequest& r = t.request;
    internal::set_common(easy, options_.use_proxy, options_.ca_file);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, static_cast<void*>(&t));
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t.detail);
    curl_easy_setopt(easy, CURLOPT_URL, r.url.c_str());
    curl_easy_setopt(easy, CURLOPT_USERAGENT, options_.user_agent.c_str());
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, r.follow_redirects ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     std::max(1L, static_cast<long>(r.timeouts.connect_s * 1000)));
    if (t.origin.rfind("https:", 0) == 0)
      curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);  // one HTTP/2 connection
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, static_cast<void*>(&t));
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, static_cast<void*>(&t));
    if (r.method != "GET" && r.method != "HEAD" && !r.follow_redirects) {
      curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_send);
      curl_easy_setopt(easy, CURLOPT_PREREQDATA, static_cast<void*>(&t));
    }
    if (r.method == "POST" || !r.body.empty()) {
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, r.body.data());
      curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(r.body.size()));
    }
    if (r.method == "HEAD") {
      curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (r.method != "GET" && r.method != "POST") {
      curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, r.method.c_str());
    }
    t.header_list = curl_slist_append(nullptr, "Expect:");  // no wait for 100-continue
    for (const auto& header : r.headers) {
      // libcurl's own spelling of a header without a value.
      const std::string line =
          header.second.empty() ? header.first + ";" : header.first + ": " + header.second;
      t.header_list = curl_slist_append(t.header_list, line.c_str());
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t.header_list);
  }

  bool collect() {
    bool any = false;
    CURL* easy = nullptr;
    CURLcode code = CURLE_OK;
    while (multi_->next_done(easy, code)) {
      any = true;
      void* user = nullptr;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &user);
      Transfer& t = *static_cast<Transfer*>(user);
      if (code == CURLE_OK) {
        finish_head(t);
        finish(t, std::nullopt);
      } else {
        finish(t, t.fault ? *t.fault : internal::http_error(code, t.detail, t.origin));
      }
    }
    return any;
  }

  void arm(Transfer& t) {
    if (t.timer != Time::max()) timers_.erase({t.timer, t.id});
    t.timer = next_event(t);
    if (t.timer != Time::max()) timers_.insert({t.timer, t.id});
  }

  // A timer is not moved when bytes arrive; when it fires too early it is set again.
  bool fire_timers() {
    bool any = false;
    const Time now = Clock::now();
    while (!timers_.empty() && timers_.begin()->first <= now) {
      Transfer& t = *transfers_.at(timers_.begin()->second);
      if (next_event(t) > now) {
        arm(t);
        continue;
      }
      any = true;
      finish(t, event_error(t, now));
    }
    return any;
  }

  int wait_ms() const {
    if (timers_.empty()) return 60'000;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
  }

  // Takes the transfer out of everything, then calls `done`, which may submit again.
  void finish(Transfer& t, std::optional<Error> error) {
    if (t.timer != Time::max()) timers_.erase({t.timer, t.id});
    if (t.easy != nullptr) {
      long sent = 0;  // bytes of requests, one to a proxy included
      curl_easy_getinfo(t.easy, CURLINFO_REQUEST_SIZE, &sent);
      t.result.sent = sent > 0 || t.result.status != 0;
      if (t.shard != internal::HttpMulti::kNone) multi_->remove(t.easy, t.shard);
      curl_easy_reset(t.easy);
      spare_.push_back(t.easy);
      --active_;
    }
    curl_slist_free_all(t.header_list);
    const Owned owned = std::move(transfers_.extract(t.id).mapped());
    owned->result.error = std::move(error);
    owned->result.total_s = seconds_between(owned->submitted, Clock::now());
    owned->handlers.done(std::move(owned->result));
  }

  HttpOptions options_;
  std::unique_ptr<internal::HttpMulti> multi_;

  std::mutex mutex_;  // guards the next four
  std::vector<Owned> incoming_;
  std::vector<HttpId> cancels_;
  HttpId next_id_ = 1;
  bool stopping_ = false;

  // The loop's own.
  std::unordered_map<HttpId, Owned> transfers_;
  std::deque<HttpId> queue_;
  std::set<std::pair<Time, HttpId>> timers_;
  std::vector<CURL*> spare_;
  std::size_t active_ = 0;
  bool again_ = false;  // there is more to do before the next sleep

  std::thread thread_;
};

HttpClient::HttpClient(HttpOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
HttpClient::~HttpClient() = default;
HttpId HttpClient::submit(HttpRequest request, HttpHandlers handlers) {
  return impl_->submit(std::move(request), std::move(handlers));
}
void HttpClient::cancel(HttpId id) { impl_->cancel(id); }

}  // namespace assay
