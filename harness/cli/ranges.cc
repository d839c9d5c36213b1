#include "harness/cli/ranges.h"

#include <charconv>
#include <cmath>
#include <optional>

#include "harness/base/format.h"

namespace assay {
namespace {

std::optional<double> number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

CLI::Validator number_between(double low, double high) {
  const auto check = [low, high](std::string& text) {
    const auto value = number(text);
    return value && *value >= low && *value <= high
               ? std::string()
               : format("expected a number from {} to {}, not '{}'", low, high, text);
  };
  return CLI::Validator(check, format("FLOAT in [{} - {}]", low, high), "number_between");
}

CLI::Validator positive_number() {
  const auto check = [](std::string& text) {
    const auto value = number(text);
    return value && *value > 0 ? std::string() : format("expected a number above 0, not '{}'", text);
  };
  return CLI::Validator(check, "FLOAT > 0", "positive_number");
}

}  // namespace assay
