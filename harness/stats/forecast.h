// What the sum of things that are still to come will be, from a sample of like things. Pure functions.
//
// Threads: any. Units: those of the values.
#pragma once

#include <cstdint>

namespace assay {

// n values by their sums.
struct Moments {
  std::uint64_t n = 0;
  double sum = 0;
  double sum_of_squares = 0;
  void add(double x) {
    ++n;
    sum += x;
    sum_of_squares += x * x;
  }
};

struct Forecast {
  double mean = 0;
  double low = 0;
  double high = 0;
};

// t with P(T <= t) = p for Student's T with `degrees` degrees of freedom. REQUIRES: 0 < p < 1, degrees >= 1.
// Exact for 1 and 2 degrees, else the expansion about the normal quantile of Abramowitz and Stegun 26.7.5; for
// p = 0.95 its error is below 0.003 from 3 degrees on.
double student_quantile(double p, double degrees);

// The sum of `count` further values of the same kind, with the interval in which it lies with probability `level`, to
// the normal approximation: the mean's own error grows with the count, the values' scatter with its root,
//   count * mean -+ t * s * sqrt(count^2 / n + count),   t of n - 1 degrees.
// Never below 0. REQUIRES: n >= 2, values not negative.
Forecast sum_to_come(const Moments& seen, double count, double level = 0.90);

}  // namespace assay
