#include "reports/cells.h"

#include <cmath>

#include "harness/base/format.h"
#include "harness/base/units.h"

namespace assay {
namespace {

constexpr const char* kAtLeast = "\xE2\x89\xA5";  // greater-than or equal
constexpr const char* kTo = "\xE2\x80\x93";       // en dash

std::string range_text(double low, double high) {
  if (low == high) return percent_text(low) + " %";
  return format("{}{}{} %", percent_text(low), kTo, percent_text(high));
}

GridCell plain(std::string text) { return {std::move(text), false, Tone::plain}; }

}  // namespace

std::string sum_text(double sum) {
  if (!std::isfinite(sum)) return "?";
  std::string out = format("{:.4f}", sum);
  out.erase(out.find_last_not_of('0') + 1);
  if (out.back() == '.') out.pop_back();
  return out;
}

GridCell accuracy_cell(bool headline, const std::optional<double>& accuracy,
                       const std::optional<AttemptBounds>& bounds) {
  if (headline && accuracy) return {percent_text(*accuracy) + " %", false, Tone::strong};
  if (!bounds) return plain(kNone);
  return {range_text(bounds->low, bounds->high), false, Tone::warning};
}

GridCell interval_cell(bool headline, const std::optional<ConfidenceInterval>& interval) {
  if (!headline || !interval) return plain(kNone);
  return plain(range_text(interval->low, interval->high));
}

GridCell bounds_cell(const std::optional<AttemptBounds>& bounds, bool incomplete) {
  if (!bounds) return plain(kNone);
  return {range_text(bounds->low, bounds->high), false, incomplete ? Tone::warning : Tone::plain};
}

GridCell count_cell(std::uint64_t count) {
  if (count == 0) return {"0", false, Tone::faint};
  return plain(format("{}", count));
}

GridCell fraction_cell(double numerator, std::uint64_t denominator) {
  return plain(format("{}/{}", sum_text(numerator), denominator));
}

GridCell tokens_cell(const KnownSum& tokens, std::uint64_t calls) {
  if (tokens.known == 0) return {"?", false, Tone::faint};
  return plain(format("{}{}", tokens.known < calls ? kAtLeast : "", count_text(tokens.sum)));
}

GridCell cost_cell(const KnownSum& cost, std::uint64_t calls) {
  if (cost.known == 0) return {kNone, false, Tone::faint};
  return plain(format("{}{}", cost.known < calls ? kAtLeast : "", usd_text(cost.sum)));
}

}  // namespace assay
