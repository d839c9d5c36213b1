#include <cmath>
#include <numbers>

#include "backends/local/config/model_config.h"

namespace assay::local {
namespace {

// Llama 3.1's scaling (Meta's release of the model, and "llama3" in transformers): wavelengths up to
// original_context / high_freq_factor stay, those from original_context / low_freq_factor on are stretched by
// `factor`, and between the two the frequency goes over from one to the other in a straight line.
double llama3_frequency(double frequency, const Rope& rope) {
  const double wavelength = 2 * std::numbers::pi / frequency;
  if (wavelength < rope.original_context / rope.high_freq_factor) return frequency;
  if (wavelength > rope.original_context / rope.low_freq_factor) return frequency / rope.factor;
  const double share = (rope.original_context / wavelength - rope.low_freq_factor) /
                       (rope.high_freq_factor - rope.low_freq_factor);
  return (1 - share) * frequency / rope.factor + share * frequency;
}

}  // namespace

std::vector<double> rotary_frequencies(const ModelConfig& config) {
  std::vector<double> out;
  const Rope& rope = config.rope;
  for (std::int64_t i = 0; i < config.head_dim / 2; ++i) {
    // Su et al., RoFormer (arXiv 2104.09864), section 3.2.2.
    const double plain =
        std::pow(rope.theta, -2 * static_cast<double>(i) / static_cast<double>(config.head_dim));
    switch (rope.scaling) {
      case RopeScaling::none: out.push_back(plain); break;
      case RopeScaling::linear: out.push_back(plain / rope.factor); break;  // Chen et al., arXiv 2306.15595
      case RopeScaling::llama3: out.push_back(llama3_frequency(plain, rope)); break;
      case RopeScaling::divisors: out.push_back(plain / rope.divisors[static_cast<std::size_t>(i)]); break;
    }
  }
  return out;
}

}  // namespace assay::local
