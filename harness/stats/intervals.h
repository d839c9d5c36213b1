// Intervals for means and proportions. Pure functions of counts and sums.
//
// Threads: any. Units: fractions in [0, 1] in and out; `level` is the confidence, 0.95 for 95 %.
// Errors: none; what an argument must satisfy is said beside each function.
// Sources: docs/reading-reports.md has the reasons; the formulas are cited at each function.
#pragma once

#include <cstdint>
#include <span>

namespace assay {

inline constexpr double kDefaultLevel = 0.95;

struct ConfidenceInterval {
  double low = 0;
  double high = 1;
};

// z with P(Z <= z) = p for a standard normal Z. REQUIRES: 0 < p < 1.
// Start from Abramowitz and Stegun 26.2.22 (error below 3e-3), then Newton steps on erfc, which
// leave no more than rounding error.
double normal_quantile(double p);

// Wilson's score interval for a proportion (Wilson 1927):
//   (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n),  p = successes / n.
// `successes` may be fractional: values in [0, 1] have a variance of at most p(1-p), so that the
// interval is then too wide rather than too narrow. REQUIRES: n > 0, 0 <= successes <= n.
ConfidenceInterval wilson_interval(double successes, double n, double level = kDefaultLevel);

// A mean and its standard error from sums, by the central limit theorem:
//   SE = sqrt(sum (q_i - mean)^2 / (N-1) / N).
// To be fed with one value a question, never with one a repeat (Miller 2024, arXiv 2411.00640).
// A variance within what rounding can leave of N equal values is taken as 0. REQUIRES: count >= 1.
// With count = 1 the standard error is 0 and says nothing.
struct MeanError {
  double mean = 0;
  double standard_error = 0;
};
MeanError mean_from_sums(std::uint64_t count, double sum, double sum_of_squares);

// centre -+ z SE, cut to [0, 1].
ConfidenceInterval normal_interval(double centre, double standard_error, double level = kDefaultLevel);

// The mean of T independent estimates, each with an interval of its own, by squaring and adding
// distances (Newcombe 1998, method 10, for two; Zou and Donner 2008 in general):
//   low = mean - sqrt(sum (e_t - l_t)^2) / T,  high = mean + sqrt(sum (u_t - e_t)^2) / T.
// Unlike adding variances it keeps the asymmetry near 0 and 1. REQUIRES: not empty.
struct EstimateWithInterval {
  double estimate = 0;
  ConfidenceInterval interval;
};
EstimateWithInterval mean_of_estimates(std::span<const EstimateWithInterval> estimates);

}  // namespace assay
