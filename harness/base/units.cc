#include "harness/base/units.h"

#include <algorithm>
#include <cmath>

#include "harness/base/format.h"

namespace assay {
namespace {

constexpr std::uint64_t kPicoPerDollar = 1'000'000'000'000;

std::uint64_t magnitude(std::int64_t value) {
  return value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
}

}  // namespace

std::string percent_text(double fraction) {
  const double percent = fraction * 100.0;
  if (fraction > 0 && percent < 0.01) return "0.01";
  if (fraction < 1 && percent > 99.99) return "99.99";
  return format("{:.2f}", percent);
}

std::string count_text(std::int64_t count) {
  const std::uint64_t size = magnitude(count);
  const char* sign = count < 0 ? "-" : "";
  if (size < 10000) return format("{}{}", sign, size);
  static constexpr char kUnits[] = {'k', 'M', 'G', 'T'};
  double scaled = static_cast<double>(size);
  char unit = ' ';
  for (const char next : kUnits) {
    if (scaled < 999.5 && unit != ' ') break;
    scaled /= 1000.0;
    unit = next;
  }
  const int decimals = scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0;
  return format("{}{:.{}f}{}", sign, scaled, decimals, unit);
}

std::string grouped_text(std::uint64_t count) {
  std::string out = format("{}", count);
  for (std::size_t at = out.size(); at > 3;) {
    at -= 3;
    out.insert(at, 1, ',');
  }
  return out;
}

std::string usd_text(std::int64_t pico) {
  if (pico == 0) return "0.00";
  const char* sign = pico < 0 ? "-" : "";
  const double dollars = static_cast<double>(magnitude(pico)) / static_cast<double>(kPicoPerDollar);
  if (dollars >= 1) return format("{}{:.2f}", sign, dollars);
  if (dollars >= 0.01) return format("{}{:.4f}", sign, dollars);
  // At least 1e-12: 13 decimals always hold two significant digits.
  const int decimals = 1 - static_cast<int>(std::floor(std::log10(dollars)));
  return format("{}{:.{}f}", sign, dollars, std::min(decimals, 13));
}

std::string usd_exact(std::int64_t pico) {
  const std::uint64_t size = magnitude(pico);
  std::string out = format("{}{}", pico < 0 ? "-" : "", size / kPicoPerDollar);
  if (size % kPicoPerDollar == 0) return out;
  out += format(".{:012}", size % kPicoPerDollar);
  out.erase(out.find_last_not_of('0') + 1);
  return out;
}

std::string duration_text(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "?";
  if (seconds < 9.995) return format("{:.2f} s", seconds);
  if (seconds < 59.95) return format("{:.1f} s", seconds);
  if (seconds > 1e12) return "?";
  const std::uint64_t whole = static_cast<std::uint64_t>(std::llround(seconds));
  if (whole < 3600) return format("{} m {:02} s", whole / 60, whole % 60);
  if (whole < 86400) return format("{} h {:02} m", whole / 3600, whole / 60 % 60);
  return format("{} d {:02} h", whole / 86400, whole / 3600 % 24);
}

}  // namespace assay
