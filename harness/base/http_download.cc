#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "harness/base/format.h"
#include "harness/base/http.h"
#include "harness/base/http_curl.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

using Clock = std::chrono::steady_clock;

struct Download {
  const DownloadOptions& options;
  std::string origin;
  std::string file;  // for messages
  int fd = -1;
  std::uint64_t written = 0;  // the file's size
  std::uint64_t total = 0;    // 0: unknown
  int status = 0;
  HttpHeaderList headers;
  bool placed = false;  // the first byte's place in the file is settled
  std::optional<Error> fault;
  Clock::time_point last_arrival = Clock::now();

  ~Download() {
    if (fd >= 0) ::close(fd);
  }
  bool fail(Code code, std::string message) {
    fault = Error{code, std::move(message)};
    return false;
  }
};

std::optional<std::uint64_t> number_at(std::string_view text) {
  std::uint64_t out = 0;
  std::size_t n = 0;
  for (; n < text.size() && text[n] >= '0' && text[n] <= '9' && n < 18; ++n) {
    out = out * 10 + static_cast<std::uint64_t>(text[n] - '0');
  }
  return n == 0 ? std::nullopt : std::optional<std::uint64_t>(out);
}

// "bytes 100-199/200": where the part begins, and the size of the whole. "bytes */200": the latter alone.
struct ContentRange {
  std::optional<std::uint64_t> begin;
  std::optional<std::uint64_t> whole;
};

ContentRange content_range(const HttpHeaderList& headers) {
  ContentRange out;
  const std::string_view text = http_header(headers, "Content-Range").value_or("");
  if (text.substr(0, 6) != "bytes ") return out;
  out.begin = number_at(text.substr(6));
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) out.whole = number_at(text.substr(slash + 1));
  return out;
}

// Decides where the body goes: behind what is there (206), or in place of it (200).
bool place(Download& d) {
  d.placed = true;
  std::uint64_t begin = 0;
  if (d.status == 206) {
    const ContentRange range = content_range(d.headers);
    if (!range.begin || *range.begin != d.options.resume_from) {
      return d.fail(Code::corrupt, d.origin + ": answers a resumed download with another part of the file");
    }
    begin = *range.begin;
    d.total = range.whole.value_or(0);
  } else {
    d.total = number_at(http_header(d.headers, "Content-Length").value_or("")).value_or(0);
  }
  if (d.total > d.options.max_bytes) {
    return d.fail(Code::invalid, format("{}: the file has {} bytes, more than the {} allowed", d.origin,
                                        d.total, d.options.max_bytes));
  }
  if (::ftruncate(d.fd, static_cast<off_t>(begin)) != 0 ||
      ::lseek(d.fd, static_cast<off_t>(begin), SEEK_SET) < 0) {
    return d.fail(Code::invalid, format("{}: {}", d.file, std::strerror(errno)));
  }
  d.written = begin;
  return true;
}

bool write_all(Download& d, const char* data, std::size_t size) {
  for (std::size_t at = 0; at < size;) {
    const ssize_t n = ::write(d.fd, data + at, size - at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return d.fail(Code::invalid, format("{}: {}", d.file, std::strerror(errno)));
    at += static_cast<std::size_t>(n);
    d.written += static_cast<std::uint64_t>(n);
  }
  return true;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) noexcept {
  Download& d = *static_cast<Download*>(user);
  d.last_arrival = Clock::now();
  const std::string_view line(data, size);
  if (const auto status = internal::status_of_line(line)) {
    d.status = *status;
    d.headers.clear();
  } else if (auto header = internal::header_of_line(line); header && d.headers.size() < 1000) {
    d.headers.push_back(std::move(*header));
  }
  return size;
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) noexcept {
  Download& d = *static_cast<Download*>(user);
  d.last_arrival = Clock::now();
  if (d.status != 200 && d.status != 206) return size;  // an error page is not the file
  if (!d.placed && !place(d)) return 0;
  if (size > d.options.max_bytes - std::min(d.options.max_bytes, d.written)) {
    d.fail(Code::invalid,
           format("{}: the file has more than the {} bytes allowed", d.origin, d.options.max_bytes));
    return 0;
  }
  return write_all(d, data, size) ? size : 0;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
  Download& d = *static_cast<Download*>(user);
  if (d.options.idle_s > 0 &&
      Clock::now() - d.last_arrival > std::chrono::duration<double>(d.options.idle_s)) {
    d.fail(Code::unavailable, format("{}: nothing came for {} s", d.origin, d.options.idle_s));
    return 1;
  }
  if (d.options.progress && d.placed && !d.options.progress(d.written, d.total)) {
    d.fail(Code::cancelled, d.origin + ": download cancelled");
    return 1;
  }
  return 0;
}

// "Authorization: Bearer TOKEN", or nothing. curl keeps it for the first host, port and protocol (since 7.83).
using HeaderList = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;
Result<HeaderList> authorization(const std::string& token) {
  HeaderList out(nullptr, curl_slist_free_all);
  if (token.empty()) return out;
  const auto printing = [](char c) { return c > 0x20 && c < 0x7F; };
  if (!std::all_of(token.begin(), token.end(), printing)) return invalid("the access token holds a blank or control character");
  out.reset(curl_slist_append(nullptr, ("Authorization: Bearer " + token).c_str()));
  if (!out) return Error{Code::internal, "out of memory"};
  return out;
}

Result<void> judge(Download& d, CURLcode code, const char* detail) {
  if (d.fault) return *d.fault;
  if (code != CURLE_OK) return internal::http_error(code, detail, d.origin);
  if (d.status == 416 && content_range(d.headers).whole == d.options.resume_from)
    return {};  // it was complete
  if (d.status == 200 || d.status == 206) {
    if (!d.placed && !place(d)) return *d.fault;  // an empty file
    if (d.total != 0 && d.written != d.total) {
      return Error{Code::unavailable, format("{}: {} of {} bytes came", d.origin, d.written, d.total)};
    }
    if (d.options.progress) d.options.progress(d.written, d.total);
    return {};
  }
  const Code by_status = d.status == 429                      ? Code::exhausted
                         : d.status == 408 || d.status >= 500 ? Code::unavailable
                                                              : Code::invalid;
  return Error{by_status, format("{}: HTTP status {}", d.origin, d.status)};
}

}  // namespace

Result<void> http_download(const std::string& url, const std::filesystem::path& path,
                           const DownloadOptions& options) {
  auto origin = http_origin(url);
  if (!origin) return origin.error();
  auto headers = authorization(options.bearer);
  if (!headers) return headers.error();
  Download d{options, std::move(*origin), printable(path.string()), -1, 0, 0, 0, {}, false, {}, Clock::now()};
  d.fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (d.fd < 0) return invalid(format("{}: {}", d.file, std::strerror(errno)));
  const off_t size = ::lseek(d.fd, 0, SEEK_END);
  if (size < 0 || static_cast<std::uint64_t>(size) < options.resume_from) {
    return invalid(format("{}: has {} bytes, so a download cannot go on from byte {}", d.file, size,
                          options.resume_from));
  }
  const std::unique_ptr<CURL, void (*)(CURL*)> easy(curl_easy_init(), curl_easy_cleanup);
  if (!easy) return Error{Code::internal, "out of memory"};
  char detail[CURL_ERROR_SIZE] = {};
  const std::string ca_file = internal::ca_file_or_environment(options.ca_file);
  internal::set_common(easy.get(), options.use_proxy, ca_file);
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_USERAGENT, "assay");
  curl_easy_setopt(easy.get(), CURLOPT_FOLLOWLOCATION, 1L);
  if (url.rfind("https:", 0) == 0) curl_easy_setopt(easy.get(), CURLOPT_REDIR_PROTOCOLS_STR, "https");
  if (*headers) curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers->get());
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, detail);
  curl_easy_setopt(easy.get(), CURLOPT_CONNECTTIMEOUT_MS,
                   std::max(1L, static_cast<long>(options.connect_s * 1000)));
  curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, static_cast<void*>(&d));
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, static_cast<void*>(&d));
  curl_easy_setopt(easy.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy.get(), CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(easy.get(), CURLOPT_XFERINFODATA, static_cast<void*>(&d));
  // Not CURLOPT_RESUME_FROM, which fails when the server sends the whole file.
  const std::string range = format("{}-", options.resume_from);
  if (options.resume_from > 0) curl_easy_setopt(easy.get(), CURLOPT_RANGE, range.c_str());
  const CURLcode code = curl_easy_perform(easy.get());
  return judge(d, code, detail);
}

}  // namespace assay
