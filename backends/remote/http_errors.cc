#include "backends/remote/http_errors.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

constexpr double kDay = 86400;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// "12", "0.25"; at most nine digits before the point.
std::optional<double> decimal(std::string_view text) {
  text = trim(text);
  double value = 0;
  double place = 0;
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == '.' && place == 0 && digits > 0) {
      place = 0.1;
    } else if (c >= '0' && c <= '9' && ++digits <= 18) {
      if (place == 0) {
        value = value * 10 + (c - '0');
      } else {
        value += place * (c - '0');
        place /= 10;
      }
    } else {
      return std::nullopt;
    }
  }
  return digits == 0 ? std::nullopt : std::optional<double>(value);
}

std::optional<int> number(std::string_view text) {
  if (text.empty() || text.size() > 4) return std::nullopt;
  int out = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    out = out * 10 + (c - '0');
  }
  return out;
}

std::optional<int> month(std::string_view text) {
  static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != 3) return std::nullopt;
  const std::size_t at = kMonths.find(text);
  if (at == std::string_view::npos || at % 3 != 0) return std::nullopt;
  return static_cast<int>(at / 3) + 1;
}

// The words of a date, split at blanks, commas, hyphens and colons. More than eight are no date.
std::size_t words_of(std::string_view text, std::array<std::string_view, 8>& words) {
  std::size_t n = 0;
  while (!text.empty()) {
    const std::size_t begin = text.find_first_not_of(" ,:-");
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(" ,:-"), text.size());
    if (n == words.size()) return n + 1;
    words[n++] = text.substr(0, end);
    text.remove_prefix(end);
  }
  return n;
}

bool names_quota(const Json& error) {
  for (const char* key : {"code", "type"}) {
    const auto text = json_string(error, key);
    if (!text) continue;
    for (const char* word : {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active",
                             "exceeded_current_quota_error", "insufficient_balance"}) {
      if (*text == word) return true;
    }
  }
  return false;
}

std::string stated_message(const Json& error) {
  std::string text;
  if (error.is_string())
    text = error.get<std::string>();
  else if (auto message = json_string(error, "message"))
    text = *message;
  else if (auto detail = json_string(error, "detail"))
    text = *detail;
  return printable(truncate_utf8(text, 300));
}

// Where to: scheme, host and port alone, since the rest may hold a key.
std::string redirect_words(const HttpHeaderList& headers) {
  const auto origin = http_origin(std::string(http_header(headers, "Location").value_or("")));
  return format("; the server redirects{}{}, which is not followed: base_url must name the right address",
                origin.ok() ? " to " : "", origin.ok() ? *origin : "");
}

// What the body says about the error, in the shapes that servers use: {"error": {...}}, {"error": "..."},
// {"message": ...}, {"detail": ...}.
Json error_object(std::string_view body) {
  auto parsed = parse_json(body.substr(0, 1 << 20));
  if (!parsed) return nullptr;
  const Json& top =
      parsed->is_array() && !parsed->empty() ? parsed->front() : *parsed;  // Gemini sends a list
  const Json* inner = json_find(top, "error");
  return inner != nullptr && !inner->is_null() ? *inner : top;
}

}  // namespace

Code code_for_status(int status) {
  if (status == 429 || status == 503 || status == 529) return Code::exhausted;
  if (status == 408 || status == 409 || status == 425 || status >= 500) return Code::unavailable;
  return Code::invalid;
}

std::optional<std::int64_t> http_date(std::string_view text) {
  std::array<std::string_view, 8> w;
  const std::size_t n = words_of(text, w);
  std::optional<int> day, mon, year, hour, minute, second;
  if (n == 8 && w[7] == "GMT") {
    // Sun, 06 Nov 1994 08:49:37 GMT; Sunday, 06-Nov-94 08:49:37 GMT
    day = number(w[1]), mon = month(w[2]), year = number(w[3]);
    hour = number(w[4]), minute = number(w[5]), second = number(w[6]);
  } else if (n == 7) {
    // Sun Nov  6 08:49:37 1994
    mon = month(w[1]), day = number(w[2]), hour = number(w[3]), minute = number(w[4]);
    second = number(w[5]), year = number(w[6]);
  }
  if (!day || !mon || !year || !hour || !minute || !second) return std::nullopt;
  if (*year < 100) *year += *year < 70 ? 2000 : 1900;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*mon)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
  return std::int64_t{days} * 86400 + *hour * 3600 + *minute * 60 + *second;
}

std::optional<double> retry_after(const HttpHeaderList& headers, std::int64_t now_s) {
  if (const auto ms = http_header(headers, "retry-after-ms")) {
    if (const auto value = decimal(*ms)) return std::min(*value / 1000, kDay);
  }
  const auto text = http_header(headers, "Retry-After");
  if (!text) return std::nullopt;
  if (const auto seconds = decimal(*text)) return std::min(*seconds, kDay);
  const auto until = http_date(*text);
  if (!until) return std::nullopt;
  const std::int64_t from = http_date(http_header(headers, "Date").value_or("")).value_or(now_s);
  return std::clamp(static_cast<double>(*until - from), 0.0, kDay);
}

BackendError stated_error(const Json& error) {
  BackendError out;
  out.code = Code::unavailable;
  auto status = json_int(error, "code");
  if (!status) status = json_int(error, "status");
  if (!status) {
    if (const auto text = json_string(error, "code")) status = number(*text);
  }
  if (status && *status >= 400 && *status <= 599) {
    out.http_status = static_cast<int>(*status);
    out.code = code_for_status(out.http_status);
  }
  if (const auto type = json_string(error, "type")) {
    if (*type == "rate_limit_error" || *type == "overloaded_error" || *type == "rate_limit_exceeded")
      out.code = Code::exhausted;
    if (*type == "invalid_request_error" || *type == "authentication_error") out.code = Code::invalid;
  }
  if (names_quota(error)) out.code = Code::invalid;
  const std::string message = stated_message(error);
  out.message = format("the server reports an error{}{}", message.empty() ? "" : ": ", message);
  out.body = std::string(truncate_utf8(dump_json(error), kMaxErrorBody));
  return out;
}

bool may_bill(int status) {
  if (status == 408 || status == 499) return true;
  return status < 300 || (status >= 500 && status != 503 && status != 529);
}

BackendError status_error(int status, const HttpHeaderList& headers, std::string_view body) {
  BackendError out;
  out.http_status = status;
  out.code = code_for_status(status);
  const Json error = error_object(body);
  if (status == 429 && names_quota(error)) out.code = Code::invalid;
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  out.retry_after = retry_after(headers, now.count());
  const std::string message = stated_message(error);
  out.message = format("HTTP status {}{}{}", status, message.empty() ? "" : ": ", message);
  if (status >= 300 && status < 400) out.message += redirect_words(headers);
  out.may_be_billed = may_bill(status);
  out.body = std::string(truncate_utf8(body, kMaxErrorBody));
  return out;
}

}  // namespace assay
