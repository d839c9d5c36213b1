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
    if (text && (*text == "insufficient_quota" || *text == "billing_hard_limit_reached")) return true;
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

BackendError stated_error(const std::string& who, const Json& error) {
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
  out.message = format("{}: the server reports an error{}{}", who, message.empty() ? "" : ": ", message);
  out.body = std::string(truncate_utf8(dump_json(error), kMaxErrorBody));
  return out;
}

BackendError status_error(const std::string& who, int status, const HttpHeaderList& headers,
                          std::string_view body) {
  BackendError out;
  out.http_status = status;
  out.code = code_for_status(status);
  const Json error = error_object(body);
  if (status == 429 && names_quota(error)) out.code = Code::invalid;
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  out.retry_after = retry_after(headers, now.count());
  const std::string message = stated_message(error);
  out.message = format("{}: HTTP status {}{}{}", who, status, message.empty() ? "" : ": ", message);
  if (status >= 300 && status < 400) out.message += "; redirects are not followed, check the base URL";
  out.body = std::string(truncate_utf8(body, kMaxErrorBody));
  return out;
}

bool is_secret(const std::string& key) { return key.size() >= 8; }

namespace {

// The length of the JSON string escape of `c` (escaped once or several times over) that `text` begins with, or 0.
std::size_t escaped(std::string_view text, char c) {
  constexpr std::size_t kMostBackslashes = 8;
  std::size_t n = 0;
  while (n < text.size() && n < kMostBackslashes && text[n] == '\\') ++n;
  if (c == '\\') return n >= 2 ? n : 0;
  if (n == 0 || n == text.size()) return 0;
  if (text[n] == c) return n + 1;
  if (text[n] != 'u' || text.size() < n + 5) return 0;
  static constexpr std::string_view kHex = "0123456789abcdef";
  const auto u = static_cast<unsigned char>(c);
  const char wanted[] = {'0', '0', kHex[u >> 4], kHex[u & 15]};
  for (std::size_t i = 0; i < 4; ++i) {
    const char got = text[n + 1 + i];
    if ((got >= 'A' && got <= 'F' ? static_cast<char>(got + 32) : got) != wanted[i]) return 0;
  }
  return n + 5;
}

// The length of `key` at the start of `text`, each of its characters as it is or escaped, or 0.
std::size_t key_length(std::string_view text, std::string_view key) {
  if (text.substr(0, key.size()) == key) return key.size();
  std::size_t at = 0;
  for (const char c : key) {
    if (at < text.size() && text[at] == c && c != '\\') {
      ++at;
      continue;
    }
    const std::size_t n = escaped(text.substr(at), c);
    if (n == 0) return 0;
    at += n;
  }
  return at;
}

}  // namespace

void redact(std::string& text, const std::string& key) {
  if (!is_secret(key)) return;
  static constexpr std::string_view kMark = "[key]";
  const char starts[] = {key.front(), '\\'};
  const std::string_view whole = text;
  std::string out;
  std::size_t from = 0;
  std::size_t at = whole.find_first_of(std::string_view(starts, 2));
  while (at != std::string_view::npos) {
    const std::size_t n = key_length(whole.substr(at), key);
    if (n > 0) {
      out.append(whole, from, at - from);
      out += kMark;
      from = at + n;
    }
    at = whole.find_first_of(std::string_view(starts, 2), n > 0 ? from : at + 1);
  }
  if (from == 0) return;
  out.append(whole, from, std::string::npos);
  text = std::move(out);
}

}  // namespace assay
