#include "tasks/exact_numbers.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>

namespace assay {
namespace {

struct Decimal {
  std::string digits;         // without zeros at either end; empty for zero
  std::int64_t exponent = 0;  // of the first digit
  bool operator==(const Decimal&) const = default;
};

// Nothing where the exponent is beyond 64 bits. The sign is left out.
std::optional<Decimal> decimal(std::string_view token) {
  const std::size_t e = token.find_first_of("eE");
  std::int64_t exponent = 0;
  if (e != std::string_view::npos) {
    std::string_view power = token.substr(e + 1);
    if (!power.empty() && power.front() == '+') power.remove_prefix(1);
    const auto read = std::from_chars(power.data(), power.data() + power.size(), exponent);
    if (read.ec != std::errc() || exponent > 1'000'000 || exponent < -1'000'000) return std::nullopt;
  }
  Decimal out;
  std::int64_t before_point = 0;  // digits, leading zeros not counted; negative for zeros behind the point
  bool point = false;
  for (const char c : token.substr(0, e)) {
    if (c == '.') point = true;
    if (c < '0' || c > '9') continue;
    if (out.digits.empty() && c == '0') {
      if (point) --before_point;
      continue;
    }
    out.digits += c;
    if (!point) ++before_point;
  }
  while (!out.digits.empty() && out.digits.back() == '0') out.digits.pop_back();
  if (!out.digits.empty()) out.exponent = exponent + before_point;
  return out;
}

bool is_exact(std::string_view token) {
  const char* const end = token.data() + token.size();
  if (token.find_first_of(".eE") == std::string_view::npos) {
    std::int64_t whole = 0;
    std::uint64_t large = 0;
    return std::from_chars(token.data(), end, whole).ec == std::errc() ||
           std::from_chars(token.data(), end, large).ec == std::errc();
  }
  double value = 0;
  if (std::from_chars(token.data(), end, value).ec != std::errc()) return false;
  char shortest[64];
  const auto written =
      std::to_chars(shortest, shortest + sizeof shortest, value, std::chars_format::scientific);
  const auto source = decimal(token);
  return source && source == decimal({shortest, static_cast<std::size_t>(written.ptr - shortest)});
}

}  // namespace

std::string with_exact_numbers(std::string_view json) {
  std::string out;
  std::size_t copied = 0;
  for (std::size_t at = 0; at < json.size();) {
    const char c = json[at];
    if (c == '"') {
      for (++at; at < json.size() && json[at] != '"'; ++at) {
        if (json[at] == '\\') ++at;
      }
      ++at;
    } else if (c == '-' || (c >= '0' && c <= '9')) {
      const std::size_t end = std::min(json.find_first_not_of("+-.0123456789eE", at), json.size());
      const std::string_view token = json.substr(at, end - at);
      if (!is_exact(token)) {
        out.append(json.substr(copied, at - copied)).append(1, '"').append(token).append(1, '"');
        copied = end;
      }
      at = end;
    } else {
      ++at;
    }
  }
  if (copied != 0) out.append(json.substr(copied));
  return out;
}

}  // namespace assay
