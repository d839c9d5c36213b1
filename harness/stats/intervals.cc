#include "harness/stats/intervals.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "harness/base/check.h"

namespace assay {
namespace {

constexpr double kSqrt2 = 1.4142135623730951;
constexpr double kSqrt2Pi = 2.5066282746310002;

// The quantile of the lower half, where erfc keeps its relative precision.
double lower_quantile(double p) {
  const double t = std::sqrt(-2.0 * std::log(p));
  double x = -(t - (2.30753 + 0.27061 * t) / (1.0 + 0.99229 * t + 0.04481 * t * t));
  for (int step = 0; step < 4; ++step) {
    const double density = std::exp(-0.5 * x * x) / kSqrt2Pi;
    if (!(density > 0)) break;
    const double error = (0.5 * std::erfc(-x / kSqrt2) - p) / density;
    x -= error / (1.0 + 0.5 * x * error);  // Halley's correction of Newton's step
  }
  return x;
}

double z_of(double level) {
  CHECK_THAT_HOLDS(level > 0 && level < 1, "a confidence level lies between 0 and 1");
  return normal_quantile(0.5 + 0.5 * level);
}

}  // namespace

double normal_quantile(double p) {
  CHECK_THAT_HOLDS(p > 0 && p < 1, "a quantile needs a probability between 0 and 1");
  if (p == 0.5) return 0;
  return p < 0.5 ? lower_quantile(p) : -lower_quantile(1.0 - p);
}

ConfidenceInterval wilson_interval(double successes, double n, double level) {
  CHECK_THAT_HOLDS(n > 0, "an interval needs at least one observation");
  const double z = z_of(level);
  const double p = std::clamp(successes / n, 0.0, 1.0);
  const double scale = 1.0 + z * z / n;
  const double centre = (p + z * z / (2.0 * n)) / scale;
  const double half = z * std::sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n)) / scale;
  // At the edges the formula gives exactly 0 and 1 but for rounding.
  return {p == 0.0 ? 0.0 : std::max(0.0, centre - half), p == 1.0 ? 1.0 : std::min(1.0, centre + half)};
}

MeanError mean_from_sums(std::uint64_t count, double sum, double sum_of_squares) {
  CHECK_THAT_HOLDS(count > 0, "a mean needs at least one observation");
  const double n = static_cast<double>(count);
  MeanError out;
  out.mean = sum / n;
  if (count < 2) return out;
  const double deviations = sum_of_squares - sum * out.mean;
  // What adding N numbers one by one can leave of nothing (Higham 2002, section 4.2). Values in
  // [0, 1] that differ at all, by 1/K for one of them, leave about 1/K^2, which is far more.
  const double rounding = n * std::numeric_limits<double>::epsilon() * sum_of_squares;
  if (deviations > rounding) out.standard_error = std::sqrt(deviations / (n - 1.0) / n);
  return out;
}

ConfidenceInterval normal_interval(double centre, double standard_error, double level) {
  const double half = z_of(level) * standard_error;
  return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

EstimateWithInterval mean_of_estimates(std::span<const EstimateWithInterval> estimates) {
  CHECK_THAT_HOLDS(!estimates.empty(), "a mean needs at least one estimate");
  double sum = 0;
  double below = 0;
  double above = 0;
  for (const EstimateWithInterval& e : estimates) {
    sum += e.estimate;
    below += (e.estimate - e.interval.low) * (e.estimate - e.interval.low);
    above += (e.interval.high - e.estimate) * (e.interval.high - e.estimate);
  }
  const double count = static_cast<double>(estimates.size());
  EstimateWithInterval out;
  out.estimate = sum / count;
  out.interval.low = std::max(0.0, out.estimate - std::sqrt(below) / count);
  out.interval.high = std::min(1.0, out.estimate + std::sqrt(above) / count);
  return out;
}

}  // namespace assay
