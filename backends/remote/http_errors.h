// What an unhappy answer of a server means: its status, its error object, its Retry-After.
//
// Pure. Everything the server wrote is untrusted; what goes into a message is made printable and cut.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/api/backend.h"
#include "harness/base/http.h"
#include "harness/base/json.h"

namespace assay {

inline constexpr std::size_t kMaxErrorBody = 2048;  // bytes of BackendError::body

// 408, 409, 425 and 5xx unavailable; 429, 503 and 529 exhausted; every other status invalid, since the
// same request would fail again.
Code code_for_status(int status);

// Seconds from the headers `retry-after-ms` and `Retry-After` (RFC 9110, section 10.2.3: seconds, here
// with a fraction too, or a date), between 0 and a day. A date counts from the server's own Date
// header where there is one, so that a wrong clock does no harm; else from `now_s`, unix seconds.
std::optional<double> retry_after(const HttpHeaderList& headers, std::int64_t now_s);

// Unix seconds of an HTTP date in any of its three forms (RFC 9110, section 5.6.7).
std::optional<std::int64_t> http_date(std::string_view text);

// Whether tokens may have been made, and are to be paid, where a server answered with this status: not where it
// refuses (4xx but 408 and 499, 503, 529) or sends elsewhere; maybe where it broke, or a gateway gave up waiting.
bool may_bill(int status);

// The error behind a status that is not 2xx. Messages do not name the server: remote_call.cc does.
BackendError status_error(int status, const HttpHeaderList& headers, std::string_view body);

// The error in the value of an `error` key that came with status 200, also in the middle of a stream:
// {"message", "type", "code"} or a text. A code that is an HTTP status counts as one.
BackendError stated_error(const Json& error);

}  // namespace assay
