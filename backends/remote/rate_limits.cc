#include "backends/remote/rate_limits.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <string>

namespace assay {
namespace {

constexpr double kLongest = 366.0 * 86400;  // seconds
constexpr std::size_t kMaxDigits = 15;

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool digit(char c) { return c >= '0' && c <= '9'; }

// Takes "12" or "12.5" off the front.
std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  double place = 0;
  std::size_t digits = 0;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && place == 0 && digits > 0) {
      place = 0.1;
    } else if (digit(c) && ++digits <= kMaxDigits) {
      value = place == 0 ? value * 10 + (c - '0') : value + place * (c - '0');
      if (place != 0) place /= 10;
    } else {
      break;
    }
  }
  if (digits == 0 || digits > kMaxDigits) return std::nullopt;
  text.remove_prefix(at);
  return value;
}

std::optional<double> unit_seconds(std::string_view unit) {
  struct Row {
    std::string_view unit;
    double seconds;
  };
  static constexpr Row kRows[] = {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1},
                                  {"m", 60},    {"h", 3600},  {"d", 86400}};
  for (const Row& row : kRows) {
    if (row.unit == unit) return row.seconds;
  }
  return std::nullopt;
}

std::optional<std::int64_t> count(std::string_view text) {
  text = trim(text);
  const auto value = take_number(text);
  if (!value || !text.empty() || *value > 1e15) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

// A reset in any of the forms: a duration, a moment as RFC 3339, or unix seconds or milliseconds.
std::optional<double> reset_seconds(std::string_view text, double now_s) {
  text = trim(text);
  if (const auto moment = rfc3339_seconds(text)) return std::clamp(*moment - now_s, 0.0, kLongest);
  auto value = duration_seconds(text);
  if (!value) return std::nullopt;
  if (*value > 1e11) *value /= 1000;
  if (*value > 1e9) *value -= now_s;
  return std::clamp(*value, 0.0, kLongest);
}

void put(RateLimits::Bucket& bucket, std::string_view field, std::string_view value, double now_s) {
  if (field == "limit") bucket.limit = count(value);
  if (field == "remaining") bucket.remaining = count(value);
  if (field == "reset") bucket.reset_s = reset_seconds(value, now_s);
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Of input and output tokens, the one that has less of its limit left.
const RateLimits::Bucket& tighter(const RateLimits::Bucket& a, const RateLimits::Bucket& b) {
  const auto share = [](const RateLimits::Bucket& x) {
    if (!x.remaining || !x.limit || *x.limit <= 0) return 2.0;
    return static_cast<double>(*x.remaining) / static_cast<double>(*x.limit);
  };
  return share(b) < share(a) ? b : a;
}

bool known(const RateLimits::Bucket& b) { return b.limit || b.remaining || b.reset_s; }

}  // namespace

std::optional<double> duration_seconds(std::string_view text) {
  text = trim(text);
  if (text.empty()) return std::nullopt;
  double sum = 0;
  while (!text.empty()) {
    const auto value = take_number(text);
    if (!value) return std::nullopt;
    const std::size_t end = std::min(text.find_first_of("0123456789."), text.size());
    const auto unit = unit_seconds(text.substr(0, end));
    if (text.empty() && sum == 0) return *value;
    if (!unit) return std::nullopt;
    sum += *value * *unit;
    text.remove_prefix(end);
  }
  return sum;
}

std::optional<double> rfc3339_seconds(std::string_view text) {
  static constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";
  if (text.size() <= kForm.size()) return std::nullopt;
  std::array<int, 6> part{};
  std::size_t which = 0;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] == 'd') {
      if (!digit(text[i])) return std::nullopt;
      part[which] = part[which] * 10 + (text[i] - '0');
    } else {
      const bool same = text[i] == kForm[i] || (kForm[i] == 'T' && (text[i] == 't' || text[i] == ' '));
      if (!same) return std::nullopt;
      ++which;
    }
  }
  text.remove_prefix(kForm.size());
  double fraction = 0;
  if (text.front() == '.') {
    double place = 0.1;
    text.remove_prefix(1);
    for (; !text.empty() && digit(text.front()); text.remove_prefix(1), place /= 10) {
      fraction += place * (text.front() - '0');
    }
  }
  int offset = 0;
  if (text != "Z" && text != "z") {
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
    for (const std::size_t i : {1, 2, 4, 5}) {
      if (!digit(text[i])) return std::nullopt;
    }
    offset = ((text[1] - '0') * 10 + (text[2] - '0')) * 60 + (text[4] - '0') * 10 + (text[5] - '0');
    if (text[0] == '-') offset = -offset;
  }
  const std::chrono::year_month_day date{std::chrono::year{part[0]},
                                         std::chrono::month{static_cast<unsigned>(part[1])},
                                         std::chrono::day{static_cast<unsigned>(part[2])}};
  if (!date.ok() || part[3] > 23 || part[4] > 59 || part[5] > 60) return std::nullopt;
  const double days = static_cast<double>(std::chrono::sys_days{date}.time_since_epoch().count());
  return days * 86400 + part[3] * 3600 + (part[4] - offset) * 60 + part[5] + fraction;
}

RateLimits rate_limits(const HttpHeaderList& headers, double now_s) {
  RateLimits out;
  RateLimits::Bucket input, output;
  for (const auto& header : headers) {
    const std::string lower = lowered(header.first);
    std::string_view name = lower;
    if (take_prefix(name, "anthropic-ratelimit-")) {
      if (take_prefix(name, "requests-")) put(out.requests, name, header.second, now_s);
      else if (take_prefix(name, "tokens-")) put(out.tokens, name, header.second, now_s);
      else if (take_prefix(name, "input-tokens-")) put(input, name, header.second, now_s);
      else if (take_prefix(name, "output-tokens-")) put(output, name, header.second, now_s);
      continue;
    }
    if (!take_prefix(name, "x-ratelimit-") && !take_prefix(name, "ratelimit-")) continue;
    const std::size_t dash = name.find('-');
    if (dash == std::string_view::npos) {
      put(out.requests, name, header.second, now_s);
      continue;
    }
    const std::string_view what = name.substr(dash + 1);
    if (what == "requests") put(out.requests, name.substr(0, dash), header.second, now_s);
    if (what == "tokens") put(out.tokens, name.substr(0, dash), header.second, now_s);
  }
  if (!known(out.tokens)) out.tokens = tighter(input, output);
  return out;
}

}  // namespace assay
