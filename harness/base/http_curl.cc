#include "harness/base/http_curl.h"

#include <cstdlib>
#include <mutex>

#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<std::string_view> http_header(const HttpHeaderList& headers, std::string_view name) {
  for (const auto& header : headers) {
    if (same_name(header.first, name)) return header.second;
  }
  return std::nullopt;
}

std::string http_library() {
  internal::init_curl();
  const curl_version_info_data* info = curl_version_info(CURLVERSION_NOW);
  return format("curl {}, {}", info->version, info->ssl_version == nullptr ? "no TLS" : info->ssl_version);
}

Result<std::string> http_origin(const std::string& url) {
  for (const char c : url) {
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f)
      return invalid("URL holds a space or a control character");
  }
  internal::init_curl();
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), curl_url_cleanup);
  if (!parsed) return Error{Code::internal, "out of memory"};
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    return invalid("not an absolute URL such as https://host/path");
  }
  const auto part = [&parsed](CURLUPart which, unsigned flags) {
    char* text = nullptr;
    std::string out;
    if (curl_url_get(parsed.get(), which, &text, flags) == CURLUE_OK && text != nullptr) out = text;
    curl_free(text);
    return out;
  };
  const std::string scheme = part(CURLUPART_SCHEME, 0);
  if (scheme != "http" && scheme != "https") {
    return invalid(
        format("URL of scheme {}: only http and https are spoken", printable(truncate_utf8(scheme, 20))));
  }
  const std::string host = part(CURLUPART_HOST, 0);
  if (host.empty()) return invalid("URL without a host");
  const std::string port = part(CURLUPART_PORT, 0);
  return printable(format("{}://{}{}{}", scheme, host, port.empty() ? "" : ":", port));
}

namespace internal {

void init_curl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

std::string ca_file_or_environment(const std::string& ca_file) {
  if (!ca_file.empty()) return ca_file;
  for (const char* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

void set_common(CURL* easy, bool use_proxy, const std::string& ca_file) {
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, 10L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
  curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  if (!use_proxy) curl_easy_setopt(easy, CURLOPT_PROXY, "");
  if (!ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());
}

Error http_error(CURLcode code, const char* detail, const std::string& origin) {
  const std::string text = detail != nullptr && *detail != '\0' ? detail : curl_easy_strerror(code);
  Error error{Code::unavailable, format("{}: {}", origin, printable(truncate_utf8(text, 300)))};
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
      error.code = Code::invalid;
      break;
    case CURLE_UNSUPPORTED_PROTOCOL:  // the URL was checked: what answered is not HTTP
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_TOO_MANY_REDIRECTS:
#if LIBCURL_VERSION_NUM >= 0x080600
    case CURLE_TOO_LARGE:
#endif
      error.code = Code::corrupt;
      break;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
    case CURLE_BAD_FUNCTION_ARGUMENT:
      error.code = Code::internal;
      break;
    default:
      break;
  }
  return error;
}

std::optional<int> status_of_line(std::string_view line) {
  if (line.substr(0, 5) != "HTTP/") return std::nullopt;
  const std::size_t at = line.find(' ');
  if (at == std::string_view::npos || at + 4 > line.size()) return std::nullopt;
  int status = 0;
  for (const char c : line.substr(at + 1, 3)) {
    if (c < '0' || c > '9') return std::nullopt;
    status = status * 10 + (c - '0');
  }
  return status;
}

std::optional<std::pair<std::string, std::string>> header_of_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return std::pair<std::string, std::string>(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
}

}  // namespace internal
}  // namespace assay
