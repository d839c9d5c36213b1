#include "harness/stats/forecast.h"

#include <algorithm>
#include <cmath>

#include "harness/stats/intervals.h"

namespace assay {

double student_quantile(double p, double degrees) {
  if (degrees <= 1) return std::tan(M_PI * (p - 0.5));
  if (degrees <= 2) return (2 * p - 1) * std::sqrt(2 / (4 * p * (1 - p)));
  // Expansion of t in powers of 1 / degrees about the normal quantile, to the fourth term (Abramowitz and Stegun 26.7.5).
  const double z = normal_quantile(p);
  const double z2 = z * z;
  const double g1 = (z2 + 1) * z / 4;
  const double g2 = ((5 * z2 + 16) * z2 + 3) * z / 96;
  const double g3 = (((3 * z2 + 19) * z2 + 17) * z2 - 15) * z / 384;
  const double g4 = ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) * z / 92160;
  const double d = 1 / degrees;
  return z + d * (g1 + d * (g2 + d * (g3 + d * g4)));
}

Forecast sum_to_come(const Moments& seen, double count, double level) {
  const auto n = static_cast<double>(seen.n);
  const double mean = seen.sum / n;
  const double variance = std::max(0.0, (seen.sum_of_squares - seen.sum * mean) / (n - 1));
  const double t = student_quantile(0.5 + level / 2, n - 1);
  const double half = t * std::sqrt(variance * (count * count / n + count));
  return {count * mean, std::max(0.0, count * mean - half), count * mean + half};
}

}  // namespace assay
