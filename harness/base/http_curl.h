// What http.cc and http_download.cc share about libcurl. Included by nothing else.
#pragma once

#include <curl/curl.h>

#include <string>

#include "harness/base/http.h"

namespace assay::internal {

void init_curl();  // once a process, before anything else of libcurl

// Options every transfer has: protocols, proxy, certificates, no signals, no cookies.
void set_common(CURL* easy, bool use_proxy, const std::string& ca_file);
std::string ca_file_or_environment(const std::string& ca_file);

// What a failed transfer means to its caller. `detail` is libcurl's own text, may be empty.
Error http_error(CURLcode code, const char* detail, const std::string& origin);

// "HTTP/1.1 200 OK" -> 200, nullopt for any other line.
std::optional<int> status_of_line(std::string_view line);
// "Name: value\r\n" -> {"Name", "value"}; nullopt for lines without a colon.
std::optional<std::pair<std::string, std::string>> header_of_line(std::string_view line);

}  // namespace assay::internal
