// HTTP for everything in the project: the one door to libcurl.
//
//   HttpClient client({.max_connections = 64});
//   HttpHandlers handlers;
//   handlers.done = [](HttpResult r) { ... };       // exactly once, on the client's thread
//   client.submit({.method = "POST", .url = url, .headers = {{"Content-Type", "application/json"}}, .body =
//   json},
//                 std::move(handlers));
//
// All transfers of a client run on one thread of its own, which sleeps when nothing happens.
// Connections are reused, HTTP/2 is spoken over TLS where the server offers it, compressed bodies are
// unpacked. Only http and https; proxies come from the usual environment variables (HTTPS_PROXY,
// NO_PROXY, ...), a private CA from HttpOptions::ca_file, else CURL_CA_BUNDLE or SSL_CERT_FILE.
//
// A request that may change something (POST, ...) is sent once: if its connection ends without an answer, that is
// Code::unavailable, and whether to pay for another try is the caller's to decide. GET and HEAD are sent again where a
// connection that was kept open turns out to be dead.
//
// Threads: submit() and cancel() from any thread, also from within a handler. Handlers run on the
//   client's thread, one at a time, so they must not block.
// Ownership: the request and its handlers are the client's from submit() on; the handlers are
//   destroyed after `done`. The destructor cancels what is in flight and returns after the last
//   `done`; it must not run within a handler.
// Errors (HttpResult::error): invalid (bad URL or header, a certificate that does not verify),
//   unavailable (name, connection, reset, cut body, no byte in time), deadline (HttpTimeouts::deadline
//   is over), corrupt (not HTTP, broken encoding, larger than the bound), cancelled. An HTTP status is not
//   an error here: 500 with its body is a complete result. Messages name scheme, host and port only,
//   since a path, a query and a header may hold a key.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/result.h"

namespace assay {

struct HttpOptions {
  std::uint32_t max_connections = 16;  // transfers at once; more are queued in order
  std::string ca_file;                 // PEM; empty: from the environment, else the system's
  bool use_proxy = true;               // false: ignore the proxy variables
  std::string user_agent = "assay";
};

struct HttpTimeouts {
  double connect_s = 30;    // until the connection stands, TLS included
  double first_byte_s = 0;  // from the start of the transfer to the first byte; 0: none
  double idle_s = 0;        // between two arrivals; 0: none
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

using HttpHeaderList = std::vector<std::pair<std::string, std::string>>;

// The value of the first header of this name, whatever its case.
std::optional<std::string_view> http_header(const HttpHeaderList& headers, std::string_view name);

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  HttpHeaderList headers;
  std::string body;
  HttpTimeouts timeouts;
  std::size_t max_body = std::size_t{64} << 20;  // bytes, unpacked; more is Code::corrupt
  bool follow_redirects = false;                 // only for requests that carry no key
};

struct HttpResult {
  std::optional<Error> error;
  int status = 0;                      // 0: no response began
  HttpHeaderList headers;              // of the last response, in order
  std::string body;                    // what arrived, also with an error; empty when on_chunk took it
  std::optional<double> first_byte_s;  // from submit() to the first byte of the response
  double total_s = 0;                  // from submit() to the end
  bool sent = false;                   // some of the request has left this process
};

struct HttpHandlers {
  // The response's head is complete. Optional.
  std::function<void(int status, const HttpHeaderList&)> on_headers;
  // Takes the body piece by piece, unpacked. False ends the transfer with Code::cancelled. Optional.
  std::function<bool(std::string_view)> on_chunk;
  std::function<void(HttpResult)> done;  // required
};

using HttpId = std::uint64_t;

class HttpClient {
 public:
  explicit HttpClient(HttpOptions options = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  HttpId submit(HttpRequest request, HttpHandlers handlers);
  void cancel(HttpId id);  // unknown and finished ids are ignored

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// A file from a public address. Blocks the calling thread.
struct DownloadOptions {
  std::uint64_t resume_from = 0;  // bytes of `path` that are already good; the rest is asked for
  std::uint64_t max_bytes = std::uint64_t{8} << 30;  // of the whole file
  double connect_s = 30;
  double idle_s = 60;
  std::string ca_file;
  bool use_proxy = true;
  std::string bearer;  // a token for the address's own origin; where that redirects elsewhere it is not sent
  // Bytes so far and in total (0: unknown), several times a second. False cancels.
  std::function<bool(std::uint64_t done, std::uint64_t total)> progress;
};

// Follows redirects, but never from https to http. A server that cannot resume sends the whole file, which then replaces what was
// there. On an error what has arrived stays in `path`, so that its size is the next resume_from.
// Errors as above; and by status: 408 and 5xx unavailable, 429 exhausted, other 4xx invalid.
Result<void> http_download(const std::string& url, const std::filesystem::path& path,
                           const DownloadOptions& options = {});

// "curl 7.88.1, OpenSSL/3.0.19", for `assay doctor`.
std::string http_library();

// "https://host:port" of an absolute http or https URL, safe to show. Error: Code::invalid that says
// what is wrong, without the URL's path, query or password.
Result<std::string> http_origin(const std::string& url);

}  // namespace assay
